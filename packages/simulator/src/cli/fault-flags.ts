import { Option } from 'commander';
import type { CommandWords } from './commands.js';
import { parseDuration, parseWhen, type When } from './duration.js';

/** A command to run, at once or later. */
export interface PlannedCommand {
  readonly words: CommandWords;
  /** Unset: before the first connection. */
  readonly when: When | undefined;
}

/** The flags that say more about a fault. */
export interface FaultDetails {
  readonly only?: string;
  readonly closeCode?: string;
  readonly closeReason?: string;
  readonly burstTicks?: string;
  readonly refuseStatus?: string;
}

interface FaultFlag {
  readonly flags: string;
  readonly help: string;
  /** Refuses a value that cannot be right. */
  readonly check: (value: string) => unknown;
  /** The flag's value is when it happens; else the fault holds from the start. */
  readonly timed: boolean;
  readonly words: (value: string, details: FaultDetails) => CommandWords;
}

const timed = (name: string, help: string, words: FaultFlag['words']): FaultFlag => ({
  flags: `--${name} <when>`,
  help,
  check: parseWhen,
  timed: true,
  words,
});

const standing = (flags: string, help: string, words: FaultFlag['words']): FaultFlag => ({
  flags,
  help,
  check: flags.endsWith('<duration>') ? parseDuration : Number,
  timed: false,
  words,
});

/** Every fault as a flag, by the name under which commander keeps it. Each can be given several times. */
const FAULT_FLAGS: Readonly<Record<string, FaultFlag>> = {
  drop: timed('drop', 'reset connections', (_, { only }) => ['drop', only]),
  stall: timed('stall', 'send nothing any more, heartbeats neither', (_, { only }) => ['stall', only]),
  blackhole: timed('blackhole', 'answer nothing any more', (_, { only }) => ['blackhole', only]),
  close: timed(
    'close',
    'close with --close-code and --close-reason',
    (_, { closeCode, closeReason, only }) => ['close', closeCode, closeReason, only],
  ),
  burst: timed('burst', 'send --burst-ticks at once', (_, { burstTicks, only }) => [
    'burst',
    burstTicks,
    only,
  ]),
  pause: timed('pause', 'take the server down', () => ['pause']),
  resume: timed('resume', 'undo stall and pause', () => ['resume']),
  expireTokens: timed('expire-tokens', 'let no known token in again', () => ['expire-tokens']),
  order: timed('order', 'post an order update to each account', () => ['order']),
  corrupt: standing('--corrupt <part>', 'flip bits in this part of the frames, 0 to 1', (part, { only }) => [
    'corrupt',
    part,
    only,
  ]),
  truncate: standing('--truncate <part>', 'cut this part of the frames short, 0 to 1', (part, { only }) => [
    'truncate',
    part,
    only,
  ]),
  fragment: standing('--fragment <pieces>', 'send messages as WebSocket fragments', (pieces, { only }) => [
    'fragment',
    pieces,
    only,
  ]),
  lag: standing('--lag <duration>', 'send everything so much later', (duration, { only }) => [
    'lag',
    duration,
    only,
  ]),
  refuse: standing(
    '--refuse <count>',
    'refuse the first handshakes with --refuse-status',
    (count, { refuseStatus }) => ['refuse', count, refuseStatus],
  ),
  slowHandshake: standing('--slow-handshake <duration>', 'answer handshakes late, or never', (duration) => [
    'slow-handshake',
    duration,
  ]),
};

/** The options that commander shall know, those that say more included. */
export function faultOptions(): Option[] {
  const faults = Object.values(FAULT_FLAGS).map(({ flags, help, check }) =>
    new Option(flags, help).argParser((value: string, before: string[] | undefined) => {
      check(value);
      return [...(before ?? []), value];
    }),
  );
  return [
    ...faults,
    new Option(
      '--only <who>',
      'the connection that faults are about: its id, an api key or a user id (default: all)',
    ),
    new Option('--close-code <code>', 'for --close (default: 1000)'),
    new Option('--close-reason <text>', 'for --close'),
    new Option('--burst-ticks <n>', 'for --burst (default: 1000)'),
    new Option('--refuse-status <status>', 'for --refuse (default: 503)'),
  ];
}

/** What the given flags ask for. */
export function planFaults(flags: Readonly<Record<string, unknown>> & FaultDetails): PlannedCommand[] {
  return Object.entries(FAULT_FLAGS).flatMap(([name, fault]) =>
    ((flags[name] as string[] | undefined) ?? []).map((value) => ({
      words: fault.words(value, flags),
      when: fault.timed ? parseWhen(value) : undefined,
    })),
  );
}
