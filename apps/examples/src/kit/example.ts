import { setTimeout as delay } from 'node:timers/promises';
import type { Instruments } from '@kite/instruments';
import { isKiteError } from '@kite/manager';
import type { Simulator } from '@kite/simulator';

import { type FeedArguments, feedCommand } from '../feed/command-line.js';
import { type Feed, nameOf, openFeed } from '../feed/feed.js';
import { Lifetime } from '../live-market/lifetime.js';
import { program } from './program.js';

/** What an example is given. */
export interface Stage {
  /** The API key, the access token and the URL: a simulator's, or with credentials in the environment Kite's. */
  readonly connection: Feed['connection'];
  /** The feed's list of instruments: a manager takes names with it, as its option `instruments`. */
  readonly instruments: Instruments;
  /** The instruments of `--tokens`, else the first few that everybody knows. */
  readonly tokens: readonly number[];
  /** What people call an instrument. */
  readonly nameOf: (instrumentToken: number) => string;
  /** The server, where it is a simulated one: to make things happen that one waits for on a real one. */
  readonly simulator: Simulator | undefined;
  /** Aborted at the end: by Ctrl-C, or after `--seconds`. */
  readonly signal: AbortSignal;
  /** Does this at the end, by whatever way it comes. */
  readonly onEnd: (act: () => unknown) => void;
  /** Waits; the end ends it, and the example with it. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** How much an example wants to watch where nobody says. */
interface ExampleOptions {
  /** Default 5. A real feed has a list of 20. */
  readonly instruments?: number;
}

/**
 * Runs an example: reads its command line, opens its feed, and ends it. Failures are told in words; the exit code is 0
 * for an end by whatever way, 1 for what went wrong, 2 for what was asked wrongly.
 */
export async function example(
  body: (stage: Stage) => Promise<void>,
  { instruments = 5 }: ExampleOptions = {},
): Promise<void> {
  await program(async () => {
    const asked = feedCommand('npm run example NAME --').parse().opts<FeedArguments>();
    await perform(body, asked, instruments);
  });
}

async function perform(
  body: (stage: Stage) => Promise<void>,
  { seconds, ...asked }: FeedArguments,
  instruments: number,
): Promise<void> {
  // Never disposed of: until the process is over, Ctrl-C is to do no more than end it.
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

/** What is waited for rejects at the end, and that is no failure. */
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
