import { InvalidArgumentError } from 'commander';

import { type FeedArguments, feedCommand } from '../kit/command-line.js';

/** What the command line asks for. */
export interface Arguments extends FeedArguments {
  /** The port of the page on this machine; 0: any free port. */
  readonly port: number;
}

const DEFAULT_PORT = 8420;

const HELP = `
With KITE_API_KEY and KITE_ACCESS_TOKEN set, this is the real feed; without them a simulated market is
started on this machine. The page is for this machine alone, and the credentials never reach it.

Examples:
  npm run example depth-board
  npm run example depth-board -- --port 9000 --tokens 256265,408065,738561
`;

/**
 * Reads the command line.
 *
 * @throws CommanderError for `--help` and for an unknown option; the help or the reason has been printed
 */
export function parseArguments(argv: readonly string[]): Arguments {
  return feedCommand('depth-board')
    .description('A page with a live watch list, order book and chart, until Ctrl-C.')
    .option(
      '--port <n>',
      'the port of the page on this machine; 0 for any free port',
      parsePort,
      DEFAULT_PORT,
    )
    .addHelpText('after', HELP)
    .parse(argv, { from: 'user' })
    .opts<Arguments>();
}

const MAX_PORT = 65_535;

function parsePort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= MAX_PORT) return value;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_PORT}.`);
}
