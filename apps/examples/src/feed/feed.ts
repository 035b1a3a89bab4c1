import { type ManagerOptions, Mode } from '@kite/manager';
import { type Instrument, type Simulator, startSimulator } from '@kite/simulator';

import { type Credentials, credentialsFrom, missing } from './credentials.js';
import { type Faults, SimulatorFaults } from './faults.js';
import { MISTYPED_TOKEN, mixedMode, symbolOf, type Watched, WELL_KNOWN_TOKENS } from './watch-list.js';

/** Where an example's ticks come from, and which. Closing it stops what was started for it. */
export interface Feed extends AsyncDisposable {
  /** In a word or two, for people. */
  readonly name: string;
  /** What a `KiteTicker` or a `KiteTickerManager` has to be given. */
  readonly connection: Pick<ManagerOptions, 'apiKey' | 'url'> & { accessToken: string };
  /** What to watch, the best known first. */
  readonly watched: readonly Watched[];
  /** The other end of a simulated feed. */
  readonly simulator: Simulator | undefined;
  /** Only a simulated feed can be broken on purpose. */
  readonly faults: Faults | undefined;
}

/** Which feed. */
export interface FeedOptions {
  /** What to watch, all of it in full. Default: on the simulator `instruments` in a mix of modes, else the well-known ones. */
  tokens?: readonly number[] | undefined;
  /** How many of the simulator's instruments to watch where `tokens` does not say which. Default 9000, all that an account may. */
  instruments?: number | undefined;
  /** Another server than Kite's; needs credentials as well. */
  url?: string | undefined;
  /** Where the credentials are. Default: the environment of the process. */
  env?: NodeJS.ProcessEnv;
}

/** Three connections of 3000 instruments. */
export const MOST_INSTRUMENTS = 9000;

/**
 * The real feed with the credentials `KITE_API_KEY` and `KITE_ACCESS_TOKEN`; without them a simulator, which starts here.
 *
 * @throws KiteError `KITE_EXAMPLES_CREDENTIALS_MISSING` or `KITE_SIMULATOR_LISTEN_FAILED`
 */
export async function openFeed(options: FeedOptions = {}): Promise<Feed> {
  const { tokens, instruments = MOST_INSTRUMENTS, url, env = process.env } = options;
  const credentials = credentialsFrom(env);
  if (credentials) return realFeed(credentials, tokens, url);
  if (url !== undefined) throw missing('KITE_API_KEY', 'a server of your own needs credentials as well');
  return await simulatedFeed(tokens, instruments);
}

function realFeed(credentials: Credentials, tokens = WELL_KNOWN_TOKENS, url: string | undefined): Feed {
  return {
    name: url === undefined ? 'Kite' : originOf(url),
    connection: { ...credentials, ...(url !== undefined && { url }) },
    watched: inFull(tokens, symbolOf),
    simulator: undefined,
    faults: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function simulatedFeed(tokens: readonly number[] | undefined, length: number): Promise<Feed> {
  const simulator = await startSimulator({ silentTokens: [MISTYPED_TOKEN], unlistedTokens: 'silent' });
  const { url, instruments } = simulator;
  const symbols = new Map(
    instruments.map(({ instrumentToken, tradingsymbol }) => [instrumentToken, tradingsymbol]),
  );
  return {
    name: 'simulator',
    connection: { apiKey: 'simulated', accessToken: 'simulated', url },
    watched: tokens
      ? inFull(tokens, (token) => symbols.get(token) ?? symbolOf(token))
      : bestKnown(instruments, length),
    simulator,
    faults: new SimulatorFaults(simulator),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

function inFull(tokens: readonly number[], nameOf: (token: number) => string): Watched[] {
  return tokens.map((instrumentToken) => ({
    instrumentToken,
    symbol: nameOf(instrumentToken),
    mode: Mode.Full,
  }));
}

/** The well-known ones first, then the busiest, since rows at the top are what people see. */
function bestKnown(instruments: readonly Instrument[], length: number): Watched[] {
  const rank = ({ instrumentToken }: Instrument) => WELL_KNOWN_TOKENS.indexOf(instrumentToken) >>> 0;
  return [...instruments]
    .sort((a, b) => rank(a) - rank(b) || b.activity - a.activity)
    .slice(0, length)
    .map(({ instrumentToken, tradingsymbol }, index) => ({
      instrumentToken,
      symbol: tradingsymbol,
      mode: mixedMode(index),
    }));
}

/** Scheme, host and port: what may be shown of a URL. The connection says what is wrong with one that is none. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return 'another server';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
