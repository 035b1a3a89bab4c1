import { priceDivisor, type Segment, segmentOf } from '@kite/protocol';

import { power } from '../power.js';
import { mix, SeededRandom } from '../random.js';
import { profileOf } from './segments.js';
import { WELL_KNOWN } from './well-known.js';

/** One instrument of the simulated exchange, as in an instruments list. */
export interface Instrument {
  /** The token to subscribe with; unsigned. */
  readonly instrumentToken: number;
  /** The exchange's short name: `INFY`. */
  readonly tradingsymbol: string;
  /** In words: `INFOSYS`. */
  readonly name: string;
  /** The low byte of the token. */
  readonly segment: Segment;
  /** `NSE`, `NFO`, `MCX` and so on. */
  readonly exchange: string;
  /** The smallest change of the price, in rupees. */
  readonly tickSize: number;
  /** Quantities are multiples of this. */
  readonly lotSize: number;
  /** In rupees: the previous close in a definition, the latest price in `simulator.instruments`. */
  readonly lastPrice: number;
  /** Changes a second at the natural pace: at most 4. */
  readonly activity: number;
  /** Standard deviation of a change, as a part of the price. */
  readonly volatility: number;
  /** The volume at the start of the day. */
  readonly volume: number;
  /** The last day of a contract, `YYYY-MM-DD`; null for others. */
  readonly expiry: string | null;
  /** The strike of an option, in rupees; else 0. */
  readonly strike: number;
  /** `EQ`, `FUT`, `CE` or `PE`. */
  readonly instrumentType: string;
}

/** Your own instrument: omitted fields are made up, the same for the same seed. */
export type InstrumentDefinition = Partial<Omit<Instrument, 'segment'>> & {
  readonly instrumentToken: number;
};

/** The most ticks of an instrument at the natural pace, as known from Kite's feed. */
export const MAX_TICKS_PER_SECOND = 4;

/** The instrument of a token, made up from the seed unless it is well known. */
export function describeInstrument(
  instrumentToken: number,
  seed: number,
  known: Omit<Partial<Instrument>, 'instrumentToken'> = {},
): Instrument {
  const segment = segmentOf(instrumentToken);
  const profile = profileOf(segment);
  const famous = WELL_KNOWN.find((candidate) => candidate.instrumentToken === instrumentToken);
  const random = new SeededRandom(seed, mix(instrumentToken, 1));
  const [low, high] = profile.priceRange;
  // The powers keep most prices near the lower end, as on a real exchange.
  const price = famous?.close ?? low * power(high / low, power(random.next(), 1.3));
  // Many quiet instruments, a few busy ones.
  const drawn = MAX_TICKS_PER_SECOND * (famous ? 0.8 : Math.min(1, 0.004 + power(random.next(), 5)));
  const activity = known.activity ?? drawn;
  const tickSize = known.tickSize ?? famous?.tickSize ?? profile.tickSize;
  const symbol = `${profile.exchange}${instrumentToken >>> 8}`;
  return {
    instrumentToken,
    tradingsymbol: known.tradingsymbol ?? famous?.tradingsymbol ?? symbol,
    name: known.name ?? famous?.name ?? known.tradingsymbol ?? symbol,
    segment,
    exchange: known.exchange ?? famous?.exchange ?? profile.exchange,
    tickSize,
    lotSize: known.lotSize ?? profile.lotSize,
    lastPrice: onTick(known.lastPrice ?? price, tickSize, priceDivisor(instrumentToken)),
    activity,
    volatility: known.volatility ?? profile.volatility,
    volume:
      known.volume ?? famous?.volume ?? Math.floor(activity * 500_000 * random.next()) * profile.lotSize,
    expiry: known.expiry ?? null,
    strike: known.strike ?? 0,
    instrumentType: known.instrumentType ?? 'EQ',
  };
}

function onTick(price: number, tickSize: number, divisor: number): number {
  const tick = Math.max(1, Math.round(tickSize * divisor));
  return (Math.max(1, Math.round((price * divisor) / tick)) * tick) / divisor;
}
