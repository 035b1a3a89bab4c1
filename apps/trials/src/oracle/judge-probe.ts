import { type FullTick, segmentOf, type Tick } from '@kite/protocol';

import type { Failure } from './failure.js';
import type { StreamRecord } from './stream-record.js';

/** What no market ever comes to, in rupees. */
const PRICE = 1.05;
/** More than is traded on any day. */
const VOLUME = 2_000_000_000;

const LEVEL = { quantity: 1, price: PRICE, orders: 1 };
const LEVELS: FullTick['depth']['buy'] = [LEVEL, LEVEL, LEVEL, LEVEL, LEVEL];

/** One last tick of each instrument, of this time. When it has come, everybody knows the newest state of everything. */
export function probeTicks(tokens: Iterable<number>, at: number): FullTick[] {
  return Array.from(tokens, (instrumentToken) => ({
    mode: 'full',
    instrumentToken,
    segment: segmentOf(instrumentToken),
    tradable: true,
    lastPrice: PRICE,
    lastTradedQuantity: 1,
    averageTradedPrice: PRICE,
    volumeTraded: VOLUME,
    totalBuyQuantity: 1,
    totalSellQuantity: 1,
    ohlc: { open: PRICE, high: PRICE, low: PRICE, close: PRICE },
    netChange: 0,
    changePercent: 0,
    lastTradeTime: at,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: at,
    depth: { buy: LEVELS, sell: LEVELS },
  }));
}

/** Whether this is an instrument's newest tick. */
export function isProbe(tick: Tick | undefined): boolean {
  return tick?.lastPrice === PRICE;
}

/** Judges that a consumer who has read everything was handed the probe of each of these instruments last. */
export function judgeProbe(stream: StreamRecord, tokens: Iterable<number>, at: number): Failure[] {
  const newest = new Map<number, Tick>();
  for (const { item } of stream.items)
    if (item.type === 'ticks') for (const tick of item.ticks) newest.set(tick.instrumentToken, tick);
  const without = [...tokens].filter((token) => !isProbe(newest.get(token)));
  if (without.length === 0) return [];
  const text = `it was not handed the newest tick of ${without.length} instruments, and has read everything`;
  return [{ rule: 'stale', at, consumer: stream.consumer, instrument: without[0]!, text }];
}
