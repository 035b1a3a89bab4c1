import { Option } from 'commander';

import {
  checkCloseCode,
  checkCloseReason,
  checkCount,
  checkDelay,
  checkPart,
  checkStatus,
  checkTokens,
} from '../argument.js';
import { DURATION, parseDuration, parseWhen, type When } from './duration.js';
import { checked, notAllowed, number } from './flag-value.js';
import type { CommandWords } from './words.js';

/** A command to run, at once or later. */
export interface PlannedCommand {
  readonly words: CommandWords;
  /** Unset: before the first connection. */
  readonly when: When | undefined;
}

/** Flags that faults read besides their own. */
export interface FaultDetails {
  readonly only?: string;
  /** When to pause, see {@link parseWhen}. */
  readonly pause?: readonly string[];
  readonly closeCode?: string;
  readonly closeReason?: string;
  readonly burstTicks?: string;
  readonly refuseStatus?: string;
  readonly expiring?: string;
  readonly orderStatus?: string;
}

interface FaultFlag {
  readonly flags: string;
  readonly help: string;
  /** Refuses a value that cannot be right. */
  readonly check: (value: string) => unknown;
  /** True: the flag's value says when. False: the fault holds from the start. */
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

const standing = (
  flags: string,
  help: string,
  check: FaultFlag['check'],
  words: FaultFlag['words'],
): FaultFlag => ({ flags, help, check, timed: false, words });

const part = checked(number, (value) => checkPart('part', value));
const count = checked(number, (value) => checkCount('count', value));
const countOrInfinity = checked(number, (value) => checkCount('count', value, true));
const closeCode = checked(number, (value) => checkCloseCode('code', value));
const closeReason = checked(String, (value) => checkCloseReason('reason', value));
const status = checked(number, (value) => checkStatus('status', value));
const tokens = checked(
  (text) => text.split(',').map(Number),
  (value) => checkTokens('tokens', value),
);
const delay = checked(parseDuration, (value) => checkDelay('delay', value, false), DURATION);

/** Every fault as a flag, by commander's name for it. Each can be given several times. */
const FAULT_FLAGS: Readonly<Record<string, FaultFlag>> = {
  drop: timed('drop', 'reset connections', (_, { only }) => ['drop', only]),
  stall: timed('stall', 'send nothing, not even heartbeats', (_, { only }) => ['stall', only]),
  blackhole: timed('blackhole', 'answer nothing, not even pings', (_, { only }) => ['blackhole', only]),
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
  // Only without a selection does it undo a pause. The pause dropped every connection, so none is left stalled.
  resume: timed('resume', 'undo stall and pause', (_, { only, pause }) => [
    'resume',
    pause ? undefined : only,
  ]),
  expireTokens: timed('expire-tokens', 'expire all access tokens', () => ['expire-tokens']),
  expireInstruments: timed(
    'expire-instruments',
    'end the trading of the --expiring instruments',
    (_, { expiring }) => ['expire-instruments', expiring],
  ),
  order: timed('order', 'post an order update with --order-status to each account', (_, { orderStatus }) => [
    'order',
    'all',
    orderStatus,
  ]),
  corrupt: standing(
    '--corrupt <part>',
    'flip bits in this part of the frames, 0 to 1',
    part,
    (value, { only }) => ['corrupt', value, only],
  ),
  truncate: standing(
    '--truncate <part>',
    'cut this part of the frames short, 0 to 1',
    part,
    (value, { only }) => ['truncate', value, only],
  ),
  fragment: standing(
    '--fragment <pieces>',
    'send messages as WebSocket fragments',
    count,
    (pieces, { only }) => ['fragment', pieces, only],
  ),
  lag: standing('--lag <duration>', 'delay everything by this time', delay, (duration, { only }) => [
    'lag',
    duration,
    only,
  ]),
  refuse: standing(
    '--refuse <count>',
    'refuse the first handshakes with --refuse-status',
    countOrInfinity,
    (times, { refuseStatus }) => ['refuse', times, refuseStatus],
  ),
  slowHandshake: standing(
    '--slow-handshake <duration>',
    'answer handshakes late, or never',
    parseDuration,
    (duration) => ['slow-handshake', duration],
  ),
};

/** All of commander's options for faults, detail flags included. */
export function faultOptions(): Option[] {
  const faults = Object.values(FAULT_FLAGS).map(({ flags, help, check }) =>
    new Option(flags, help).argParser((value: string, before: string[] | undefined) => {
      check(value);
      return [...(before ?? []), value];
    }),
  );
  return [
    ...faults,
    detail(
      '--only <who>',
      'whom faults hit: a connection id, an api key or a user id (default: all)',
      someone,
    ),
    detail('--close-code <code>', 'for --close (default: 1000)', closeCode),
    detail('--close-reason <text>', 'for --close', closeReason),
    detail('--burst-ticks <n>', 'for --burst (default: 1000)', count),
    detail('--refuse-status <status>', 'for --refuse (default: 503)', status),
    detail('--order-status <status>', 'for --order (default: COMPLETE)', someStatus),
    detail('--expiring <tokens>', 'for --expire-instruments, with commas between', tokens),
  ];
}

function detail(flags: string, help: string, check: (value: string) => unknown): Option {
  return new Option(flags, help).argParser((value: string) => {
    check(value);
    return value;
  });
}

function someone(text: string): void {
  if (text === '') throw notAllowed("a connection's id, an api key or a user id");
}

function someStatus(text: string): void {
  if (text.trim() === '') throw notAllowed('an order status such as REJECTED');
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
