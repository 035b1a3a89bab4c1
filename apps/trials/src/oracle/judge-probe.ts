import { type FullTick, segmentOf, type Tick } from '@kite/protocol';

import type { Failure } from './failure.js';
import type { StreamRecord } from './stream-record.js';

/** A price that the simulated market never reaches, in rupees. */
const PRICE = 1.05;
/** More than is traded in a day. */
const VOLUME = 2_000_000_000;

const LEVEL = { quantity: 1, price: PRICE, orders: 1 };
const LEVELS: FullTick['depth']['buy'] = [LEVEL, LEVEL, LEVEL, LEVEL, LEVEL];

/** The last tick of each instrument, with this time. It is recognised by its price. */
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

/** Whether this is the last tick of its instrument. */
export function isProbe(tick: Tick | undefined): boolean {
  return tick?.lastPrice === PRICE;
}

/**
 * Whether a drop may have taken one of the last ticks, which were sent at this time. A batch reports losses before it,
 * so a consumer of batches never hears of losses after the last one: only its channel counts them.
 *
 * @param dropped what its channel has counted
 */
export function mayLackProbe({ plan, items }: StreamRecord, since: number, dropped: number): boolean {
  // The newest tick of each instrument always has a place.
  if (plan.overflow === 'conflate') return false;
  const drops = items.flatMap(({ at, item }) => (item.type === 'dropped' ? [{ at, count: item.count }] : []));
  const told = drops.reduce((sum, { count }) => sum + count, 0);
  return drops.some(({ at }) => at >= since) || (plan.kind === 'ticks' && dropped > told);
}

/** Judges that a consumer that read everything ends with the probe as the newest tick of each of its instruments. */
export function judgeProbe(stream: StreamRecord, tokens: Iterable<number>, at: number): Failure[] {
  const own = stream.plan.tokens;
  const newest = new Map<number, Tick>();
  for (const { item } of stream.items)
    if (item.type === 'ticks') for (const tick of item.ticks) newest.set(tick.instrumentToken, tick);
  const without = [...tokens].filter(
    (token) => (own?.includes(token) ?? true) && !isProbe(newest.get(token)),
  );
  if (without.length === 0) return [];
  const text = `it was not handed the newest tick of ${without.length} instruments, and has read everything`;
  return [{ rule: 'stale', at, consumer: stream.consumer, instrument: without[0]!, text }];
}
