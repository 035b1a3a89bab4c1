import { Command, InvalidArgumentError } from 'commander';
import { isInstrumentToken } from '@kite/protocol';

import { MOST_INSTRUMENTS } from './watch-list.js';

/** Options of every command line. */
export interface FeedArguments {
  /** End after this many seconds. */
  readonly seconds?: number;
  /** Tokens, and names such as `NSE:INFY`. */
  readonly tokens?: readonly (number | string)[];
  readonly url?: string;
}

/** A command with the common options. It throws a CommanderError instead of ending the process. */
export function feedCommand(name: string): Command {
  return new Command(name)
    .option('--seconds <n>', 'end after this many seconds', parseSeconds)
    .option('--tokens <list>', 'the instruments to watch, by token or name, separated by commas', parseTokens)
    .option('--url <url>', "a server other than Kite's, such as another simulator")
    .showHelpAfterError('See -- --help. Options come after two dashes: -- --seconds 10')
    .exitOverride();
}

/** The longest wait of a timer. */
const MAX_SECONDS = 2 ** 31 / 1000 - 1;

/** @throws InvalidArgumentError */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a number above 0, and at most ${Math.floor(MAX_SECONDS)}.`);
}

/** A whole number from 1 to `most`. @throws InvalidArgumentError */
export function parseCount(text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
}

function parseTokens(text: string): (number | string)[] {
  const list = [...new Set(text.split(',').map(parseInstrument))];
  if (list.length <= MOST_INSTRUMENTS) return list;
  throw new InvalidArgumentError(
    `These are ${list.length}; three connections have room for ${MOST_INSTRUMENTS}.`,
  );
}

/** A token, or a name. @throws InvalidArgumentError */
export function parseInstrument(text: string): number | string {
  const value = Number(text);
  if (/^\s*\d+\s*$/.test(text) && isInstrumentToken(value)) return value;
  if (/^\s*[A-Z]+:./.test(text)) return text.trim();
  throw new InvalidArgumentError(
    `'${text}' is no instrument token; they are integers such as 256265, from 1 to 4294967295. A name is like NSE:INFY.`,
  );
}
