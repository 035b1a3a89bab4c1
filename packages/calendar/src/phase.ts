import type { InstrumentGroup } from './exchange.js';

/** Every phase, in the order of a day. */
export const PHASES = ['closed', 'pre-open', 'continuous', 'closing-auction', 'post-close'] as const;

/**
 * What a market does. In `closed` nothing trades: at night, on holidays, and between two phases of a day as well.
 *
 * - `pre-open`: orders are collected; at its end they trade at one price.
 * - `continuous`: orders trade as they come.
 * - `closing-auction`: quiet, then one trade, in stocks that have derivatives, since 2026-08-03.
 * - `post-close`: trades at the closing price.
 */
export type MarketPhase = (typeof PHASES)[number];

/** Which instruments of an exchange are meant. */
export interface PhaseOptions {
  /**
   * Stocks that have derivatives, on NSE and BSE: since 2026-08-03 a closing auction ends their day. Default false. It makes no
   * difference on other exchanges, nor before that day.
   */
  closingAuction?: boolean | undefined;
  /** Instruments with hours of their own. Default: those of the exchange. */
  group?: InstrumentGroup | undefined;
}

/** A stretch of a day in one phase. */
export interface PhaseSpan {
  /** Never `closed`: that is what lies between the stretches. */
  readonly phase: Exclude<MarketPhase, 'closed'>;
  /** Unix milliseconds, inclusive. */
  readonly from: number;
  /** Unix milliseconds, exclusive. */
  readonly to: number;
}
