import { Endpoint, MAX_INSTRUMENTS_PER_CONNECTION, Mode, type TickerOptions } from '@kite/connection';
import { startSimulator, type Instrument } from '@kite/simulator';

import { credentialsFrom, missing, type Credentials } from './credentials.js';
import { SimulatorFaults, type Faults } from './faults.js';
import { mixedMode, symbolOf, WELL_KNOWN_TOKENS, type Watched } from './watch-list.js';

/** Where an example's ticks come from, and which. Closing it stops what was started for it. */
export interface Feed extends AsyncDisposable {
  /** In a word or two, for people. */
  readonly name: string;
  /** What a `KiteTicker` has to be given. */
  readonly connection: Pick<TickerOptions, 'apiKey' | 'accessToken' | 'url'>;
  /** What to watch, the best known first. */
  readonly watched: readonly Watched[];
  /** Only a simulated feed can be broken on purpose. */
  readonly faults: Faults | undefined;
}

/** Which feed. */
export interface FeedOptions {
  /** What to watch, all of it in full. Default: on the simulator 3000 instruments in a mix of modes, else the well-known ones. */
  tokens?: readonly number[] | undefined;
  /** Another server than Kite's; needs credentials as well. */
  url?: string | undefined;
  /** Where the credentials are. Default: the environment of the process. */
  env?: NodeJS.ProcessEnv;
}

/**
 * The real feed with the credentials `KITE_API_KEY` and `KITE_ACCESS_TOKEN`; without them a simulator, which starts here.
 *
 * @throws KiteError `KITE_EXAMPLES_CREDENTIALS_MISSING`, `KITE_CONNECTION_INVALID_OPTION` or
 * `KITE_CONNECTION_INSECURE_URL` for the URL, `KITE_SIMULATOR_LISTEN_FAILED`
 */
export async function openFeed({ tokens, url, env = process.env }: FeedOptions = {}): Promise<Feed> {
  const credentials = credentialsFrom(env);
  if (credentials) return realFeed(credentials, tokens, url);
  if (url !== undefined) throw missing('KITE_API_KEY', 'a server of your own needs credentials as well');
  return await simulatedFeed(tokens);
}

function realFeed(credentials: Credentials, tokens = WELL_KNOWN_TOKENS, url: string | undefined): Feed {
  return {
    name: url === undefined ? 'Kite' : new Endpoint(url, false).origin,
    connection: { ...credentials, ...(url !== undefined && { url }) },
    watched: inFull(tokens, symbolOf),
    faults: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function simulatedFeed(tokens: readonly number[] | undefined): Promise<Feed> {
  const simulator = await startSimulator({ instruments: MAX_INSTRUMENTS_PER_CONNECTION });
  const { url, instruments } = simulator;
  const symbols = new Map(
    instruments.map(({ instrumentToken, tradingsymbol }) => [instrumentToken, tradingsymbol]),
  );
  return {
    name: 'simulator',
    connection: { apiKey: 'simulated', accessToken: 'simulated', url },
    watched: tokens
      ? inFull(tokens, (token) => symbols.get(token) ?? symbolOf(token))
      : everything(instruments),
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
function everything(instruments: readonly Instrument[]): Watched[] {
  const rank = ({ instrumentToken }: Instrument) => WELL_KNOWN_TOKENS.indexOf(instrumentToken) >>> 0;
  return [...instruments]
    .sort((a, b) => rank(a) - rank(b) || b.activity - a.activity)
    .map(({ instrumentToken, tradingsymbol }, index) => ({
      instrumentToken,
      symbol: tradingsymbol,
      mode: mixedMode(index),
    }));
}
