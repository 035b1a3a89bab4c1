import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  type FullTick,
  type IndexFullTick,
  priceDivisor,
  Segment,
} from '@kite/protocol';
import { VirtualClock } from '@kite/testkit';

import { Catalogue } from '../../src/market/catalogue.js';
import { describeInstrument } from '../../src/market/instrument.js';
import { InstrumentMarket } from '../../src/market/instrument-market.js';
import { Market } from '../../src/market/market.js';
import { paceOf } from '../../src/market/pace.js';
import { WELL_KNOWN } from '../../src/market/well-known.js';

const SEGMENTS = Object.values(Segment);
const DAY = 1_795_000_000;

const tickOf = (market: InstrumentMarket) =>
  decodeFrame(encodeFrame([market.packet('full')]))[0] as FullTick | IndexFullTick;

function marketOf(token: number, seed: number): InstrumentMarket {
  return new InstrumentMarket(describeInstrument(token, seed), seed, DAY);
}

/** Whether a price lies on the instrument's tick size: told in the wire's integers, where there is no rounding. */
function onTickSize(token: number, tickSize: number, price: number): boolean {
  const divisor = priceDivisor(token);
  return Math.round(price * divisor) % Math.round(tickSize * divisor) === 0;
}

describe('the list of instruments', () => {
  const { list } = new Catalogue(1, 10_000, Date.UTC(2026, 10, 20));

  test('has as many as were asked for, over all segments, none twice', () => {
    expect(list).toHaveLength(10_000);
    expect(new Set(list.map(({ instrumentToken }) => instrumentToken)).size).toBe(10_000);
    for (const segment of SEGMENTS)
      expect(list.filter((one) => one.segment === segment).length).toBeGreaterThan(50);
    for (const count of [0, 1, 5, 38, 500, 45_000])
      expect(new Catalogue(1, count, 0).list).toHaveLength(count);
  });

  test('has the well-known instruments under their own tokens and names', () => {
    const names = new Map(list.map(({ instrumentToken, tradingsymbol }) => [instrumentToken, tradingsymbol]));
    for (const [token, name] of [
      [408065, 'INFY'],
      [884737, 'TATAMOTORS'],
      [738561, 'RELIANCE'],
      [256265, 'NIFTY 50'],
      [260105, 'NIFTY BANK'],
      [5633, 'ACC'],
    ] as const)
      expect(names.get(token)).toBe(name);
    for (const { instrumentToken } of WELL_KNOWN) expect(SEGMENTS).toContain(instrumentToken & 0xff);
  });

  test('has a symbol for each, unique within its exchange', () => {
    const symbols = list.map(
      ({ exchange, segment, tradingsymbol }) => `${exchange}:${segment}:${tradingsymbol}`,
    );
    expect(new Set(symbols).size).toBe(list.length);
    expect(list.every(({ tradingsymbol, name }) => tradingsymbol !== '' && name !== '')).toBe(true);
  });

  test('is the same for the same seed, and has other prices for another', () => {
    const again = new Catalogue(1, 10_000, Date.UTC(2026, 10, 20)).list;
    const other = new Catalogue(2, 10_000, Date.UTC(2026, 10, 20)).list;
    expect(again).toEqual(list);
    const prices = (of: typeof list) => of.map(({ lastPrice }) => lastPrice);
    expect(prices(other)).not.toEqual(prices(list));
  });

  test('has busy instruments and many quiet ones', () => {
    const rates = list.map(({ activity }) => activity).sort((a, b) => a - b);
    expect(rates.at(-1)).toBeLessThanOrEqual(4);
    expect(rates[5000]).toBeLessThan(0.3);
    expect(rates[9900]).toBeGreaterThan(3);
  });
});

describe('any instrument, at any time of its walk', () => {
  const anyToken = fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 0xff_ffff }), fc.constantFrom(...SEGMENTS))
      .map(([exchangeToken, segment]) => exchangeToken * 256 + segment),
    fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  );

  test('has prices on its tick size, an OHLC that contains the price, and a book that is ordered and does not cross', () => {
    fc.assert(
      fc.property(anyToken, fc.integer(), fc.integer({ min: 0, max: 300 }), (token, seed, steps) => {
        const market = marketOf(token, seed);
        const { tickSize } = market.instrument;
        for (let n = 0; n < steps; n++) market.advance(DAY + n);
        const tick = tickOf(market);
        const { ohlc, lastPrice } = tick;
        expect(lastPrice).toBeGreaterThan(0);
        expect(Math.max(lastPrice, ohlc.open)).toBeLessThanOrEqual(ohlc.high);
        expect(Math.min(lastPrice, ohlc.open)).toBeGreaterThanOrEqual(ohlc.low);
        for (const price of [lastPrice, ohlc.open, ohlc.high, ohlc.low, ohlc.close])
          expect(onTickSize(token, tickSize, price)).toBe(true);
        if (!tick.tradable) {
          expect(tick.netChange).toBeCloseTo(lastPrice - ohlc.close, 6);
          return;
        }
        const { buy, sell } = tick.depth;
        for (const side of [buy, sell]) {
          const there = side.filter(({ quantity }) => quantity > 0);
          expect(side.slice(0, there.length)).toEqual(there);
          for (const level of side.slice(there.length))
            expect(level).toEqual({ quantity: 0, price: 0, orders: 0 });
          for (const { price, orders } of there) {
            expect(onTickSize(token, tickSize, price)).toBe(true);
            expect(orders).toBeGreaterThan(0);
          }
        }
        const prices = [...sell.filter(({ price }) => price > 0)]
          .reverse()
          .concat(buy.filter(({ price }) => price > 0));
        expect(prices.map(({ price }) => price)).toEqual(
          prices.map(({ price }) => price).sort((a, b) => b - a),
        );
        expect(new Set(prices.map(({ price }) => price)).size).toBe(prices.length);
        expect(buy[0].price).toBeLessThanOrEqual(lastPrice);
        expect(tick.averageTradedPrice).toBeGreaterThanOrEqual(ohlc.low * 0.999);
        expect(tick.averageTradedPrice).toBeLessThanOrEqual(ohlc.high * 1.001);
        expect([tick.oiDayLow <= tick.oi, tick.oi <= tick.oiDayHigh]).toEqual([true, true]);
      }),
      { numRuns: 300 },
    );
  });

  test('changes with each tick, and its volume, high and time never go back', () => {
    fc.assert(
      fc.property(anyToken, fc.integer(), (token, seed) => {
        const market = marketOf(token, seed);
        let before = tickOf(market);
        for (let n = 1; n < 50; n++) {
          market.advance(DAY + n);
          const now = tickOf(market);
          expect(now).not.toEqual(before);
          expect(now.ohlc.high).toBeGreaterThanOrEqual(before.ohlc.high);
          expect(now.exchangeTimestamp).toBe((DAY + n) * 1000);
          if (now.tradable && before.tradable) {
            expect(now.volumeTraded).toBeGreaterThanOrEqual(before.volumeTraded);
            expect(now.lastTradeTime).toBeGreaterThanOrEqual(before.lastTradeTime!);
            expect(now.lastTradeTime).toBeLessThanOrEqual(now.exchangeTimestamp!);
          }
          before = now;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('shows what it showed before when orders are taken back, with no trade between', () => {
    const market = marketOf(408065, 7);
    const shown: FullTick[] = [];
    for (let step = 0; step < 2000; step++) {
      market.advance(DAY);
      shown.push(tickOf(market) as FullTick);
    }
    const back = shown.filter((_, n) => n > 1 && isDeepStrictEqual(shown[n], shown[n - 2]));
    expect(back.length).toBeGreaterThan(10);
    expect(back.length).toBeLessThan(shown.length / 10);
    const between = shown.filter((_, n) => isDeepStrictEqual(shown[n - 1], shown[n + 1]));
    for (const [n, tick] of between.entries()) {
      expect(tick).toMatchObject({ lastPrice: back[n]!.lastPrice, volumeTraded: back[n]!.volumeTraded });
      expect(tick.depth).not.toEqual(back[n]!.depth);
    }
  });

  test('has quote and ltp packets that are the head of its full packet', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        const market = marketOf(token, 1);
        for (const mode of ['ltp', 'quote', 'full'] as const) {
          const [tick] = decodeFrame(encodeFrame([market.packet(mode)]));
          expect(tick).toMatchObject({ mode, instrumentToken: token, lastPrice: market.lastPrice });
        }
      }),
    );
  });

  test('has the same walk for the same seed, whatever else there is, and another for another seed', () => {
    const walk = (seed: number) => {
      const market = marketOf(408065, seed);
      return Array.from({ length: 100 }, () => (market.advance(DAY), [...market.body]));
    };
    expect(walk(7)).toEqual(walk(7));
    expect(walk(7)).not.toEqual(walk(8));
  });

  test('can move to a circuit limit, where one side of the book is empty, and back', () => {
    const instrument = describeInstrument(884737, 1, { tickSize: 60 });
    const market = new InstrumentMarket(instrument, 1, DAY);
    const seen = new Set<string>();
    for (let n = 0; n < 2000; n++) {
      market.advance(DAY + n);
      const tick = tickOf(market) as FullTick;
      if (tick.depth.sell[0].quantity === 0) seen.add('upper');
      else if (tick.depth.buy[0].quantity > 0) seen.add('between');
      expect(tick.totalSellQuantity === 0).toBe(tick.depth.sell[0].quantity === 0);
    }
    expect(seen).toEqual(new Set(['upper', 'between']));
  });

  test('has room to move and a side of its book at least, however cheap it is: a side is empty at a circuit limit alone', () => {
    const cheap = new Catalogue(1, 10_000, Date.UTC(2026, 10, 20)).list.filter(
      ({ lastPrice, tickSize }) => lastPrice < 3 * tickSize,
    );
    expect(cheap.length).toBeGreaterThan(10);
    for (const instrument of cheap) {
      const market = new InstrumentMarket(instrument, 1, DAY);
      const prices = new Set<number>();
      for (let n = 0; n < 200; n++) {
        market.advance(DAY + n);
        const { lastPrice, depth } = tickOf(market) as FullTick;
        prices.add(lastPrice);
        expect([lastPrice, depth.buy[0].quantity + depth.sell[0].quantity > 0]).toEqual([lastPrice, true]);
      }
      expect([instrument.tradingsymbol, prices.size > 2]).toEqual([instrument.tradingsymbol, true]);
    }
  });

  test('keeps its price within what the wire can hold', () => {
    const market = new InstrumentMarket(
      describeInstrument(259, 1, { lastPrice: 214.7, volatility: 1 }),
      1,
      DAY,
    );
    for (let n = 0; n < 200; n++) {
      market.advance(DAY);
      expect(market.lastPrice).toBeGreaterThan(0);
    }
  });

  test('keeps its volume within what the wire can hold', () => {
    const market = new InstrumentMarket(
      describeInstrument(408065, 1, { volume: 0xffff_fff0, lotSize: 1 }),
      1,
      DAY,
    );
    for (let n = 0; n < 200; n++) market.advance(DAY);
    expect((tickOf(market) as FullTick).volumeTraded).toBe(0xffff_ffff);
  });

  test('trades Vodafone Idea in numbers beyond a signed 32-bit integer', () => {
    expect((tickOf(marketOf(3677697, 1)) as FullTick).volumeTraded).toBeGreaterThan(2 ** 31);
  });
});

describe('the pace of the market', () => {
  function run(ticksPerSecond: number | undefined, count: number, seconds: number) {
    const clock = new VirtualClock();
    const catalogue = new Catalogue(1, count, clock.now());
    const pace = paceOf(ticksPerSecond, undefined);
    const market = new Market(catalogue, clock, 1, pace, true);
    const changes = new Map<number, number[]>();
    for (const { instrumentToken } of catalogue.list) {
      const times: number[] = [];
      changes.set(instrumentToken, times);
      const watcher = { changed: () => void times.push(clock.monotonic()) };
      market.watch({ market: market.get(instrumentToken)!, mode: 'ltp', watcher });
    }
    for (let n = 0; n < (seconds * 1000) / pace.stepMs; n++) {
      market.run(1);
      clock.pass(pace.stepMs);
    }
    return changes;
  }

  test('lets no instrument tick more than 4 times a second unless asked to, and the busy ones about so often', () => {
    const changes = run(undefined, 300, 20);
    for (const times of changes.values()) {
      for (const [index, time] of times.entries())
        if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(250);
    }
    expect(changes.get(408065)!.length).toBeGreaterThan(50);
    expect([...changes.values()].filter(({ length }) => length < 5).length).toBeGreaterThan(50);
  });

  test.each([100, 1000, 300_000])(
    'makes %d changes a second where asked to, over all instruments together',
    (rate) => {
      const changes = run(rate, 200, 2);
      const total = [...changes.values()].reduce((sum, { length }) => sum + length, 0);
      expect(total / 2 / rate).toBeGreaterThan(0.8);
      expect(total / 2 / rate).toBeLessThan(1.2);
    },
  );

  test('stands still at a rate of 0', () => {
    expect([...run(0, 10, 2).values()].flat()).toEqual([]);
  });

  test('moves only what somebody watches', () => {
    const clock = new VirtualClock();
    const market = new Market(new Catalogue(1, 10, clock.now()), clock, 1, paceOf(1000, undefined), true);
    const infy = market.get(408065)!;
    const subscription = { market: infy, mode: 'ltp', watcher: { changed: () => undefined } } as const;
    market.watch({ ...subscription });
    market.watch(subscription);
    market.unwatch(subscription);
    market.run(100);
    const { changes } = infy;
    expect(changes).toBeGreaterThan(0);
    expect(market.get(738561)!.changes).toBe(0);
  });
});
