import { Segment } from '@kite/protocol';

/** Typical properties of a segment's instruments. */
export interface SegmentProfile {
  readonly segment: Segment;
  /** The exchange code of Kite's instruments list. */
  readonly exchange: string;
  /** The smallest change of a price, in rupees. */
  readonly tickSize: number;
  /** Prices of made-up instruments lie between these, in rupees, mostly near the lower end. */
  readonly priceRange: readonly [low: number, high: number];
  /** Quantities are multiples of this. */
  readonly lotSize: number;
  /** Whether its instruments have open interest. */
  readonly derivative: boolean;
  /** Standard deviation of a change, as a part of the price. */
  readonly volatility: number;
  /** Prices stay within this part of the previous close (the exchange's circuit limits). */
  readonly circuit: number;
  /** How many of 10 000 instruments are of this segment. */
  readonly share: number;
}

/**
 * Every segment that Kite streams. The price ranges stay below the wire's limit: a price is a signed 32-bit integer
 * after scaling, so at most ₹214 for CDS and ₹214 748 for BCD and NCO.
 */
export const SEGMENT_PROFILES: ReadonlyMap<Segment, SegmentProfile> = new Map(
  (
    [
      [Segment.NSE, 'NSE', 0.05, [20, 6000], 1, false, 0.0004, 0.2, 2600],
      [Segment.NFO, 'NFO', 0.05, [5, 900], 75, true, 0.004, 0.9, 3400],
      [Segment.CDS, 'CDS', 0.0025, [55, 110], 1000, true, 0.00006, 0.05, 400],
      [Segment.BSE, 'BSE', 0.05, [10, 6000], 1, false, 0.0005, 0.2, 1500],
      [Segment.BFO, 'BFO', 0.05, [5, 900], 20, true, 0.004, 0.9, 800],
      [Segment.BCD, 'BCD', 0.0025, [55, 110], 1000, true, 0.00006, 0.05, 200],
      [Segment.MCX, 'MCX', 0.1, [100, 9000], 100, true, 0.0003, 0.09, 500],
      [Segment.MCXSX, 'MCXSX', 0.05, [20, 2000], 1, false, 0.0004, 0.2, 100],
      [Segment.INDICES, 'NSE', 0.05, [2000, 60_000], 1, false, 0.00008, 0.1, 100],
      [Segment.NCO, 'NCO', 0.5, [200, 90_000], 10, true, 0.0003, 0.09, 400],
    ] as const
  ).map(
    ([segment, exchange, tickSize, priceRange, lotSize, derivative, volatility, circuit, share]): [
      Segment,
      SegmentProfile,
    ] => [
      segment,
      { segment, exchange, tickSize, priceRange, lotSize, derivative, volatility, circuit, share },
    ],
  ),
);

/** An unknown segment gets the profile of the most common one. */
export function profileOf(segment: Segment): SegmentProfile {
  return SEGMENT_PROFILES.get(segment) ?? SEGMENT_PROFILES.get(Segment.NSE)!;
}
