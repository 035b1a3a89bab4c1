import { Command, InvalidArgumentError } from 'commander';

import { parseCount, parseSeconds } from '../kit/command-line.js';
import { MOST_INSTRUMENTS } from '../kit/watch-list.js';

/** What the command line asks for. */
export interface Arguments {
  /** The same seed makes the same day. */
  readonly seed: number;
  readonly instruments: number;
  readonly faults: 'planned' | 'swarm' | 'none';
  /** When the day ends, in India. */
  readonly until: string;
  /** End after this many seconds of real time. */
  readonly seconds?: number;
}

const FAULTS = ['planned', 'swarm', 'none'];

/** Reads the command line. @throws CommanderError */
export function parseArguments(argv: readonly string[]): Arguments {
  return new Command('npm run example simulated-day --')
    .description('A trading day in virtual time, with its faults, gaps and counts.')
    .option('--seed <n>', 'the same seed makes the same day', parseSeed, 1)
    .option('--instruments <n>', 'how many to watch', (text) => parseCount(text, MOST_INSTRUMENTS), 500)
    .option(
      '--faults <which>',
      'planned: the faults of this example; swarm: drawn from the seed; none',
      parseFaults,
      'planned',
    )
    .option('--until <time>', 'when the day ends, in India; derivatives trade until 15:40', '15:40')
    .option('--seconds <n>', 'end after this many seconds of real time', parseSeconds)
    .showHelpAfterError('See -- --help. Options come after two dashes: -- --seed 847')
    .exitOverride()
    .parse(argv, { from: 'user' })
    .opts<Arguments>();
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number from 0.');
}

function parseFaults(text: string): string {
  if (FAULTS.includes(text)) return text;
  throw new InvalidArgumentError(`It must be ${FAULTS.join(', ')}.`);
}
