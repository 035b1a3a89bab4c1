import type { InstrumentGroup } from './exchange.js';

/** Every phase, in the order of a day. */
export const PHASES = ['closed', 'pre-open', 'continuous', 'closing-auction', 'post-close'] as const;

/**
 * What a market does. `closed`: nothing trades, at night, on holidays and between two phases of a day.
 *
 * - `pre-open`: orders are collected; at its end they trade at one price.
 * - `continuous`: orders trade as they come.
 * - `closing-auction`: quiet, then one trade; for stocks with derivatives, since 2026-08-03.
 * - `post-close`: trades at the closing price.
 */
export type MarketPhase = (typeof PHASES)[number];

/** Selects instruments of an exchange. */
export interface PhaseOptions {
  /**
   * Stocks with derivatives, on NSE and BSE: since 2026-08-03 a closing auction ends their day. Default false. No
   * effect on other exchanges or before that day.
   */
  closingAuction?: boolean | undefined;
  /** Instruments with their own hours. Default: the exchange's hours. */
  group?: InstrumentGroup | undefined;
}

/** A span of a day in one phase. */
export interface PhaseSpan {
  /** Never `closed`: that is the time between the spans. */
  readonly phase: Exclude<MarketPhase, 'closed'>;
  /** Unix milliseconds, inclusive. */
  readonly from: number;
  /** Unix milliseconds, exclusive. */
  readonly to: number;
}
