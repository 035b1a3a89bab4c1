import { isInstrumentToken, MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/connection';
import { Command, InvalidArgumentError } from 'commander';

import type { Faults } from '../feed/faults.js';

/** A fault for so many seconds after the start. */
interface PlannedFault {
  readonly name: keyof Faults;
  readonly seconds: number;
}

/** What the command line asks for. */
export interface Arguments {
  /** End by itself after so many seconds. */
  readonly seconds?: number;
  readonly tokens?: readonly number[];
  readonly url?: string;
  /** What is to go wrong, and when. */
  readonly fault?: readonly PlannedFault[];
  /** Lines, also on a terminal. */
  readonly plain?: boolean;
}

const HELP = `
With KITE_API_KEY and KITE_ACCESS_TOKEN set, this is the real feed. Without them a simulated market is
started on this machine, and its connection can be broken by key: d drops it, s stalls it.

Without a terminal (in a pipe or a script) it prints lines in place of the table.

Examples:
  npm start
  npm start -- --seconds 10 | tee market.log
  npm start -- --tokens 256265,408065,738561
`;

/**
 * Reads the command line.
 *
 * @throws CommanderError when it asks for help, or for what there is not; what there is to say has been printed then
 */
export function parseArguments(argv: readonly string[]): Arguments {
  return new Command('npm start --')
    .description('The live market in the terminal, until Ctrl-C.')
    .option('--seconds <n>', 'end after so many seconds', seconds)
    .option('--tokens <list>', 'the instrument tokens to watch, with commas between', tokens)
    .option('--url <url>', "another server than Kite's, a simulator elsewhere for instance")
    .option(
      '--fault <name@seconds>',
      'drop@5 or stall@5: breaks the simulated connection then; several times for several',
      fault,
    )
    .option('--plain', 'lines in place of the table, also on a terminal')
    .addHelpText('after', HELP)
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride()
    .parse(argv, { from: 'user' })
    .opts<Arguments>();
}

/** The longest time that a timer can wait. */
const MAX_SECONDS = 2 ** 31 / 1000 - 1;

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a number above 0, and at most ${Math.floor(MAX_SECONDS)}.`);
}

function tokens(text: string): number[] {
  const list = [...new Set(text.split(',').map(token))];
  if (list.length <= MAX_INSTRUMENTS_PER_CONNECTION) return list;
  throw new InvalidArgumentError(
    `These are ${list.length}; one connection has room for ${MAX_INSTRUMENTS_PER_CONNECTION}.`,
  );
}

function token(text: string): number {
  const value = Number(text);
  if (/^\s*\d+\s*$/.test(text) && isInstrumentToken(value)) return value;
  throw new InvalidArgumentError(
    `'${text}' is no instrument token; they are integers such as 256265, from 1 to 4294967295.`,
  );
}

function fault(text: string, before: readonly PlannedFault[] = []): PlannedFault[] {
  const [, name, at] = /^(drop|stall)@(.+)$/.exec(text) ?? [];
  if (name === undefined || at === undefined) throw new InvalidArgumentError('Use drop@5 or stall@5.');
  return [...before, { name: name as keyof Faults, seconds: seconds(at) }];
}
