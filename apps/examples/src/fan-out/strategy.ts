import type { BusFeed } from '@kite/nats';

/** A program on the bus that counts what it reads. */
export class Strategy {
  readonly #feed: BusFeed;
  #ticks = 0;
  #gap = '';

  constructor(feed: BusFeed) {
    this.#feed = feed;
    feed.on('ticks', ({ ticks }) => {
      this.#ticks += ticks.length;
    });
    feed.on('gap', ({ from, to, reason }) => {
      this.#gap = `, a gap of ${((to - from) / 1000).toFixed(1)} s: ${reason}`;
    });
  }

  /** What it has received since the last call. */
  describe(): string {
    const { name, subscriptions } = this.#feed;
    const what = `${name.padEnd(8)} ${subscriptions.size} instruments, ${this.#ticks} ticks${this.#gap}`;
    this.#ticks = 0;
    this.#gap = '';
    return what;
  }
}
