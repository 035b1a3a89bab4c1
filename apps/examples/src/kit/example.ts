import { setTimeout as delay } from 'node:timers/promises';
import type { Instruments } from '@kite/instruments';
import { isKiteError } from '@kite/manager';
import type { Simulator } from '@kite/simulator';

import { type FeedArguments, feedCommand } from './command-line.js';
import type { Cures } from './failure.js';
import { type Feed, nameOf, openFeed } from './feed.js';
import { Lifetime } from './lifetime.js';
import { program } from './program.js';

/** What an example gets. */
export interface Stage {
  /** The API key, access token and URL: a simulator's, or Kite's if the environment has credentials. */
  readonly connection: Feed['connection'];
  /** The feed's list of instruments: as its option `instruments`, it lets a manager take names. */
  readonly instruments: Instruments;
  /** The instruments of `--tokens`, else the first few well-known ones. */
  readonly tokens: readonly number[];
  /** The usual name of an instrument. */
  readonly nameOf: (instrumentToken: number) => string;
  /** The server, if simulated: to trigger events that a real one sends only now and then. */
  readonly simulator: Simulator | undefined;
  /** Aborted at the end: by Ctrl-C, or after `--seconds`. */
  readonly signal: AbortSignal;
  /** Does this at the end, however the example ends. */
  readonly onEnd: (act: () => unknown) => void;
  /** Waits; the end of the run cuts it short, and ends the example. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** What differs between examples. */
interface ExampleOptions {
  /** How many instruments it watches by default. Default 5. A real feed has a list of 20. */
  readonly instruments?: number;
  /** The error table of a package that few examples use. */
  readonly cures?: Cures;
}

/**
 * Runs an example: reads its command line, opens its feed, and ends it. Failures are printed as text; the exit code is
 * 0 for any normal end, 1 for a failure, 2 for bad arguments.
 */
export async function example(
  body: (stage: Stage) => Promise<void>,
  { instruments = 5, cures }: ExampleOptions = {},
): Promise<void> {
  await program(async () => {
    const asked = feedCommand('npm run example NAME --').parse().opts<FeedArguments>();
    await perform(body, asked, instruments);
  }, cures);
}

async function perform(
  body: (stage: Stage) => Promise<void>,
  { seconds, ...asked }: FeedArguments,
  instruments: number,
): Promise<void> {
  // Never disposed of: until the process exits, Ctrl-C must only end the example.
  const lifetime = new Lifetime(seconds);
  const { signal } = lifetime;
  try {
    await using feed = await openFeed({ ...asked, instruments });
    console.log(`# the feed: ${feed.name}`);
    if (!signal.aborted) await body(stageOn(feed, asked.tokens?.length ?? instruments, signal));
  } catch (error) {
    if (!isEnd(error, signal)) throw error;
  } finally {
    lifetime.end();
  }
}

function stageOn(feed: Feed, length: number, signal: AbortSignal): Stage {
  const { connection, instruments, watched, simulator } = feed;
  return {
    connection,
    instruments,
    tokens: watched.slice(0, length).map(({ instrumentToken }) => instrumentToken),
    nameOf: (token) => nameOf(instruments, token),
    simulator,
    signal,
    onEnd: (act) => {
      signal.addEventListener('abort', () => void act(), { once: true });
    },
    sleep: (ms) => delay(ms, undefined, { signal }),
  };
}

/** Pending waits reject at the end, which is no failure. */
function isEnd(error: unknown, { aborted }: AbortSignal): boolean {
  if (!aborted) return false;
  const codes = [
    'KITE_CONNECTION_CLOSED',
    'KITE_CONNECTION_ABORTED',
    'KITE_MANAGER_STOPPED',
    'KITE_MULTI_API_STOPPED',
  ];
  if (isKiteError(error)) return codes.includes(error.code);
  return error instanceof Error && error.name === 'AbortError';
}
