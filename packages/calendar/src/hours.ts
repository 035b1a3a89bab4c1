import type { Exchange } from './exchange.js';
import { type DayNumber, parseDate, parseMinutes } from './ist.js';
import type { MarketPhase, PhaseOptions } from './phase.js';
import { isUsDaylightSaving } from './us-daylight-saving.js';

/** A phase, in minutes since midnight. */
export interface Hours {
  readonly phase: Exclude<MarketPhase, 'closed'>;
  readonly from: number;
  readonly to: number;
}

/**
 * NSE/CMTR/74466 and NSE/FAOP/74467 of 2026-05-29, BSE notices 20260801-1 and -2: the closing auction of stocks with
 * derivatives, a later post-close session, and ten minutes more for derivatives.
 */
const CLOSING_AUCTION_SINCE = parseDate('date', '2026-08-03');
/** NSE/FAOP/71640 of 2025-12-05 and BSE notice 20251110-40. Only for futures; options open at 09:15. */
const DERIVATIVES_PRE_OPEN_SINCE = parseDate('date', '2025-12-08');

/** When the commodity markets pass from their morning to their evening session. */
export const EVENING = parseMinutes('time', '17:00');

const span = (phase: Hours['phase'], from: string, to: string): Hours => ({
  phase,
  from: parseMinutes('from', from),
  to: parseMinutes('to', to),
});

// Orders are taken until 09:08 (since 2026-09-07 until 09:10: NSE/CMTR/74969), then matched; the phase lasts until trading.
const PRE_OPEN = span('pre-open', '09:00', '09:15');

const EQUITY = [PRE_OPEN, span('continuous', '09:15', '15:30')];
const EQUITY_UNTIL_AUGUST_2026 = [...EQUITY, span('post-close', '15:40', '16:00')];
const EQUITY_TODAY = [...EQUITY, span('post-close', '15:50', '16:00')];
const EQUITY_WITH_AUCTION = [
  PRE_OPEN,
  span('continuous', '09:15', '15:15'),
  span('closing-auction', '15:15', '15:35'),
  span('post-close', '15:50', '16:00'),
];

const DERIVATIVES = [span('continuous', '09:15', '15:30')];
const DERIVATIVES_WITH_PRE_OPEN = [PRE_OPEN, ...DERIVATIVES];
const DERIVATIVES_TODAY = [PRE_OPEN, span('continuous', '09:15', '15:40')];

// SEBI/HO/MRD/DP/CIR/P/2016/38 of 2016-03-09 for cross currency.
const CURRENCY = [span('continuous', '09:00', '17:00')];
const CROSS_CURRENCY = [span('continuous', '09:00', '19:30')];

// SEBI/HO/CDMRD/DMP/CIR/P/2018/146 of 2018-11-30, and the exchanges' circulars twice a year.
const COMMODITY_SUMMER = [span('continuous', '09:00', '23:30')];
const COMMODITY_WINTER = [span('continuous', '09:00', '23:55')];
const AGRI = [span('continuous', '09:00', '17:00')];
const AGRI_INTERNATIONAL = [span('continuous', '09:00', '21:00')];

/** The hours of a normal day, in order. */
export function regularHours(exchange: Exchange, day: DayNumber, options: PhaseOptions): readonly Hours[] {
  switch (exchange) {
    case 'NSE':
    case 'BSE':
      if (day < CLOSING_AUCTION_SINCE) return EQUITY_UNTIL_AUGUST_2026;
      return options.closingAuction ? EQUITY_WITH_AUCTION : EQUITY_TODAY;
    case 'NFO':
    case 'BFO':
      if (day < DERIVATIVES_PRE_OPEN_SINCE) return DERIVATIVES;
      return day < CLOSING_AUCTION_SINCE ? DERIVATIVES_WITH_PRE_OPEN : DERIVATIVES_TODAY;
    case 'CDS':
    case 'BCD':
      return options.group === 'cross-currency' ? CROSS_CURRENCY : CURRENCY;
    case 'MCX':
    case 'NCO':
      if (options.group === 'agri') return AGRI;
      if (options.group === 'agri-international') return AGRI_INTERNATIONAL;
      return isUsDaylightSaving(day) ? COMMODITY_SUMMER : COMMODITY_WINTER;
  }
}

/** The part of these hours between two minutes of the day. */
export function clipped(hours: readonly Hours[], from: number, to: number): readonly Hours[] {
  return hours
    .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }))
    .filter((one) => one.from < one.to);
}
