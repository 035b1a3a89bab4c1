import { describe, expect, test } from 'vitest';
import { type FullTick, type LtpTick, Mode } from '@kite/manager';
import { INFY, NIFTY } from '@kite/testkit';

import { ALL } from '../../src/live-market/listings.js';
import { PriceBoard, type Row } from '../../src/live-market/price-board.js';

const board = () =>
  new PriceBoard([
    { instrumentToken: INFY, symbol: 'INFY', mode: Mode.Full },
    { instrumentToken: NIFTY, symbol: 'NIFTY 50', mode: Mode.LTP },
  ]);

/** The rows of the whole list, with every connection streaming since `since`. */
const rowsAt = (
  prices: PriceBoard,
  now: number,
  { first = 0, length = 50, since = 0 }: { first?: number; length?: number; since?: number | undefined } = {},
): readonly Row[] => prices.page(ALL, { first, length }, { now, streamingSince: () => since }).rows;

const level = (price: number, quantity = 1) => ({ price, quantity, orders: 1 });

const full = (lastPrice: number, best = { buy: level(99), sell: level(101) }): FullTick => ({
  mode: 'full',
  tradable: true,
  instrumentToken: INFY,
  segment: 1,
  lastPrice,
  lastTradedQuantity: 1,
  averageTradedPrice: 100,
  volumeTraded: 3_000_000_000,
  totalBuyQuantity: 1,
  totalSellQuantity: 1,
  ohlc: { open: 100, high: 110, low: 90, close: 100 },
  netChange: lastPrice - 100,
  changePercent: lastPrice - 100,
  lastTradeTime: null,
  oi: 0,
  oiDayHigh: 0,
  oiDayLow: 0,
  exchangeTimestamp: null,
  depth: {
    buy: [best.buy, level(98), level(97), level(96), level(95)],
    sell: [best.sell, level(102), level(103), level(104), level(105)],
  },
});

const ltp = (lastPrice: number): LtpTick => ({
  mode: 'ltp',
  tradable: false,
  instrumentToken: NIFTY,
  segment: 9,
  lastPrice,
});

describe('PriceBoard', () => {
  test('knows nothing of an instrument before its first tick', () => {
    expect(rowsAt(board(), 5000)[0]).toMatchObject({
      symbol: 'INFY',
      lastPrice: null,
      bid: null,
      ageMs: null,
    });
  });

  test('shows of the newest tick what its mode has, and nothing else', () => {
    const prices = board();
    prices.take({ ticks: [full(101), ltp(20_000)], receivedAt: 1000, channelId: 0 });
    prices.take({ ticks: [full(102)], receivedAt: 1500, channelId: 0 });
    const [infy, nifty] = rowsAt(prices, 2000);
    expect(infy).toMatchObject({
      lastPrice: 102,
      netChange: 2,
      volume: 3_000_000_000,
      bid: 99,
      ask: 101,
      ageMs: 500,
    });
    expect(nifty).toMatchObject({ lastPrice: 20_000, netChange: null, volume: null, bid: null, ageMs: 1000 });
  });

  test('takes an empty level of the book for no price', () => {
    const prices = board();
    prices.take({
      ticks: [full(101, { buy: level(0, 0), sell: level(0, 0) })],
      receivedAt: 1000,
      channelId: 0,
    });
    expect(rowsAt(prices, 1000)[0]).toMatchObject({ bid: null, ask: null });
  });

  test('shows which way a price went, for a second', () => {
    const prices = board();
    const move = (now: number) => rowsAt(prices, now)[0]!.move;
    prices.take({ ticks: [full(101)], receivedAt: 1000, channelId: 0 });
    expect(move(1000)).toBe(0);
    prices.take({ ticks: [full(102)], receivedAt: 2000, channelId: 0 });
    expect(move(2999)).toBe(1);
    prices.take({ ticks: [full(102)], receivedAt: 2999, channelId: 0 });
    expect(move(3000)).toBe(0);
    prices.take({ ticks: [full(101)], receivedAt: 4000, channelId: 0 });
    expect(move(4000)).toBe(-1);
  });

  test('keeps its order, ignores what is not on it, and shows the last page where the list ends', () => {
    const prices = board();
    prices.take({ ticks: [{ ...ltp(1), instrumentToken: 9 }, ltp(2), full(3)], receivedAt: 1, channelId: 0 });
    expect(rowsAt(prices, 1).map(({ symbol }) => symbol)).toEqual(['INFY', 'NIFTY 50']);
    const look = { now: 1, streamingSince: () => 0 };
    expect(prices.page(ALL, { first: 7, length: 1 }, look)).toMatchObject({
      first: 1,
      total: 2,
      rows: [{ symbol: 'NIFTY 50' }],
    });
    expect(prices.page(ALL, { first: -5, length: 1 }, look)).toMatchObject({
      first: 0,
      rows: [{ symbol: 'INFY' }],
    });
  });

  test('calls a price stale from the moment its connection stops streaming until that connection or another brings a tick', () => {
    const prices = board();
    const look = (now: number, sinces: Record<number, number | undefined>) =>
      prices.page(ALL, { first: 0, length: 1 }, { now, streamingSince: (channelId) => sinces[channelId] })
        .rows[0]!.isStale;
    expect(look(500, {})).toBe(false);
    prices.take({ ticks: [full(101)], receivedAt: 1000, channelId: 0 });
    expect(look(2000, { 0: 500, 1: 500 })).toBe(false);
    expect(look(3000, { 0: undefined, 1: 500 })).toBe(true);
    expect(look(4000, { 0: 3500, 1: 500 })).toBe(true);
    prices.take({ ticks: [full(102)], receivedAt: 4500, channelId: 1 });
    expect(look(5000, { 0: undefined, 1: 500 })).toBe(false);
  });

  test('shows no negative age where a clock was set back', () => {
    const prices = board();
    prices.take({ ticks: [full(101)], receivedAt: 10_000, channelId: 0 });
    expect(rowsAt(prices, 4000)[0]).toMatchObject({ ageMs: 0 });
  });
});
