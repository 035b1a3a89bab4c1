import { KiteInputError } from './error.js';

/** The exchange segment: the low byte of an instrument token, unchanged if unknown. */
export type Segment = number;

/** The segments that the documentation and the official clients name. */
export const Segment = {
  NSE: 1,
  NFO: 2,
  CDS: 3,
  BSE: 4,
  BFO: 5,
  BCD: 6,
  MCX: 7,
  MCXSX: 8,
  INDICES: 9,
  NCO: 12,
} as const;

/** Price divisors by segment, for segments that are scaled differently or not known yet. */
export type PriceDivisors = Readonly<Record<Segment, number>>;

/** The price divisor of an unknown segment. */
export const DEFAULT_PRICE_DIVISOR = 100;

const NAMES: ReadonlyMap<Segment, string> = new Map(
  Object.entries(Segment).map(([name, segment]) => [segment, name]),
);

/** Currencies carry seven (CDS) and four (BCD) decimals, NCO four; everything else is in paise. */
const DIVISORS: PriceDivisors = {
  [Segment.NSE]: 100,
  [Segment.NFO]: 100,
  [Segment.CDS]: 10_000_000,
  [Segment.BSE]: 100,
  [Segment.BFO]: 100,
  [Segment.BCD]: 10_000,
  [Segment.MCX]: 100,
  [Segment.MCXSX]: 100,
  [Segment.INDICES]: 100,
  [Segment.NCO]: 10_000,
};

/** The segment of an instrument token. */
export function segmentOf(instrumentToken: number): Segment {
  return instrumentToken & 0xff;
}

/** The segment's name, undefined when it is unknown. */
export function segmentName(segment: Segment): string | undefined {
  return NAMES.get(segment);
}

/** Whether instruments of the segment can be traded: all but indices. */
export function isTradable(segment: Segment): boolean {
  return segment !== Segment.INDICES;
}

/**
 * The divisor of an instrument's integer price on the wire.
 * 100 for an unknown segment, unless `overrides` names it.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` for an invalid override of this segment
 */
export function priceDivisor(instrumentToken: number, overrides?: PriceDivisors): number {
  const segment = segmentOf(instrumentToken);
  const override = overrides?.[segment];
  if (override !== undefined) return checkDivisor(`${segment}`, override);
  return DIVISORS[segment] ?? DEFAULT_PRICE_DIVISOR;
}

/**
 * Divisors by segment, 256 entries; 0 marks an unknown segment. For per-packet use: one indexed load replaces the
 * lookups of {@link priceDivisor}.
 *
 * A plain array, because V8 keeps its integers unboxed: a number from a typed array becomes a heap object when it
 * crosses a call or is stored in a field.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 */
export function divisorTable(overrides: PriceDivisors = {}): number[] {
  const table = Array.from({ length: 256 }, () => 0);
  for (const [segment, divisor] of Object.entries(DIVISORS)) table[Number(segment)] = divisor;
  for (const [segment, divisor] of Object.entries(checkDivisors(overrides)))
    table[checkSegment(segment)] = checkDivisor(segment, divisor);
  return table;
}

/** Refuses an array or a Map, which would silently be misread. */
function checkDivisors(divisors: unknown): PriceDivisors {
  if (typeof divisors === 'object' && divisors !== null && !(Symbol.iterator in divisors))
    return divisors as PriceDivisors;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_DIVISOR', {
    field: 'divisors',
    value: divisors,
    allowed: 'an object of divisors by segment, as { 3: 10000000 }',
  });
}

function checkSegment(key: string): Segment {
  const segment = Number(key);
  // The round trip refuses what Number() accepts: '', '0x3', ' 3'.
  if (String(segment) === key && Number.isInteger(segment) && segment >= 0 && segment <= 0xff) return segment;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_DIVISOR', {
    field: 'divisors',
    value: key,
    allowed: 'segments from 0 to 255 as keys',
  });
}

function checkDivisor(segment: string, divisor: unknown): number {
  if (typeof divisor === 'number' && Number.isFinite(divisor) && divisor > 0) return divisor;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_DIVISOR', {
    field: `divisors[${segment}]`,
    value: divisor,
    allowed: 'a positive finite number',
  });
}
