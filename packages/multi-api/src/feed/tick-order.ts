import type { DepthLevel } from '@kite/manager';
import type { Depth, Ohlc, Tick } from '@kite/protocol';

/** Whether two ticks are the same packet, field by field. */
export function isSameTick(a: Tick, b: Tick): boolean {
  if (a.lastPrice !== b.lastPrice || a.mode !== b.mode || a.tradable !== b.tradable) return false;
  if (a.mode === 'ltp' || b.mode === 'ltp') return true;
  if (!isSameOhlc(a.ohlc, b.ohlc) || a.netChange !== b.netChange) return false;
  if (
    'exchangeTimestamp' in a &&
    (!('exchangeTimestamp' in b) || a.exchangeTimestamp !== b.exchangeTimestamp)
  )
    return false;
  if (!a.tradable || !b.tradable) return true;
  if (
    a.volumeTraded !== b.volumeTraded ||
    a.lastTradedQuantity !== b.lastTradedQuantity ||
    a.averageTradedPrice !== b.averageTradedPrice ||
    a.totalBuyQuantity !== b.totalBuyQuantity ||
    a.totalSellQuantity !== b.totalSellQuantity
  ) {
    return false;
  }
  if (a.mode !== 'full' || b.mode !== 'full') return true;
  return (
    a.lastTradeTime === b.lastTradeTime &&
    a.oi === b.oi &&
    a.oiDayHigh === b.oiDayHigh &&
    a.oiDayLow === b.oiDayLow &&
    isSameDepth(a.depth, b.depth)
  );
}

/**
 * Which of two ticks of an instrument is the newer one, by what they say of themselves: negative when `a` is older,
 * positive when it is newer, 0 when they do not tell.
 */
export function compareAge(a: Tick, b: Tick): number {
  const byTime = (timestamp(a) ?? 0) - (timestamp(b) ?? 0);
  if (timestamp(a) !== null && timestamp(b) !== null && byTime !== 0) return byTime;
  const volumes = [volume(a), volume(b)];
  return volumes[0] !== undefined && volumes[1] !== undefined ? volumes[0] - volumes[1] : 0;
}

/** When the exchange sent it, Unix milliseconds; null where the tick does not say. */
export function timestamp(tick: Tick): number | null {
  return 'exchangeTimestamp' in tick ? tick.exchangeTimestamp : null;
}

function volume(tick: Tick): number | undefined {
  return 'volumeTraded' in tick ? tick.volumeTraded : undefined;
}

function isSameOhlc(a: Ohlc, b: Ohlc): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close;
}

function isSameDepth(a: Depth, b: Depth): boolean {
  return areSameLevels(a.buy, b.buy) && areSameLevels(a.sell, b.sell);
}

function areSameLevels(a: readonly DepthLevel[], b: readonly DepthLevel[]): boolean {
  return a.every((level, index) => {
    const other = b[index]!;
    return level.price === other.price && level.quantity === other.quantity && level.orders === other.orders;
  });
}
