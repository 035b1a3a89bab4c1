import { Option } from 'commander';

import { type FeedArguments, feedCommand, parseInstrument } from '../kit/command-line.js';

const INTERVALS = ['5s', '1m', '5m', '15m', '1h', '1d'] as const;

/** What the command line asks for. */
export interface Arguments extends FeedArguments {
  /** Tokens and names. */
  readonly tokens: readonly (number | string)[];
  readonly interval: (typeof INTERVALS)[number];
}

const DEFAULT_NAMES = ['NSE:INFY', 'NSE:RELIANCE', 'NSE:NIFTY 50'];

/** @throws CommanderError for bad arguments */
export function parseArguments(args: readonly string[]): Arguments {
  const interval = new Option('--interval <length>', 'how long a candle is').choices(INTERVALS).default('5s');
  const command = feedCommand('npm run example candles --')
    .argument(
      '[names...]',
      `instruments as NSE:INFY, or tokens (default: ${DEFAULT_NAMES.join(', ')})`,
      (name, before: Arguments['tokens'] | undefined) => [...(before ?? []), parseInstrument(name)],
    )
    .addOption(interval)
    .parse(args, { from: 'user' });
  const [named] = command.processedArgs as [Arguments['tokens']];
  const { tokens, ...asked } = command.opts<Omit<Arguments, 'tokens'> & Pick<FeedArguments, 'tokens'>>();
  return { ...asked, tokens: tokens ?? (command.args.length > 0 ? named : DEFAULT_NAMES) };
}
