import fc from 'fast-check';
import { decodeFrame, type FrameIssue, Segment, type Tick } from '@kite/protocol';
import {
  fullBody,
  type FullWire,
  indexFullBody,
  indexQuoteBody,
  type IndexWire,
  type LevelWire,
  ltpBody,
  type LtpWire,
  quoteBody,
  type QuoteWire,
} from '@kite/testkit';

/** The documented lengths. */
const KNOWN_LENGTHS: readonly number[] = [8, 28, 32, 44, 184];

// Uniform integers would meet the edges once in four billion runs.
const edges = (...values: number[]) => fc.constantFrom(...values);
const u32 = fc.oneof(fc.nat(0xffff_ffff), edges(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
export const i32 = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  edges(0, 1, -1, -0x8000_0000, 0x7fff_ffff),
);
const u16 = fc.oneof(fc.nat(0xffff), edges(0, 1, 0x7fff, 0x8000, 0xffff));

/** Any token at all: every low byte, named segment or not. */
const token = u32;

/** A token of a segment with a name. */
export const namedToken = fc
  .tuple(fc.nat(0xff_ffff), fc.constantFrom(...Object.values(Segment)))
  .map(([high, segment]) => high * 256 + segment);

const indexWire: fc.Arbitrary<IndexWire> = fc.record({
  token,
  last: i32,
  high: i32,
  low: i32,
  open: i32,
  close: i32,
  change: i32,
});
const quoteWire: fc.Arbitrary<QuoteWire> = fc.record({
  token,
  last: i32,
  lastQuantity: u32,
  average: i32,
  volume: u32,
  buy: u32,
  sell: u32,
  open: i32,
  high: i32,
  low: i32,
  close: i32,
});
const levels: fc.Arbitrary<LevelWire[]> = fc.array(fc.tuple(u32, i32, u16), { minLength: 5, maxLength: 5 });
const fullExtras = fc.record({
  lastTradeTime: u32,
  oi: u32,
  oiDayHigh: u32,
  oiDayLow: u32,
  exchangeTime: u32,
  bids: levels,
  offers: levels,
});

const indexFullWire = fc.tuple(indexWire, u32).map(([wire, exchangeTime]) => ({ ...wire, exchangeTime }));
const fullWire: fc.Arbitrary<FullWire> = fc
  .tuple(quoteWire, fullExtras)
  .map(([wire, extras]) => ({ ...wire, ...extras }));

/** What a packet of each kind may hold, as the wire's integers. */
export const wires = {
  ltp: fc.record<LtpWire>({ token, last: i32 }),
  indexQuote: indexWire,
  indexFull: indexFullWire,
  quote: quoteWire,
  full: fullWire,
} as const;

/** A packet body of each kind, written by the independent encoder. */
export const bodies = {
  ltp: wires.ltp.map(ltpBody),
  indexQuote: wires.indexQuote.map(indexQuoteBody),
  indexFull: wires.indexFull.map(indexFullBody),
  quote: wires.quote.map(quoteBody),
  full: wires.full.map(fullBody),
} as const;

export const anyBody = fc.oneof(...Object.values(bodies));

/** A body of a length that nothing is known of, empty ones included. */
export const alienBody = fc
  .uint8Array({ maxLength: 300 })
  .filter(({ length }) => !KNOWN_LENGTHS.includes(length));

/** `decodeFrame`, with what it reported. */
export function decodeWithIssues(frame: Uint8Array): { ticks: Tick[]; issues: FrameIssue[] } {
  const issues: FrameIssue[] = [];
  const ticks = decodeFrame(frame, { onIssue: (issue) => issues.push(issue) });
  return { ticks, issues };
}
