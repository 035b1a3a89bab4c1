import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, encodePacket, type FullTick, type Tick } from '@kite/protocol';

import { isSameState } from '../../src/oracle/same-state.js';
import { fullTick, tick } from '../support/streams.js';

const INDEX = 256265;
const index: Tick = {
  mode: 'full',
  tradable: false,
  instrumentToken: INDEX,
  segment: 9,
  lastPrice: 105,
  ohlc: { open: 101, high: 106, low: 100, close: 100 },
  netChange: 5,
  changePercent: 5,
  exchangeTimestamp: 2000,
};
const { exchangeTimestamp: _, ...indexQuote } = index;
const {
  lastTradeTime: _1,
  oi: _2,
  oiDayHigh: _3,
  oiDayLow: _4,
  exchangeTimestamp: _5,
  depth: _6,
  ...quote
} = fullTick();

describe('a tick is the same as a packet', () => {
  test.each([
    tick(101),
    { ...quote, mode: 'quote' as const },
    fullTick(),
    fullTick({ ohlc: { open: 1, high: 1, low: 1, close: 0 }, netChange: null, changePercent: null }),
    fullTick({ lastTradeTime: null, exchangeTimestamp: null }),
    index,
    { ...indexQuote, mode: 'quote' as const },
  ])('where each field says what its bytes say: %#', (one) => {
    const packet = encodePacket(one);
    const [decoded] = decodeFrame(encodeFrame([packet]));
    expect(isSameState(decoded!, packet)).toBe(true);
  });
});

describe('a tick is another than a packet', () => {
  const packet = encodePacket(fullTick());
  const side = fullTick().depth.buy;

  test.each<Partial<FullTick>>([
    { instrumentToken: 256 },
    { lastPrice: 105.05 },
    { lastTradedQuantity: 2 },
    { averageTradedPrice: 104.05 },
    { volumeTraded: 11 },
    { totalBuyQuantity: 6 },
    { totalSellQuantity: 6 },
    { ohlc: { open: 101, high: 106, low: 99, close: 100 } },
    { netChange: 5.0001 },
    { netChange: null },
    { changePercent: 5.01 },
    { changePercent: -0 },
    { lastTradeTime: 1001 },
    { lastTradeTime: null },
    { oi: 1 },
    { oiDayHigh: 1 },
    { oiDayLow: 1 },
    { exchangeTimestamp: 3000 },
    { depth: { buy: side, sell: [...side.slice(0, 4), { quantity: 2, price: 1, orders: 1 }] as never } },
    { depth: { buy: side.slice(1) as never, sell: side } },
    { mode: 'quote' as never },
    { tradable: false as never },
    { segment: 2 },
  ])('where one field differs: %j', (change) => {
    expect(isSameState(fullTick(change), packet)).toBe(false);
  });

  test('where the mode is another', () => {
    expect(isSameState(tick(105), packet)).toBe(false);
    expect(isSameState(fullTick(), packet.subarray(0, 44))).toBe(false);
    expect(isSameState(fullTick(), packet.subarray(0, 17))).toBe(false);
  });
});
