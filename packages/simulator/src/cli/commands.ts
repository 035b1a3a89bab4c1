import { nearestName } from '@kite/kit';

import type { ConnectionSelector } from '../server/selector.js';
import type { Simulator } from '../simulator.js';
import { type Command, MARKET_COMMANDS } from './market-commands.js';
import { type CommandWords, durationIn, numberIn, reached, required } from './words.js';

/** The commands that can be typed while the simulator runs; the fault flags use them too. */
const COMMANDS: Readonly<Record<string, Command>> = {
  drop: {
    usage: '[WHO]',
    help: 'reset the TCP connection',
    run: (simulator, [who]) => reached(simulator.drop(selector(who))),
  },
  stall: {
    usage: '[WHO]',
    help: 'send nothing, not even heartbeats',
    run: (simulator, [who]) => reached(simulator.stall(selector(who))),
  },
  resume: {
    usage: '[WHO]',
    help: 'undo stall; without WHO, undo pause too',
    run: (simulator, [who]) => simulator.resume(selector(who)),
  },
  blackhole: {
    usage: '[WHO]',
    help: 'a half-open peer: answer nothing, not even pings',
    run: (simulator, [who]) => reached(simulator.blackhole(selector(who))),
  },
  close: {
    usage: '[CODE] [REASON] [WHO]',
    help: 'close with a code',
    run: (simulator, [code, reason, who]) =>
      reached(simulator.close(numberIn(code, 1000), reason, selector(who))),
  },
  burst: {
    usage: '[TICKS] [WHO]',
    help: 'send this many ticks at once',
    run: (simulator, [ticks, who]) => reached(simulator.burst(numberIn(ticks, 1000), selector(who))),
  },
  corrupt: {
    usage: '[PART] [WHO]',
    help: 'flip bits in this part of the frames, 0 to 1',
    run: (simulator, [part, who]) => simulator.corrupt(numberIn(part, 1), selector(who)),
  },
  truncate: {
    usage: '[PART] [WHO]',
    help: 'cut this part of the frames short, 0 to 1',
    run: (simulator, [part, who]) => simulator.truncate(numberIn(part, 1), selector(who)),
  },
  fragment: {
    usage: '[PIECES] [WHO]',
    help: 'send each message in this many WebSocket fragments',
    run: (simulator, [pieces, who]) => simulator.fragment(numberIn(pieces, 3), selector(who)),
  },
  lag: {
    usage: '[DURATION] [WHO]',
    help: 'delay everything by this time',
    run: (simulator, [duration, who]) => simulator.lag(durationIn(duration, 1000), selector(who)),
  },
  refuse: {
    usage: '[COUNT] [STATUS] [API_KEY]',
    help: 'answer the next handshakes with an HTTP status',
    run: (simulator, [count, status, apiKey]) =>
      simulator.refuse(numberIn(count, 1), numberIn(status, 503), apiKey),
  },
  'slow-handshake': {
    usage: '[DURATION]',
    help: 'answer handshakes late, or never',
    run: (simulator, [duration]) => simulator.slowHandshake(durationIn(duration, Infinity)),
  },
  'expire-tokens': {
    usage: '[API_KEY]',
    help: 'expire all access tokens: the next connect needs a new one',
    run: (simulator, [apiKey]) => simulator.expireTokens(apiKey),
  },
  'set-token': {
    usage: 'API_KEY TOKEN',
    help: 'from now on the key needs this token',
    run: (simulator, [apiKey, token]) =>
      simulator.setAccessToken(required(apiKey, 'API_KEY'), required(token, 'TOKEN')),
  },
  'expire-instruments': {
    usage: 'TOKEN[,TOKEN…]',
    help: 'stop trading these instruments: nothing is sent for them',
    run: (simulator, [tokens]) =>
      simulator.expireInstruments(
        required(tokens, 'TOKEN')
          .split(',')
          .map((token) => numberIn(token, NaN)),
      ),
  },
  pause: { usage: '', help: 'take the server down until resume', run: (simulator) => simulator.pause() },
  heal: {
    usage: '',
    help: 'take back corrupt, truncate, fragment, lag, refuse and slow-handshake',
    run: (simulator) => simulator.heal(),
  },
  ...MARKET_COMMANDS,
  connections: {
    usage: '',
    help: 'list the open connections',
    run: (simulator) =>
      simulator.connections.map((connection) => JSON.stringify(connection)).join('\n') ||
      'no connection is open',
  },
  help: { usage: '', help: 'show this list', run: () => helpOnCommands() },
  // The caller acts on it, after the commands before it.
  quit: { usage: '', help: 'stop the simulator', run: () => undefined },
};

/** The result of a command. */
export interface Answer {
  /** False: it did nothing, and the text says why. */
  readonly ok: boolean;
  readonly text: string;
}

/** Runs a command. A failure is an answer as well. */
export async function runCommand(simulator: Simulator, [name, ...words]: CommandWords): Promise<Answer> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const nearest = nearestName(name, Object.keys(COMMANDS));
    const hint =
      nearest === undefined ? `There are ${Object.keys(COMMANDS).join(', ')}.` : `Did you mean ${nearest}?`;
    return { ok: false, text: `no such command: ${name}. ${hint}` };
  }
  if (words.length > mostWords(command))
    return { ok: false, text: `it takes ${command.usage || 'no words'}, and not '${words.join(' ')}'` };
  try {
    const answer = await command.run(simulator, words);
    return { ok: true, text: typeof answer === 'string' ? answer : 'done' };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether there is a command of this name. */
export function isCommand(name: string): boolean {
  return Object.hasOwn(COMMANDS, name);
}

function mostWords({ usage }: Command): number {
  const words = usage.split(' ').filter((word) => word !== '');
  return /^([A-Z]+…|\[[^\]]+…\])$/.test(words.at(-1) ?? '') ? Infinity : words.length;
}

/** A paragraph for each command, in this many columns. */
export function helpOnCommands(columns = process.stdout.isTTY ? process.stdout.columns : 80): string {
  const width = Math.max(columns - USAGE_COLUMNS - 3, USAGE_COLUMNS);
  const indented = `\n${' '.repeat(USAGE_COLUMNS + 3)}`;
  return Object.entries(COMMANDS)
    .map(([name, { usage, help }]) => {
      const typed = `${name} ${usage}`.trim();
      const gap = typed.length > USAGE_COLUMNS ? indented : ' '.repeat(USAGE_COLUMNS - typed.length + 1);
      return `  ${typed}${gap}${wrapped(help, width).join(indented)}`;
    })
    .join('\n');
}

const USAGE_COLUMNS = 34;

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A connection's id, an api key or a user id. */
function selector(who: string | undefined): ConnectionSelector | undefined {
  return who !== undefined && /^\d+$/.test(who) ? Number(who) : who;
}
