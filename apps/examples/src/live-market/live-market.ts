import {
  KiteTicker,
  Mode,
  systemClock,
  type Clock,
  type ConnectionConfig,
  type ConnectionStats,
  type TickerMessage,
} from '@kite/connection';

import type { Faults } from '../feed/faults.js';
import type { Feed } from '../feed/feed.js';
import { aborted } from './aborted.js';
import { EventLog, eventOf } from './event-log.js';
import { PriceBoard } from './price-board.js';
import { Rates, type Rate } from './rates.js';

/** One connection at one moment. */
export interface ConnectionView {
  readonly name: string;
  readonly stats: ConnectionStats;
  readonly rate: Rate;
}

/** The feed at one moment. */
export interface Snapshot {
  /** Unix milliseconds. */
  readonly now: number;
  readonly connections: readonly ConnectionView[];
  /** Resident memory of the process, of a simulator in it as well. */
  readonly memoryBytes: number;
}

/** What can happen beside ticks. */
const EVENTS = ['state', 'gap', 'error', 'issue', 'order', 'message'] as const;

/** Eyes do not follow anything faster; in between, a newer tick replaces an older one of the same instrument. */
const BOARD_INTERVAL_MS = 200;

/** The market as it is shown, kept up to date: prices, events, and how the connection is. */
export class LiveMarket implements AsyncDisposable {
  readonly feed: Feed;
  readonly board: PriceBoard;
  readonly events = new EventLog();
  readonly #ticker: KiteTicker;
  readonly #clock: Clock;
  readonly #rates = new Rates();

  constructor(feed: Feed, config: ConnectionConfig = {}) {
    this.feed = feed;
    this.board = new PriceBoard(feed.watched);
    this.#clock = config.clock ?? systemClock;
    this.#ticker = new KiteTicker({ ...feed.connection, ...config });
    for (const type of EVENTS) this.#ticker.on(type, (message: TickerMessage) => this.#note(message));
  }

  /**
   * Streams until the signal is aborted.
   *
   * Rejects with the KiteError of a failure that does not pass by itself, such as `KITE_CONNECTION_UNAUTHORIZED`.
   */
  async run(signal: AbortSignal): Promise<void> {
    for (const mode of Object.values(Mode)) {
      const tokens = this.feed.watched.filter((one) => one.mode === mode).map((one) => one.instrumentToken);
      if (tokens.length > 0) await this.#ticker.subscribe(tokens, mode);
    }
    const reading = this.#readPrices();
    try {
      await this.#streamUntil(signal);
    } finally {
      await this.#ticker.close();
      await reading;
    }
  }

  snapshot(): Snapshot {
    const stats = this.#ticker.getStats();
    const totals = { ticks: stats.ticksReceived, frames: stats.messagesReceived };
    const rate = this.#rates.sample(totals, this.#clock.monotonic());
    return {
      now: this.#clock.now(),
      connections: [{ name: 'connection 1', stats, rate }],
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  /** Breaks the feed on purpose, where that is possible; `stall` again ends the stall. */
  async inject(fault: keyof Faults): Promise<void> {
    const done = await this.feed.faults?.[fault]();
    if (done !== undefined)
      this.events.add({ at: this.#clock.now(), kind: 'fault', text: done, tone: 'bad' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ticker.close();
  }

  /** A connection that fails for good says so in its state, whether it had opened before or not. */
  #streamUntil(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      void aborted(signal).then(resolve);
      this.#ticker.on('state', ({ state, error }) => {
        if (state === 'failed') reject(error ?? new Error('the connection failed'));
      });
      this.#ticker.connect({ signal }).catch(reject);
    });
  }

  async #readPrices(): Promise<void> {
    for await (const batch of this.#ticker.ticks({ throttleMs: BOARD_INTERVAL_MS })) this.board.take(batch);
  }

  #note(message: TickerMessage): void {
    const event = eventOf(message);
    if (event) this.events.add(event);
  }
}
