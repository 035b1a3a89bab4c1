import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type FrameIssue, type Tick } from '@kite/protocol';
import { FrameCursor, type LoadedTick } from '@kite/raw';
import { embed, FRAME_OF_EACH_KIND, TICKS_OF_EACH_KIND } from '@kite/testkit';

import { anyFrame, anyOffset, decoded, packetBody } from '../support/arbitraries.js';

/** Every field of the cursor by the tick's names: NaN is what this kind does not have. */
function fieldsAt(cursor: FrameCursor | LoadedTick): Record<string, unknown> {
  const indices = [0, 1, 2, 3, 4];
  return {
    mode: cursor.mode,
    instrumentToken: cursor.instrumentToken,
    segment: cursor.segment,
    tradable: cursor.tradable,
    lastPrice: cursor.lastPrice,
    lastTradedQuantity: cursor.lastTradedQuantity,
    averageTradedPrice: cursor.averageTradedPrice,
    volumeTraded: cursor.volumeTraded,
    totalBuyQuantity: cursor.totalBuyQuantity,
    totalSellQuantity: cursor.totalSellQuantity,
    open: cursor.open,
    high: cursor.high,
    low: cursor.low,
    close: cursor.close,
    netChange: cursor.netChange,
    changePercent: cursor.changePercent,
    lastTradeTime: cursor.lastTradeTime,
    oi: cursor.oi,
    oiDayHigh: cursor.oiDayHigh,
    oiDayLow: cursor.oiDayLow,
    exchangeTimestamp: cursor.exchangeTimestamp,
    buy: indices.map((i) => [cursor.buyQuantity(i), cursor.buyPrice(i), cursor.buyOrders(i)]),
    sell: indices.map((i) => [cursor.sellQuantity(i), cursor.sellPrice(i), cursor.sellOrders(i)]),
  };
}

const NO_LEVELS = Array.from({ length: 5 }, () => [NaN, NaN, NaN]);

/** The same of a tick. */
function fieldsOf(tick: Tick): Record<string, unknown> {
  const { ohlc, depth, ...fields } = { ohlc: {}, depth: undefined, ...tick };
  const levels = (side: 'buy' | 'sell') =>
    depth?.[side].map(({ quantity, price, orders }) => [quantity, price, orders]) ?? NO_LEVELS;
  const absent = {
    lastTradedQuantity: NaN,
    averageTradedPrice: NaN,
    volumeTraded: NaN,
    totalBuyQuantity: NaN,
    totalSellQuantity: NaN,
    open: NaN,
    high: NaN,
    low: NaN,
    close: NaN,
    netChange: NaN,
    changePercent: NaN,
    lastTradeTime: NaN,
    oi: NaN,
    oiDayHigh: NaN,
    oiDayLow: NaN,
    exchangeTimestamp: NaN,
  };
  return { ...absent, ...fields, ...ohlc, buy: levels('buy'), sell: levels('sell') };
}

/** The same as a loaded tick has it: NaN in place of null. */
function withoutNull(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === null ? NaN : value]),
  );
}

function walk(cursor: FrameCursor, frame: Uint8Array): Record<string, unknown>[] {
  const stops = [];
  cursor.reset(frame);
  while (cursor.next()) stops.push(fieldsAt(cursor));
  return stops;
}

describe('a FrameCursor', () => {
  test('agrees with decodeFrame in every field and every issue, on any bytes, over one frame after the other', () => {
    const issues: FrameIssue[] = [];
    const cursor = new FrameCursor({ onIssue: (issue) => issues.push(issue) });
    fc.assert(
      fc.property(anyFrame, anyOffset, fc.constantFrom('Buffer', 'Uint8Array'), (frame, offset, as) => {
        issues.length = 0;
        const expected = decoded(frame);
        expect(walk(cursor, embed(frame, offset, as))).toEqual(expected.ticks.map(fieldsOf));
        expect(issues).toEqual(expected.issues);
      }),
      { numRuns: 300 },
    );
  });

  test('loads every field as its getters say it, on any bytes, whatever was loaded before, with NaN in place of null', () => {
    const cursor = new FrameCursor();
    fc.assert(
      fc.property(anyFrame, anyOffset, (frame, offset) => {
        cursor.reset(embed(frame, offset));
        while (cursor.next()) expect(fieldsAt(cursor.load())).toEqual(withoutNull(fieldsAt(cursor)));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps what was loaded when it moves on, in the one object that it fills', () => {
    const cursor = new FrameCursor().reset(FRAME_OF_EACH_KIND);
    cursor.next();
    const loaded = cursor.load();
    const first = fieldsAt(loaded);
    cursor.next();
    expect(fieldsAt(loaded)).toEqual(first);
    expect(cursor.load()).toBe(loaded);
    expect(fieldsAt(loaded)).toEqual(withoutNull(fieldsAt(cursor)));
  });

  test('loads nothing where there is no packet', () => {
    const cursor = new FrameCursor();
    const nothing = { mode: undefined, instrumentToken: 0, tradable: false, lastPrice: NaN, open: NaN };
    expect(fieldsAt(cursor.load())).toMatchObject(nothing);
    cursor.reset(FRAME_OF_EACH_KIND);
    while (cursor.next()) cursor.load();
    expect(fieldsAt(cursor.load())).toMatchObject(nothing);
  });

  test.each([-1, 5, 100, NaN])('has NaN for level %s of a loaded tick', (index) => {
    const cursor = new FrameCursor().reset(FRAME_OF_EACH_KIND);
    while (cursor.next()) {
      const tick = cursor.load();
      const levels = [tick.buyQuantity(index), tick.buyPrice(index), tick.buyOrders(index)];
      expect([...levels, tick.sellQuantity(index), tick.sellPrice(index), tick.sellOrders(index)]).toEqual(
        Array(6).fill(NaN),
      );
    }
  });

  test('reads each kind of a real frame, and NaN for what a kind does not have', () => {
    expect(walk(new FrameCursor(), embed(FRAME_OF_EACH_KIND, 1))).toEqual(TICKS_OF_EACH_KIND.map(fieldsOf));
  });

  test('reads the wire’s integers: each scaled price is one of them divided', () => {
    const cursor = new FrameCursor();
    fc.assert(
      fc.property(packetBody, (body) => {
        cursor.reset(encodeFrame([body])).next();
        const { divisor } = cursor;
        expect(cursor.lastPriceRaw / divisor).toBe(cursor.lastPrice);
        expect(cursor.averageTradedPriceRaw / divisor).toBe(cursor.averageTradedPrice);
        expect(cursor.openRaw / divisor).toBe(cursor.open);
        expect(cursor.highRaw / divisor).toBe(cursor.high);
        expect(cursor.lowRaw / divisor).toBe(cursor.low);
        expect(cursor.closeRaw / divisor).toBe(cursor.close);
        expect(cursor.lastTradeTimeRaw * 1000).toEqual(cursor.lastTradeTime ?? 0);
        expect(cursor.exchangeTimestampRaw * 1000).toEqual(cursor.exchangeTimestamp ?? 0);
        expect(cursor.buyPriceRaw(4) / divisor).toBe(cursor.buyPrice(4));
        expect(cursor.sellPriceRaw(0) / divisor).toBe(cursor.sellPrice(0));
      }),
    );
  });

  test('has no packet before the first next() and after the last, and reading there does not throw', () => {
    const cursor = new FrameCursor();
    expect(fieldsAt(cursor)).toMatchObject({ mode: undefined, instrumentToken: 0, lastPrice: NaN });
    for (const frame of [
      FRAME_OF_EACH_KIND,
      FRAME_OF_EACH_KIND.subarray(0, 30),
      new Uint8Array(1),
      new Uint8Array(),
    ]) {
      walk(cursor, frame);
      expect(fieldsAt(cursor)).toMatchObject({ mode: undefined, instrumentToken: 0 });
      cursor.reset(frame);
      expect(fieldsAt(cursor)).toMatchObject({ mode: undefined, instrumentToken: 0 });
      expect(cursor.next()).toBe(frame.length > 10);
    }
  });

  test('has five levels a side: beyond them is NaN', () => {
    const cursor = new FrameCursor();
    cursor.reset(encodeFrame([TICKS_OF_EACH_KIND[4]!])).next();
    for (const index of [-1, 5, 2 ** 32, 1e9, NaN, Infinity]) {
      expect([cursor.buyPrice(index), cursor.buyPriceRaw(index), cursor.buyQuantity(index)]).toEqual([
        NaN,
        NaN,
        NaN,
      ]);
      expect([cursor.sellPrice(index), cursor.sellPriceRaw(index), cursor.sellOrders(index)]).toEqual([
        NaN,
        NaN,
        NaN,
      ]);
    }
  });

  test('stops again at the first packet of the next frame when the last one was left half way', () => {
    const cursor = new FrameCursor();
    cursor.reset(embed(FRAME_OF_EACH_KIND, 2)).next();
    expect(walk(cursor, embed(FRAME_OF_EACH_KIND, 5))).toHaveLength(TICKS_OF_EACH_KIND.length);
  });

  test('takes divisors, fractional ones too, and refuses what is none', () => {
    const cursor = new FrameCursor({ divisors: { 1: 0.5 } });
    cursor.reset(FRAME_OF_EACH_KIND).next();
    expect(cursor.lastPrice).toBe(314630);
    expect(() => new FrameCursor({ divisors: { 1: -1 } })).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_DIVISOR' }),
    );
  });
});
