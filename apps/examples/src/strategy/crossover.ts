/**
 * A moving-average crossover on one instrument: long while the mean of the latest few prices is above that of many.
 *
 * It trades on what it has seen, so it must know what it has missed: during a gap it is flat, and after one it waits
 * until both means consist of new prices. It takes messages from any source and time from a given clock, so the same
 * code runs on Kite, on a simulator, and through a day in virtual time.
 */
import type { Clock, Gap, TickerMessage } from '@kite/manager';

export interface CrossoverOptions {
  readonly instrumentToken: number;
  /** For the timer that notices silence. */
  readonly clock: Clock;
  /** Sends the order. */
  readonly trade: (trade: Trade) => void;
  /** The number of prices in the quick mean, and in the slow one. */
  readonly fast: number;
  readonly slow: number;
  /**
   * Without a price for this long it goes flat: a gap is reported only when it is over, which is too late. It also
   * ignores prices that waited for longer, for example behind a blocked main thread.
   */
  readonly staleAfterMs: number;
}

export interface Trade {
  readonly side: 'buy' | 'sell';
  readonly reason: 'crossed' | 'gap' | 'lagged' | 'stale' | 'ended';
  /** The latest price that it has seen. */
  readonly price: number;
}

export class Crossover {
  readonly #options: CrossoverOptions;
  /** The latest `slow` prices since the last gap. */
  #prices: number[] = [];
  #isLong = false;
  #lastPrice = NaN;
  #staleTimer: unknown;

  constructor(options: CrossoverOptions) {
    this.#options = options;
  }

  get isLong(): boolean {
    return this.#isLong;
  }

  /** Reads until the messages end. */
  async run(messages: AsyncIterable<TickerMessage>): Promise<void> {
    try {
      for await (const message of messages) this.take(message);
    } finally {
      this.#forget('ended');
    }
  }

  take(message: TickerMessage): void {
    switch (message.type) {
      case 'ticks': {
        const isNews = this.#options.clock.now() - message.receivedAt <= this.#options.staleAfterMs;
        for (const { instrumentToken, lastPrice } of message.ticks)
          if (instrumentToken === this.#options.instrumentToken) this.#takePrice(lastPrice, isNews);
        break;
      }
      case 'gap':
        if (this.#concerns(message)) this.#forget('gap');
        break;
      case 'lagged':
        // Some of the dropped ticks may have been ours.
        this.#forget('lagged');
        break;
      default:
        break;
    }
  }

  #takePrice(price: number, isNews: boolean): void {
    const { clock, fast, slow, staleAfterMs } = this.#options;
    clock.clearTimeout(this.#staleTimer);
    this.#staleTimer = clock.setTimeout(() => this.#forget('stale'), staleAfterMs);
    this.#lastPrice = price;
    this.#prices.push(price);
    if (this.#prices.length > slow) this.#prices.shift();
    if (isNews && this.#prices.length === slow)
      this.#turn(mean(this.#prices.slice(-fast)) > mean(this.#prices), 'crossed');
  }

  /** Its data is out of date: it starts again, without a position. */
  #forget(reason: Trade['reason']): void {
    this.#options.clock.clearTimeout(this.#staleTimer);
    this.#prices = [];
    this.#turn(false, reason);
  }

  #turn(isLong: boolean, reason: Trade['reason']): void {
    if (isLong === this.#isLong) return;
    this.#isLong = isLong;
    this.#options.trade({ side: isLong ? 'buy' : 'sell', reason, price: this.#lastPrice });
  }

  #concerns({ instrumentTokens }: Gap): boolean {
    return instrumentTokens?.includes(this.#options.instrumentToken) ?? true;
  }
}

function mean(prices: readonly number[]): number {
  return prices.reduce((sum, price) => sum + price, 0) / prices.length;
}
