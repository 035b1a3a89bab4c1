import { Mode, segmentName, segmentOf } from '@kite/manager';
import { MAX_CONNECTIONS_PER_KEY, MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/protocol';

/** What an account may watch: three connections of 3000 instruments. */
export const MOST_INSTRUMENTS = MAX_CONNECTIONS_PER_KEY * MAX_INSTRUMENTS_PER_CONNECTION;

/** An instrument to watch. */
export interface Watched {
  readonly instrumentToken: number;
  /** Its usual name. */
  readonly symbol: string;
  readonly mode: Mode;
}

/** Well-known instruments, by the tokens of Kite's published instruments list. */
const WELL_KNOWN: ReadonlyMap<number, string> = new Map([
  [256265, 'NIFTY 50'],
  [260105, 'NIFTY BANK'],
  [265, 'SENSEX'],
  [264969, 'INDIA VIX'],
  [738561, 'RELIANCE'],
  [408065, 'INFY'],
  [2953217, 'TCS'],
  [341249, 'HDFCBANK'],
  [1270529, 'ICICIBANK'],
  [779521, 'SBIN'],
  [1510401, 'AXISBANK'],
  [492033, 'KOTAKBANK'],
  [2714625, 'BHARTIARTL'],
  [424961, 'ITC'],
  [356865, 'HINDUNILVR'],
  [2939649, 'LT'],
  [2815745, 'MARUTI'],
  [969473, 'WIPRO'],
  [897537, 'TITAN'],
  [895745, 'TATASTEEL'],
]);

/** The tokens to watch by default. */
export const WELL_KNOWN_TOKENS: readonly number[] = [...WELL_KNOWN.keys()];

/** The well-known instruments as a list, for when Kite's list is not available. All but one are from NSE. */
export function wellKnownList(): string {
  const rows = [...WELL_KNOWN].map(
    ([token, symbol]) => `${token},${symbol},${symbol === 'SENSEX' ? 'BSE' : 'NSE'}`,
  );
  return ['instrument_token,tradingsymbol,exchange', ...rows].join('\n');
}

/** The symbol of a token, or if unknown, its segment and number: `NSE 895745`. */
export function symbolOf(instrumentToken: number): string {
  const segment = segmentOf(instrumentToken);
  return (
    WELL_KNOWN.get(instrumentToken) ?? `${segmentName(segment) ?? `segment ${segment}`} ${instrumentToken}`
  );
}

/** Of every five instruments, three are in full mode, one in quote and one in ltp. */
const MIX = [Mode.Full, Mode.Full, Mode.Full, Mode.Quote, Mode.LTP] as const;

/**
 * The mode of the instrument at this place of a list that shows every mode. The well-known ones come first, in full, so
 * that a first look shows no empty cells.
 */
export function mixedMode(index: number): Mode {
  return index < WELL_KNOWN.size ? Mode.Full : MIX[index % MIX.length]!;
}

/** INFY's token with a typo: neither Kite nor the simulator has such an instrument. */
export const MISTYPED_TOKEN = 408064;
