import { istTimeOf } from '@kite/calendar';
import type { FullTick } from '@kite/protocol';
import { fullTick, ltpTick, quoteTick } from '@kite/testkit';

/** A Tuesday without a closing auction. */
const DAY = '2026-07-14';
export const TOKEN = 408065;

/** Unix milliseconds of a time of day, as `09:15` or `09:15:02.5`. */
export function at(time: string, date = DAY): number {
  const seconds = time.length > 5 ? Number(time.slice(6)) * 1000 : 0;
  return istTimeOf(date, time.slice(0, 5)) + seconds;
}

/** A full tick of NSE at a time of day. */
export function full(time: string, price: number, volume: number, more: Partial<FullTick> = {}): FullTick {
  const ohlc = { open: 100, high: 1000, low: 1, close: 100 };
  return { ...fullTick(price, volume, 0), ohlc, exchangeTimestamp: at(time), ...more };
}

export const quote = (price: number, volume: number) => ({
  ...quoteTick(price, volume),
  ohlc: { open: 100, high: 1000, low: 1, close: 100 },
});
export const ltp = (price: number) => ltpTick(price);
