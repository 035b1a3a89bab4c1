import { MarketCalendar } from '@kite/calendar';
import type { FullTick } from '@kite/protocol';

const MINUTE = 60_000;
const calendar = new MarketCalendar();

export interface SlowBar {
  start: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  tickCount: number;
}

/** The bars of one NSE stock from all its ticks of one day at once, the slow way: each bar looks at every tick. */
export function slowBars(ticks: readonly FullTick[], length: number): SlowBar[] {
  const newer = ticks.filter((tick, i) =>
    ticks.slice(0, i).every((one) => one.volumeTraded <= tick.volumeTraded),
  );
  const steps = newer.slice(1).map((tick, i) => ({ tick, before: newer[i]! }));
  const trades = steps.filter(({ tick, before }) => tick.volumeTraded > before.volumeTraded);
  const date = new Date((trades[0]?.tick.exchangeTimestamp ?? 0) + 330 * MINUTE).toISOString().slice(0, 10);
  const { open = 0 } = calendar.sessionOf('NSE', date) ?? {};
  const starts = trades.map(
    ({ tick }) => open + Math.floor((tick.exchangeTimestamp! - open) / length) * length,
  );
  return [...new Set(starts)]
    .filter((start) => start >= open)
    .sort((a, b) => a - b)
    .map((start) => {
      const inside = trades.filter((_, i) => starts[i] === start);
      const prices = inside.map(({ tick }) => tick.lastPrice);
      const highs = inside
        .filter(({ tick, before }) => tick.ohlc.high > before.ohlc.high)
        .map(({ tick }) => tick.ohlc.high);
      const lows = inside
        .filter(({ tick, before }) => tick.ohlc.low < before.ohlc.low)
        .map(({ tick }) => tick.ohlc.low);
      return {
        start,
        open: prices[0]!,
        high: Math.max(...prices, ...highs),
        low: Math.min(...prices, ...lows),
        close: prices.at(-1)!,
        volume: inside.reduce((sum, { tick, before }) => sum + tick.volumeTraded - before.volumeTraded, 0),
        tickCount: inside.length,
      };
    });
}
