import { tmpdir } from 'node:os';
import path from 'node:path';
import { Instruments } from '@kite/instruments';
import { type ManagerOptions, Mode } from '@kite/manager';
import { parseInstrumentTokens } from '@kite/protocol';
import { type Instrument, type Simulator, startSimulator } from '@kite/simulator';

import { type Credentials, credentialsFrom, missing } from './credentials.js';
import {
  MISTYPED_TOKEN,
  mixedMode,
  MOST_INSTRUMENTS,
  symbolOf,
  type Watched,
  WELL_KNOWN_TOKENS,
  wellKnownList,
} from './watch-list.js';

/** The source of an example's ticks, and its instruments. Closing it stops what it started. */
export interface Feed extends AsyncDisposable {
  /** Its name in a word or two. */
  readonly name: string;
  /** Options for a `KiteTicker` or a `KiteTickerManager`. */
  readonly connection: Pick<ManagerOptions, 'apiKey' | 'url'> & { accessToken: string };
  /** This feed's list of instruments: names to tokens, and back. */
  readonly instruments: Instruments;
  /** What to watch, the best known first. */
  readonly watched: readonly Watched[];
  /** The other end of a simulated feed. */
  readonly simulator: Simulator | undefined;
}

/** Which feed. */
export interface FeedOptions {
  /** What to watch, all in full. Default: on the simulator `instruments` in mixed modes, else the well-known ones. */
  tokens?: readonly (number | string)[] | undefined;
  /** How many of the simulator's instruments to watch without `tokens`. Default 9000, the most for an account. */
  instruments?: number | undefined;
  /** Another server than Kite's; also needs credentials. */
  url?: string | undefined;
  /** The source of the credentials. Default: the environment of the process. */
  env?: NodeJS.ProcessEnv;
}

/**
 * The real feed with the credentials `KITE_API_KEY` and `KITE_ACCESS_TOKEN`; without them a simulator, which starts here.
 *
 * @throws KiteError `KITE_EXAMPLES_CREDENTIALS_MISSING`, `KITE_SIMULATOR_LISTEN_FAILED` or `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`
 */
export async function openFeed(options: FeedOptions = {}): Promise<Feed> {
  const { tokens, instruments = MOST_INSTRUMENTS, url, env = process.env } = options;
  const credentials = credentialsFrom(env);
  if (credentials) return await realFeed(credentials, tokens, url);
  if (url !== undefined) throw missing('KITE_API_KEY', 'a server of your own needs credentials as well');
  return await simulatedFeed(tokens, instruments);
}

async function realFeed(
  credentials: Credentials,
  tokens: FeedOptions['tokens'] = WELL_KNOWN_TOKENS,
  url: string | undefined,
): Promise<Feed> {
  const instruments = await listOf(url);
  return {
    name: url === undefined ? 'Kite' : originOf(url),
    connection: { ...credentials, ...(url !== undefined && { url }) },
    instruments,
    watched: inFull(parseInstrumentTokens(tokens, 'tokens', instruments), (token) =>
      nameOf(instruments, token),
    ),
    simulator: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Kite's list, cached for the day, or another server's (a simulator's). Without it only a few names are known. */
async function listOf(url: string | undefined): Promise<Instruments> {
  const place =
    url === undefined
      ? { cacheDir: path.join(tmpdir(), 'kite-examples') }
      : { url: `${originOf(url).replace(/^ws/, 'http')}/instruments` };
  try {
    return await Instruments.load(place);
  } catch (error) {
    console.error(
      `# names of few instruments are known: ${error instanceof Error ? error.message : String(error)}`,
    );
    return Instruments.parse(wellKnownList());
  }
}

async function simulatedFeed(tokens: FeedOptions['tokens'], length: number): Promise<Feed> {
  const simulator = await startSimulator({ silentTokens: [MISTYPED_TOKEN], unlistedTokens: 'silent' });
  const { url, httpUrl, instruments: market } = simulator;
  const instruments = await Instruments.load({ url: `${httpUrl}/instruments` });
  return {
    name: 'simulator',
    connection: { apiKey: 'simulated', accessToken: 'simulated', url },
    instruments,
    watched: tokens
      ? inFull(parseInstrumentTokens(tokens, 'tokens', instruments), (token) => nameOf(instruments, token))
      : bestKnown(market, length),
    simulator,
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

/** The usual name of an instrument: its symbol, if known. */
export function nameOf(instruments: Instruments, token: number): string {
  return instruments.get(token)?.tradingsymbol ?? symbolOf(token);
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

/** Scheme, host and port, safe to show. The connection reports an invalid URL. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return 'another server';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
