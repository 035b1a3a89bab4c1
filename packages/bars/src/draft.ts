import type { Bar, Candle } from './bar.js';
import type { BarInterval } from './interval.js';

/** A bar in the making. Mutable, so that a tick allocates nothing. */
export class Draft {
  open = NaN;
  high = -Infinity;
  low = Infinity;
  close = NaN;
  volume = 0;
  turnover = 0;
  oi: number | null = null;
  tickCount = 0;
  /** The time of the last trade in it. */
  lastTime = -Infinity;
  revision = 0;
  partial = false;
  gap = false;
  byArrival = false;
  isHistorical = false;
  /** A repair was requested. */
  isAsked = false;
  /** The start of the missing part, at or before `start`. */
  missingFrom: number;
  /** The index of the connection it began on, and how often that connection had lost ticks then. */
  source = 0;
  lossesAtStart = 0;

  constructor(
    readonly start: number,
    public end: number,
    /** The end of its session. */
    readonly sessionEnd: number,
    /** When the clock closes it. */
    readonly due: number,
  ) {
    this.missingFrom = start;
  }

  /** Adds a trade. A trade older than the last one changes everything but the close. */
  trade(price: number, volume: number, time: number): void {
    if (this.tickCount === 0) this.open = price;
    if (price > this.high) this.high = price;
    if (price < this.low) this.low = price;
    if (time >= this.lastTime) {
      this.close = price;
      this.lastTime = time;
    }
    this.volume += volume;
    this.turnover += price * volume;
    this.tickCount++;
  }

  /** Makes it a bar without a trade, at the price before it. */
  flat(price: number): this {
    this.open = this.high = this.low = this.close = price;
    return this;
  }

  /** Takes over a candle of history. */
  heal(candle: Candle): void {
    this.open = candle.open;
    this.high = candle.high;
    this.low = candle.low;
    this.close = candle.close;
    this.volume = candle.volume;
    this.turnover = NaN;
    this.oi = candle.oi ?? null;
    this.partial = false;
    this.gap = false;
    this.isHistorical = true;
    this.revision++;
  }

  toBar(instrumentToken: number, interval: BarInterval, state: Bar['state']): Bar {
    const vwap = this.turnover / this.volume;
    return {
      instrumentToken,
      interval,
      start: this.start,
      end: this.end,
      open: this.open,
      high: this.high,
      low: this.low,
      close: this.close,
      volume: this.volume,
      oi: this.oi,
      vwap: Number.isFinite(vwap) ? vwap : null,
      tickCount: this.tickCount,
      state,
      partial: this.partial,
      gap: this.gap,
      revision: this.revision,
      source: this.isHistorical ? 'historical' : this.byArrival ? 'arrival' : 'exchange',
    };
  }
}
