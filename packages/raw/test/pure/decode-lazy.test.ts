import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type FrameIssue, type Tick } from '@kite/protocol';
import { decodeLazy, FrameCursor, LazyDecoder, type LazyFullTick, TickColumns } from '@kite/raw';
import {
  embed,
  FRAME_OF_EACH_KIND,
  frameOf,
  indexQuoteBody,
  NSE_FULL,
  quoteBody,
  TICKS_OF_EACH_KIND,
} from '@kite/testkit';

import { anyFrame, anyOffset, decoded, packetBody } from '../support/arbitraries.js';

/** Field by field, by the plain tick's own names. */
function fieldsOf(lazy: Tick, like: Tick): Record<string, unknown> {
  return Object.fromEntries(Object.keys(like).map((name) => [name, lazy[name as keyof Tick]]));
}

describe('decodeLazy', () => {
  test('agrees with decodeFrame in every field and every issue, on any bytes, as a LazyDecoder does', () => {
    const issues: FrameIssue[] = [];
    const decoder = new LazyDecoder({ onIssue: (issue) => issues.push(issue) });
    fc.assert(
      fc.property(anyFrame, anyOffset, fc.constantFrom('Buffer', 'Uint8Array'), (frame, offset, as) => {
        issues.length = 0;
        const { ticks, issues: expected } = decoded(frame);
        const place = embed(frame, offset, as);
        const forms = [
          decodeLazy(place),
          decoder.decode(place),
          decodeLazy(place).map((tick) => tick.copy()),
        ];
        for (const form of forms) {
          expect(form).toHaveLength(ticks.length);
          form.forEach((lazy, index) => {
            expect(fieldsOf(lazy, ticks[index]!)).toEqual(ticks[index]);
            expect(lazy.toTick()).toEqual(ticks[index]);
          });
        }
        expect(issues).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('has a changePercent of 0, never −0, where the price equals a negative close, as every form has', () => {
    const negative = { last: -3700, close: -3700, open: 0, high: 0, low: 0 };
    const frame = frameOf(
      quoteBody({ ...negative, token: 256007, lastQuantity: 0, average: 0, volume: 0, buy: 0, sell: 0 }),
      indexQuoteBody({ ...negative, token: 256265, change: 0 }),
    );
    const cursor = new FrameCursor().reset(frame);
    const columns = new TickColumns();
    columns.append(frame);
    const lazy = decodeLazy(frame);
    for (const row of [0, 1]) {
      cursor.next();
      expect([cursor.changePercent, columns.changePercent[row]]).toEqual([0, 0]);
      expect(lazy[row]).toHaveProperty('changePercent', 0);
    }
  });

  test('prints and serialises like the plain ticks, nested and at any depth of printing', () => {
    const lazy = decodeLazy(FRAME_OF_EACH_KIND);
    expect(JSON.stringify(lazy)).toBe(JSON.stringify(TICKS_OF_EACH_KIND));
    expect(inspect({ lazy }, { depth: 5 })).toBe(inspect({ lazy: TICKS_OF_EACH_KIND }, { depth: 5 }));
    expect(inspect(lazy[4])).toBe(inspect(TICKS_OF_EACH_KIND[4]));
    expect(Object.keys(lazy[4]!)).toEqual([]);
  });

  test('narrows like a tick: what a kind does not have is not there', () => {
    for (const tick of decodeLazy(FRAME_OF_EACH_KIND)) {
      expect('depth' in tick).toBe(tick.mode === 'full' && tick.tradable);
      expect('ohlc' in tick).toBe(tick.mode !== 'ltp');
      if (tick.mode === 'full' && tick.tradable) expect(tick.depth.buy[0].price).toBe(1573.4);
    }
    const [ltp] = decodeLazy(encodeFrame([TICKS_OF_EACH_KIND[0]!]));
    expect((ltp as unknown as LazyFullTick).volumeTraded).toBeUndefined();
  });

  test('goes where a Tick goes', () => {
    const tick: Tick | undefined = decodeLazy(FRAME_OF_EACH_KIND)[4];
    expect(tick?.lastPrice).toBe(1573.7);
  });

  test('reads levels without making the depth, and NaN beyond them', () => {
    const lazy = decodeLazy(FRAME_OF_EACH_KIND)[4] as LazyFullTick;
    NSE_FULL.tick.depth.buy.forEach((level, i) => {
      expect([lazy.buyQuantity(i), lazy.buyPrice(i), lazy.buyOrders(i)]).toEqual(Object.values(level));
    });
    NSE_FULL.tick.depth.sell.forEach((level, i) => {
      expect([lazy.sellQuantity(i), lazy.sellPrice(i), lazy.sellOrders(i)]).toEqual(Object.values(level));
    });
    for (const i of [-1, 5, 2 ** 32, NaN]) {
      expect([lazy.buyQuantity(i), lazy.buyPrice(i), lazy.buyOrders(i)]).toEqual([NaN, NaN, NaN]);
      expect([lazy.sellQuantity(i), lazy.sellPrice(i), lazy.sellOrders(i)]).toEqual([NaN, NaN, NaN]);
    }
    expect(lazy.depth).toBe(lazy.depth);
  });

  test('follows its bytes, and what was kept by copy() or toTick() does not', () => {
    fc.assert(
      fc.property(packetBody, anyOffset, (body, offset) => {
        const frame = embed(encodeFrame([body]), offset);
        const [lazy] = decodeLazy(frame);
        const kept = [lazy!.copy(), lazy!.toTick()];
        const before = JSON.stringify(kept);
        frame.fill(0, 8);
        expect(JSON.stringify(kept)).toBe(before);
        expect(lazy!.lastPriceRaw).toBe(0);
      }),
    );
  });

  test('keeps the ticks of a frame as they are when the next one is decoded, in the same chunk or another', () => {
    const decoder = new LazyDecoder();
    const chunk = new Uint8Array(2 * FRAME_OF_EACH_KIND.length);
    chunk.set(FRAME_OF_EACH_KIND);
    chunk.set(encodeFrame([]), FRAME_OF_EACH_KIND.length);
    const first = decoder.decode(chunk.subarray(0, FRAME_OF_EACH_KIND.length));
    decoder.decode(chunk.subarray(FRAME_OF_EACH_KIND.length));
    decoder.decode(embed(encodeFrame([...TICKS_OF_EACH_KIND].reverse()), 9));
    expect(first.map((tick) => tick.toTick())).toEqual(TICKS_OF_EACH_KIND);
  });

  test('a copy pins its own bytes alone, an uncopied tick the frame’s chunk: detaching that one shows it', () => {
    const frame = embed(FRAME_OF_EACH_KIND, 4);
    const lazy = decodeLazy(frame)[4]!;
    const copy = lazy.copy();
    structuredClone(frame.buffer, { transfer: [frame.buffer] });
    expect(() => lazy.lastPrice).toThrow(TypeError);
    expect(copy.toTick()).toEqual(NSE_FULL.tick);
  });
});
