import type { Tick } from '@kite/protocol';

import type { PrintedTick } from './client-process.js';

/** Numbers that differ by less than this part are equal: clients may round a quotient differently. */
const ROUNDING = 1e-9;

/**
 * Where a printed tick differs from the sent one, in words; undefined: nowhere. Uses Kite's names; a time is Unix
 * seconds or milliseconds, or text with its zone. The change and absent times have facts of their own.
 */
export function difference(printed: PrintedTick, sent: Tick): string | undefined {
  for (const [name, expected] of Object.entries(fieldsOf(sent))) {
    const value = name
      .split('.')
      .reduce<unknown>((at, part) => (at as PrintedTick | undefined)?.[part], printed);
    const seen = name.endsWith('timestamp') || name.endsWith('time') ? timeOf(value) : value;
    if (!isSame(seen, expected))
      return `${name} is ${JSON.stringify(seen)} and not ${JSON.stringify(expected)}`;
  }
  return undefined;
}

/** Unix milliseconds; null if there is none. */
export function timeOf(value: unknown): number | null {
  if (value === null || value === undefined || value === 0 || value === '') return null;
  const ms =
    typeof value === 'number'
      ? value > 1e11
        ? value
        : value * 1000
      : typeof value === 'string'
        ? Date.parse(value)
        : NaN;
  return Number.isNaN(ms) ? null : ms;
}

function isSame(seen: unknown, expected: unknown): boolean {
  if (typeof seen !== 'number' || typeof expected !== 'number') return seen === expected;
  return Math.abs(seen - expected) <= ROUNDING * Math.max(1, Math.abs(expected));
}

/** The fields of a tick that must be printed, by Kite's names. */
function fieldsOf(tick: Tick): Record<string, unknown> {
  const head = { instrument_token: tick.instrumentToken, mode: tick.mode, last_price: tick.lastPrice };
  if (tick.mode === 'ltp') return head;
  const { open, high, low, close } = tick.ohlc;
  const day = { ...head, 'ohlc.open': open, 'ohlc.high': high, 'ohlc.low': low, 'ohlc.close': close };
  if (!tick.tradable)
    return tick.mode === 'full' ? { ...day, exchange_timestamp: tick.exchangeTimestamp } : day;
  const quote = {
    ...day,
    last_traded_quantity: tick.lastTradedQuantity,
    average_traded_price: tick.averageTradedPrice,
    volume_traded: tick.volumeTraded,
    total_buy_quantity: tick.totalBuyQuantity,
    total_sell_quantity: tick.totalSellQuantity,
  };
  if (tick.mode === 'quote') return quote;
  const depth = (['buy', 'sell'] as const).flatMap((side) =>
    tick.depth[side].flatMap((level, index) =>
      Object.entries(level).map(([name, value]): [string, unknown] => [
        `depth.${side}.${index}.${name}`,
        value,
      ]),
    ),
  );
  return {
    ...quote,
    oi: tick.oi,
    oi_day_high: tick.oiDayHigh,
    oi_day_low: tick.oiDayLow,
    last_trade_time: tick.lastTradeTime,
    exchange_timestamp: tick.exchangeTimestamp,
    ...Object.fromEntries(depth),
  };
}
