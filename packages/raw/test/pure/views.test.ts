import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  type FullTick,
  type IndexFullTick,
  PACKETS,
  Segment,
} from '@kite/protocol';
import {
  asIndexQuote32,
  asInstHeader64,
  asTickRaw,
  INDEX_QUOTE_SIZE,
  INST_HEADER_SIZE,
  type InstHeader64,
  TICK_FULL_SIZE,
} from '@kite/raw';
import { embed, NIFTY_FULL, NSE_FULL } from '@kite/testkit';

import { anyOffset, packetBody } from '../support/arbitraries.js';

const bodyOf = (length: number) => packetBody.filter((body) => body.length === length);

/** What decodeFrame says of the packet, and each price as the wire's integer. */
function headerAgrees(header: InstHeader64, body: Uint8Array): void {
  const [tick] = decodeFrame(encodeFrame([body])) as [FullTick];
  const fields = header.toJSON();
  expect({ ...tick, ...tick.ohlc }).toMatchObject(fields);
  expect(Object.keys(fields)).toEqual(Object.keys(PACKETS.full.fields));
  const view = new DataView(body.buffer, body.byteOffset);
  for (const [name, { offset, type }] of Object.entries(PACKETS.full.fields)) {
    if (type !== 'price') continue;
    expect(header[`${name}Raw` as 'lastPriceRaw']).toBe(view.getInt32(offset));
    expect(header[name as 'lastPrice']).toBe(view.getInt32(offset) / header.divisor);
  }
}

describe('asTickRaw', () => {
  test('reads a real packet, every level of its depth, prices scaled and raw', () => {
    const view = asTickRaw(NSE_FULL.body)!;
    expect(view.header.instrumentToken).toBe(408065);
    expect(view.header.lastPrice).toBe(1573.7);
    expect(view.header.lastPriceRaw).toBe(157370);
    expect(view.depth.buy[0].qty).toBe(5);
    expect(view.depth.buy[0].price).toBe(1573.4);
    expect(view.depth.buy[0].priceRaw).toBe(157340);
    expect(view.depth.sell[4].orders).toBe(5);
    expect(view.depth.buy.map(({ qty, price, orders }) => ({ quantity: qty, price, orders }))).toEqual(
      NSE_FULL.tick.depth.buy,
    );
    expect(view.depth.sell.map(({ qty, price, orders }) => ({ quantity: qty, price, orders }))).toEqual(
      NSE_FULL.tick.depth.sell,
    );
  });

  test('agrees with decodeFrame in every field, whatever the bytes, at any offset, Buffer or not', () => {
    fc.assert(
      fc.property(bodyOf(184), anyOffset, fc.constantFrom('Buffer', 'Uint8Array'), (body, offset, as) => {
        const view = asTickRaw(embed(body, offset, as))!;
        headerAgrees(view.header, body);
        const [{ depth }] = decodeFrame(encodeFrame([body])) as [FullTick];
        for (const side of ['buy', 'sell'] as const) {
          depth[side].forEach((level, index) => {
            const { qty, price, priceRaw, orders } = view.depth[side][index]!;
            expect({ quantity: qty, price, orders }).toEqual(level);
            expect(priceRaw / view.header.divisor).toBe(price);
          });
        }
      }),
    );
  });

  test.each(Object.values(Segment))('scales segment %i as decodeFrame does', (segment) => {
    const body = NSE_FULL.body.slice();
    body[3] = segment;
    headerAgrees(asTickRaw(body)!.header, body);
  });

  test('takes divisors for a segment of its own, also into the copy', () => {
    const body = NSE_FULL.body.slice();
    body[3] = 200;
    const view = asTickRaw(body, { 200: 1000 })!;
    for (const form of [view, view.copy()]) {
      expect(form.header.lastPrice).toBe(157.37);
      expect(form.depth.buy[0].price).toBe(157.34);
    }
  });
});

describe('the views', () => {
  test('are null for every length that is not theirs, and never throw', () => {
    for (let length = 0; length <= 300; length++) {
      const body = new Uint8Array(length);
      expect(asTickRaw(body) !== null).toBe(length === TICK_FULL_SIZE);
      expect(asIndexQuote32(body) !== null).toBe(length === INDEX_QUOTE_SIZE);
      expect(asInstHeader64(body) !== null).toBe(length === INST_HEADER_SIZE || length === TICK_FULL_SIZE);
    }
    expect([TICK_FULL_SIZE, INDEX_QUOTE_SIZE, INST_HEADER_SIZE]).toEqual([184, 32, 64]);
  });

  test('asInstHeader64 reads 64 bytes, and the head of 184, the same', () => {
    fc.assert(
      fc.property(bodyOf(184), anyOffset, (body, offset) => {
        headerAgrees(asInstHeader64(embed(body, offset))!, body);
        headerAgrees(asInstHeader64(embed(body.slice(0, 64), offset))!, body);
      }),
    );
  });

  test('asIndexQuote32 agrees with decodeFrame in every field', () => {
    fc.assert(
      fc.property(bodyOf(32), anyOffset, (body, offset) => {
        const view = asIndexQuote32(embed(body, offset))!;
        const [tick] = decodeFrame(encodeFrame([body])) as [IndexFullTick];
        const { instrumentToken, lastPrice, ohlc, netChange, exchangeTimestamp } = tick;
        expect(view.toJSON()).toEqual({
          instrumentToken,
          lastPrice,
          ...ohlc,
          priceChange: netChange,
          exchangeTimestamp,
        });
        expect(view.priceChangeRaw).toBe(new DataView(body.buffer).getInt32(24));
        expect(view.lastPriceRaw / view.divisor).toBe(lastPrice);
        expect(
          [view.openRaw, view.highRaw, view.lowRaw, view.closeRaw].map((raw) => raw / view.divisor),
        ).toEqual([ohlc.open, ohlc.high, ohlc.low, ohlc.close]);
      }),
    );
  });

  test('asIndexQuote32 reads a real NIFTY 50 packet, whose change is negative', () => {
    const view = asIndexQuote32(NIFTY_FULL.body)!;
    expect(view.toJSON()).toEqual({
      instrumentToken: 256265,
      lastPrice: 20917.05,
      high: 20941.25,
      low: 20850.8,
      open: 20932.4,
      close: 20937.7,
      priceChange: -20.65,
      exchangeTimestamp: 1701928226000,
    });
  });

  test('follow their bytes, and their copies do not', () => {
    const tick = NSE_FULL.body.slice();
    const index = NIFTY_FULL.body.slice();
    for (const bytes of [tick, Buffer.from(tick.buffer)]) {
      const views = [asTickRaw(bytes)!, asInstHeader64(bytes)!, asIndexQuote32(index)!];
      const copies = views.map((view) => view.copy());
      const before = JSON.stringify(copies);
      const saved = tick.slice();
      tick.fill(0, 4);
      index.fill(0, 4);
      expect(JSON.stringify(copies)).toBe(before);
      expect(JSON.stringify(views)).not.toBe(before);
      tick.set(saved);
      index.set(NIFTY_FULL.body);
    }
  });

  test('print and serialise their fields, not their bytes', () => {
    const view = asTickRaw(NSE_FULL.body)!;
    expect(inspect(view)).toContain('lastPrice: 1573.7');
    expect(inspect(view.header)).toBe(inspect(view.header.toJSON()));
    expect(inspect(view.depth.sell[0])).toBe('{ qty: 172, price: 1573.7, orders: 3 }');
    expect(inspect(asIndexQuote32(NIFTY_FULL.body))).toContain('priceChange: -20.65');
    expect(JSON.parse(JSON.stringify(view))).toMatchObject({
      header: { instrumentToken: 408065, lastPrice: 1573.7, close: 1567.8 },
      depth: { buy: [{ qty: 5, price: 1573.4, orders: 1 }, {}, {}, {}, {}] },
    });
  });

  test('refuse a divisor that is none', () => {
    expect(() => asTickRaw(NSE_FULL.body, { 1: 0 })).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_DIVISOR' }),
    );
  });
});
