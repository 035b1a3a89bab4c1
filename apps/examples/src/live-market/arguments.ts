import { InvalidArgumentError } from 'commander';
import type { ChannelId } from '@kite/manager';
import { MAX_CONNECTIONS_PER_KEY } from '@kite/protocol';

import { type FeedArguments, feedCommand, parseCount, parseSeconds } from '../kit/command-line.js';
import { MOST_INSTRUMENTS } from '../kit/watch-list.js';
import type { Faults } from './faults.js';

/** A fault at this many seconds after the start. */
interface PlannedFault {
  readonly name: keyof Faults;
  readonly channelId: ChannelId;
  readonly seconds: number;
}

/** What the command line asks for. */
export interface Arguments extends FeedArguments {
  /** How many connections to spread the instruments over. */
  readonly connections?: number;
  /** How many of the simulator's instruments to watch. */
  readonly instruments?: number;
  /** The faults, and when they happen. */
  readonly fault?: readonly PlannedFault[];
  /** Lines, also on a terminal. */
  readonly plain?: boolean;
}

const HELP = `
With KITE_API_KEY and KITE_ACCESS_TOKEN set, this is the real feed. Without them a simulated market is
started on this machine, and its connections can be broken by key: 1, 2 and 3 choose one, d drops it,
s stalls it, o is an outage. The key ? lists all keys.

Without a terminal (in a pipe or a script) it prints lines in place of the table. NO_COLOR=1 prints no
colours; FORCE_COLOR=1 prints them into a pipe as well.

Examples:
  npm start
  npm start -- --seconds 10 | tee market.log
  npm start -- --tokens 256265,408065,738561
  npm start -- --instruments 6000 --fault outage:2@5    where two connections have room for all
`;

/**
 * Reads the command line.
 *
 * @throws CommanderError for `--help` and for an unknown option; the help or the reason has been printed
 */
export function parseArguments(argv: readonly string[]): Arguments {
  return feedCommand('npm start --')
    .description('The live market in the terminal, until Ctrl-C.')
    .option('--connections <n>', 'how many connections to use, 1 to 3; default: 3', (text) =>
      parseCount(text, MAX_CONNECTIONS_PER_KEY),
    )
    .option(
      '--instruments <n>',
      "how many of the simulator's instruments to watch; default: as many as fit",
      (text) => parseCount(text, MOST_INSTRUMENTS),
    )
    .option(
      '--fault <name@seconds>',
      'drop@5, stall@5 or outage@5 breaks a simulated connection after 5 s, drop:2@5 the second one; repeat for more',
      parseFault,
    )
    .option('--plain', 'print lines instead of the table, even on a terminal')
    .addHelpText('after', HELP)
    .parse(argv, { from: 'user' })
    .opts<Arguments>();
}

function parseFault(text: string, before: readonly PlannedFault[] = []): PlannedFault[] {
  const [, name, number = '1', at] = /^(drop|stall|outage)(?::([123]))?@(.+)$/.exec(text) ?? [];
  if (name === undefined || at === undefined)
    throw new InvalidArgumentError(
      'Use drop@5, stall@5 or outage@5; drop:2@5 for the second connection, and so on.',
    );
  const channelId = (Number(number) - 1) as ChannelId;
  return [...before, { name: name as keyof Faults, channelId, seconds: parseSeconds(at) }];
}
