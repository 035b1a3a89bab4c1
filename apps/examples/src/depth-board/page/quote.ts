import { type FullTick, type Ohlc, segmentName, segmentOf, type Tick } from '@kite/protocol';

import type { Listed } from '../relay-message.js';
import type { BarHistory } from './bar-history.js';
import { type Direction, directionOf } from './direction.js';
import { Tape } from './tape.js';

/** One instrument as the board knows it. */
export class Quote {
  readonly instrumentToken: number;
  readonly symbol: string;
  /** The exchange segment by name, such as `NSE`. */
  readonly exchange: string;
  readonly bars: BarHistory;
  readonly tape = new Tape();
  /** The newest tick; undefined before the first. */
  tick: Tick | undefined;
  /** When it was received, Unix milliseconds. */
  receivedAt = 0;
  /** Which way the last price went when it last changed. */
  direction: Direction = 'none';
  /** How often the last price has changed. */
  moves = 0;

  constructor({ instrumentToken, symbol }: Listed, bars: BarHistory) {
    this.instrumentToken = instrumentToken;
    this.symbol = symbol;
    this.exchange = segmentName(segmentOf(instrumentToken)) ?? `segment ${segmentOf(instrumentToken)}`;
    this.bars = bars;
  }

  /** The newest tick, if it has an order book. */
  get full(): FullTick | undefined {
    return this.tick?.mode === 'full' && this.tick.tradable ? this.tick : undefined;
  }

  get ohlc(): Ohlc | undefined {
    return this.tick && 'ohlc' in this.tick ? this.tick.ohlc : undefined;
  }

  get changePercent(): number | null {
    return this.tick && 'changePercent' in this.tick ? this.tick.changePercent : null;
  }

  get netChange(): number | null {
    return this.tick && 'netChange' in this.tick ? this.tick.netChange : null;
  }

  /** The exchange's time of the newest tick, in Unix milliseconds; null if it has none. */
  get exchangeTimestamp(): number | null {
    return this.tick && 'exchangeTimestamp' in this.tick ? this.tick.exchangeTimestamp : null;
  }

  take(tick: Tick, receivedAt: number): void {
    const before = this.tick;
    this.tick = tick;
    this.receivedAt = receivedAt;
    if (before && tick.lastPrice !== before.lastPrice) {
      this.direction = directionOf(tick.lastPrice - before.lastPrice);
      this.moves++;
    }
    const traded = before ? tradedBetween(before, tick) : 0;
    // The first tick after a subscription may be hours old: only the exchange's time shows it.
    const at = this.exchangeTimestamp ?? receivedAt;
    if (traded > 0) this.tape.add({ at, price: tick.lastPrice, quantity: traded, direction: this.direction });
  }
}

function tradedBetween(before: Tick, after: Tick): number {
  if (!('volumeTraded' in before) || !('volumeTraded' in after)) return 0;
  return Math.max(0, after.volumeTraded - before.volumeTraded);
}
