import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  type DepthLevel,
  encodeFrame,
  FrameDecoder,
  type FullTick,
  type IndexFullTick,
  type IndexQuoteTick,
  type LtpTick,
  type QuoteTick,
  Segment,
  type Tick,
} from '@kite/protocol';
import {
  frameOf,
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

import type { DepthLevels } from '../../src/tick.js';
import {
  alienBody,
  anyBody,
  bodies,
  decodeWithIssues,
  i32,
  namedToken,
  wires,
} from '../support/arbitraries.js';

/** How many decimals the prices of a segment have; two where nothing is known. */
const DECIMALS: Record<number, number> = { 3: 7, 6: 4, 12: 4 };

// A second reading of the documentation, field by field. The price goes through its decimal text, which the language
// reads with correct rounding: the number that a person would type.
const price = (raw: number, token: number) => Number(`${raw}e-${DECIMALS[token % 256] ?? 2}`);
const time = (seconds: number) => (seconds === 0 ? null : seconds * 1000);
const percent = (last: number, close: number) =>
  close === 0 ? null : last === close ? 0 : ((last - close) * 100) / close;

function expectedLtp({ token, last }: LtpWire): LtpTick {
  return {
    mode: 'ltp',
    instrumentToken: token,
    segment: token % 256,
    tradable: token % 256 !== 9,
    lastPrice: price(last, token),
  };
}

function expectedIndex(wire: IndexWire): IndexQuoteTick {
  const scaled = (raw: number) => price(raw, wire.token);
  return {
    ...expectedLtp(wire),
    mode: 'quote',
    tradable: false,
    ohlc: {
      open: scaled(wire.open),
      high: scaled(wire.high),
      low: scaled(wire.low),
      close: scaled(wire.close),
    },
    netChange: scaled(wire.change),
    changePercent: percent(scaled(wire.last), scaled(wire.close)),
  };
}

function expectedIndexFull(wire: IndexWire & { exchangeTime: number }): IndexFullTick {
  return { ...expectedIndex(wire), mode: 'full', exchangeTimestamp: time(wire.exchangeTime) };
}

function expectedQuote(wire: QuoteWire): QuoteTick {
  const scaled = (raw: number) => price(raw, wire.token);
  return {
    ...expectedLtp(wire),
    mode: 'quote',
    tradable: true,
    lastTradedQuantity: wire.lastQuantity,
    averageTradedPrice: scaled(wire.average),
    volumeTraded: wire.volume,
    totalBuyQuantity: wire.buy,
    totalSellQuantity: wire.sell,
    ohlc: {
      open: scaled(wire.open),
      high: scaled(wire.high),
      low: scaled(wire.low),
      close: scaled(wire.close),
    },
    netChange: wire.close === 0 ? null : scaled(wire.last - wire.close),
    changePercent: percent(scaled(wire.last), scaled(wire.close)),
  };
}

function expectedFull(wire: FullWire): FullTick {
  const level = ([quantity, raw, orders]: LevelWire): DepthLevel => ({
    quantity,
    price: price(raw, wire.token),
    orders,
  });
  return {
    ...expectedQuote(wire),
    mode: 'full',
    lastTradeTime: time(wire.lastTradeTime),
    oi: wire.oi,
    oiDayHigh: wire.oiDayHigh,
    oiDayLow: wire.oiDayLow,
    exchangeTimestamp: time(wire.exchangeTime),
    depth: { buy: wire.bids.map(level) as DepthLevels, sell: wire.offers.map(level) as DepthLevels },
  };
}

describe('every field of every packet is what a second reading of the documentation says', () => {
  function holds<W>(
    wire: fc.Arbitrary<W>,
    encode: (wire: W) => Uint8Array,
    expected: (wire: W) => Tick,
  ): void {
    fc.assert(
      fc.property(wire, (values) => {
        expect(decodeFrame(frameOf(encode(values)))).toStrictEqual([expected(values)]);
      }),
      { numRuns: 300 },
    );
  }

  test('ltp', () => holds(wires.ltp, ltpBody, expectedLtp));
  test('index quote', () => holds(wires.indexQuote, indexQuoteBody, expectedIndex));
  test('index full', () => holds(wires.indexFull, indexFullBody, expectedIndexFull));
  test('quote', () => holds(wires.quote, quoteBody, expectedQuote));
  test('full', () => holds(wires.full, fullBody, expectedFull));
});

describe.each(Object.entries(bodies))('encode and decode are inverse for %s', (_, body) => {
  test('on bytes', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 8 }), (packets) => {
        const frame = frameOf(...packets);
        expect(encodeFrame(decodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  test('on ticks', () => {
    fc.assert(
      fc.property(body, (packet) => {
        const ticks = decodeFrame(frameOf(packet));
        expect(ticks).toHaveLength(1);
        expect(decodeFrame(encodeFrame(ticks))).toStrictEqual(ticks);
      }),
    );
  });
});

describe('a price', () => {
  test('is the number that its decimal text means, in every segment', () => {
    fc.assert(
      fc.property(namedToken, i32, (token, last) => {
        const [tick] = decodeFrame(frameOf(ltpBody({ token, last })));
        expect(Object.is(tick?.lastPrice, price(last, token))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is never minus zero', () => {
    for (const segment of Object.values(Segment)) {
      const [tick] = decodeFrame(frameOf(ltpBody({ token: 256 + segment, last: 0 })));
      expect(Object.is(tick?.lastPrice, 0)).toBe(true);
    }
  });
});

describe('custom divisors', () => {
  test('hold for any segment, silence its issue, and encode what they decode', () => {
    fc.assert(
      fc.property(
        wires.quote,
        fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 1e-3, max: 1e12, noNaN: true })),
        (wire, divisor) => {
          const divisors = { [wire.token % 256]: divisor };
          const frame = frameOf(quoteBody(wire));
          const issues: unknown[] = [];
          const ticks = decodeFrame(frame, { divisors, onIssue: (issue) => issues.push(issue) });
          expect(issues).toEqual([]);
          expect(ticks[0]?.lastPrice).toBe(wire.last / divisor);
          expect(new FrameDecoder({ divisors }).decode(frame)).toStrictEqual(ticks);
          expect(encodeFrame(ticks, { divisors })).toEqual(frame);
        },
      ),
    );
  });
});

describe('no bytes whatsoever', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    // A true frame with some bytes overwritten: garbage that gets past the first length.
    fc
      .tuple(
        fc.array(anyBody, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([packets, edits]) => {
        const frame = frameOf(...packets);
        for (const [at, byte] of edits) frame[at % frame.length] = byte;
        return frame;
      }),
  );

  test('throw, give more ticks than were announced, or an issue outside the frame', () => {
    fc.assert(
      fc.property(bytes, (frame) => {
        const { ticks, issues } = decodeWithIssues(frame);
        const announced = frame.length < 2 ? 0 : frame[0]! * 256 + frame[1]!;
        expect(ticks.length).toBeLessThanOrEqual(announced);
        const offsets = issues.map(({ offset }) => offset);
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        for (const offset of offsets) expect(offset >= 0 && offset <= frame.length).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('pass in silence: a frame without an issue is one that the encoder would write, or a heartbeat', () => {
    fc.assert(
      fc.property(bytes, (frame) => {
        const { ticks, issues } = decodeWithIssues(frame);
        if (issues.length > 0 || frame.length === 1) return;
        const again = encodeFrame(ticks);
        // All but the padding of depth levels comes back.
        expect(again.length).toBe(frame.length);
        expect(decodeFrame(again)).toStrictEqual(ticks);
      }),
      { numRuns: 1000 },
    );
  });

  test('hang the decoder: 65535 empty packets are walked in one pass', () => {
    const frame = new Uint8Array(2 + 65535 * 2);
    frame.set([0xff, 0xff]);
    const { ticks, issues } = decodeWithIssues(frame);
    expect(ticks).toEqual([]);
    expect(issues).toHaveLength(65535);
  });
});

describe('a broken packet never costs its neighbours', () => {
  const good = anyBody.map((body) => ({ good: true, body }));
  const alien = alienBody.map((body) => ({ good: false, body }));

  test('packets of unknown length between good ones are skipped, each with one issue', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(good, alien), { maxLength: 20 }), (packets) => {
        const { ticks, issues } = decodeWithIssues(frameOf(...packets.map(({ body }) => body)));
        const whole = packets.filter((packet) => packet.good).map(({ body }) => body);
        expect(ticks).toStrictEqual(decodeFrame(frameOf(...whole)));
        expect(
          issues
            .filter(({ kind }) => kind === 'unknown-length')
            .map((issue) => 'packetIndex' in issue && issue.packetIndex),
        ).toEqual(packets.flatMap((packet, index) => (packet.good ? [] : [index])));
      }),
    );
  });

  test('a frame cut anywhere yields a prefix of its ticks', () => {
    fc.assert(
      fc.property(fc.array(anyBody, { minLength: 1, maxLength: 10 }), fc.nat(), (packets, seed) => {
        const frame = frameOf(...packets);
        const cut = seed % frame.length;
        const { ticks, issues } = decodeWithIssues(frame.subarray(0, cut));
        expect(ticks).toStrictEqual(decodeFrame(frame).slice(0, ticks.length));
        if (cut !== 1) expect(issues.at(-1)?.kind).toBe('truncated');
      }),
    );
  });
});
