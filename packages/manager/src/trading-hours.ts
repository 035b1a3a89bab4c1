import { segmentName, segmentOf } from '@kite/protocol';

import type { ManagerConfig } from './options.js';

/** Knows when exchanges trade. */
export type TradingCalendar = NonNullable<ManagerConfig['calendar']>;

/** An exchange, by the name of Kite's instruments list. */
type TradingExchange = 'NSE' | 'BSE' | 'NFO' | 'BFO' | 'CDS' | 'BCD' | 'MCX' | 'NCO';

/** The segments whose exchange a calendar knows; indices keep the hours of their stocks. */
const EXCHANGES: Readonly<Record<string, TradingExchange>> = {
  ...{ NSE: 'NSE', BSE: 'BSE', NFO: 'NFO', BFO: 'BFO' },
  ...{ CDS: 'CDS', BCD: 'BCD', MCX: 'MCX', NCO: 'NCO' },
  INDICES: 'NSE',
};

/**
 * Whether one of these instruments is in continuous trading, so that their silence means something. Without a calendar,
 * or for an exchange that it does not know, it always does.
 */
export function isTrading(
  calendar: TradingCalendar | undefined,
  tokens: Iterable<number>,
  at: number,
): boolean {
  if (calendar === undefined) return true;
  const asked = new Set<TradingExchange>();
  for (const token of tokens) {
    const exchange = EXCHANGES[segmentName(segmentOf(token)) ?? ''];
    if (exchange === undefined) return true;
    if (asked.has(exchange)) continue;
    asked.add(exchange);
    if (isContinuous(calendar, exchange, at)) return true;
  }
  return false;
}

/** A calendar that fails excuses no silence. */
function isContinuous(calendar: TradingCalendar, exchange: TradingExchange, at: number): boolean {
  try {
    return calendar.phaseAt(exchange, at) === 'continuous';
  } catch {
    return true;
  }
}
