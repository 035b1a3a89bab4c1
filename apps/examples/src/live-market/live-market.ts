import {
  type ChannelId,
  type Clock,
  type ConnectionStats,
  type EventOf,
  type HealthSummary,
  KiteTickerManager,
  type ManagerConfig,
  systemClock,
  type TickerMessage,
} from '@kite/manager';

import type { Feed } from '../kit/feed.js';
import { aborted } from './aborted.js';
import { counted } from './describe.js';
import { connectionName, EventLog, eventOf, healthEvent } from './event-log.js';
import { Faults } from './faults.js';
import { Placement } from './placement.js';
import { PriceBoard } from './price-board.js';
import { type Rate, Rates } from './rates.js';

/** One connection at one moment. */
export interface ConnectionView {
  readonly name: string;
  readonly stats: ConnectionStats;
  readonly rate: Rate;
  /** Milliseconds until it dials again; null while it is not waiting. */
  readonly retryInMs: number | null;
}

/** The feed at one moment. */
export interface Snapshot {
  /** Unix milliseconds. */
  readonly now: number;
  readonly connections: readonly ConnectionView[];
  readonly health: HealthSummary;
  /** Resident memory of the process, including a simulator in it. */
  readonly memoryBytes: number;
}

/** Events other than ticks. */
const EVENTS = ['state', 'gap', 'error', 'issue', 'order', 'message'] as const;

/** Eyes cannot follow anything faster; in between, a newer tick replaces an older one of the same instrument. */
const BOARD_INTERVAL_MS = 200;

/** The market as shown, kept up to date: prices, events and the connections' state. */
export class LiveMarket implements AsyncDisposable {
  readonly feed: Feed;
  readonly board: PriceBoard;
  readonly events = new EventLog();
  /** Only a simulated feed can be broken on purpose. */
  readonly faults: Faults | undefined;
  readonly #manager: KiteTickerManager;
  readonly #clock: Clock;
  readonly #rates = new Map<ChannelId, Rates>();
  readonly #placement = new Placement();
  /** When a waiting connection dials again, in Unix milliseconds. */
  readonly #retryAt = new Map<ChannelId, number>();
  /** Why a connection is down, as one of its states has said; until it is open again. */
  readonly #troubles = new Map<ChannelId, string>();

  constructor(feed: Feed, config: ManagerConfig = {}) {
    this.feed = feed;
    this.faults = feed.simulator && new Faults(feed.simulator);
    this.board = new PriceBoard(feed.watched);
    this.#clock = config.clock ?? systemClock;
    this.#manager = new KiteTickerManager({ ...feed.connection, instruments: feed.instruments, ...config });
    for (const type of EVENTS) this.#manager.on(type, (message: TickerMessage) => this.#note(message));
    this.#manager.on('unplaced', (tokens) => this.#noteUnplaced(tokens));
  }

  /**
   * Streams until the signal is aborted.
   *
   * Rejects with the KiteError of a permanent failure, such as `KITE_CONNECTION_UNAUTHORIZED`, once no connection is
   * left; and with `KITE_MANAGER_CAPACITY`.
   */
  async run(signal: AbortSignal): Promise<void> {
    const modes = new Map(this.feed.watched.map(({ instrumentToken, mode }) => [instrumentToken, mode]));
    await this.#manager.assignSymbols(modes);
    const reading = this.#readPrices();
    try {
      await this.#streamUntil(signal);
    } finally {
      await this.#manager.stop();
      await reading;
    }
  }

  snapshot(): Snapshot {
    const now = this.#clock.now();
    const { connectionStats } = this.#manager.getStats();
    for (const event of this.#placement.look(connectionStats, now)) this.events.add(event);
    return {
      now,
      connections: connectionStats.map((stats) => this.#viewOf(stats, now)),
      health: this.#manager.getHealth(),
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  /** Breaks a connection on purpose, if possible; a second `stall` or `outage` ends the fault. */
  async inject(fault: keyof Faults, channelId: ChannelId): Promise<void> {
    // An unused connection has no entry.
    const distribution: Partial<Record<ChannelId, number[]>> = this.#manager.getSymbolDistribution();
    const [holds] = distribution[channelId] ?? [];
    const done = await this.faults?.[fault]({ channelId, holds });
    if (done !== undefined)
      this.events.add({ at: this.#clock.now(), kind: 'fault', text: done, tone: 'bad' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#manager.stop();
  }

  /** A permanent failure shows in the connection's state, whether it had opened before or not. */
  #streamUntil(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      void aborted(signal).then(resolve);
      this.#manager.on('state', ({ state, error }) => {
        if (state === 'failed' && this.#hasFailed()) reject(error ?? new Error('every connection failed'));
      });
      this.#manager.start({ keepTrying: true }).then(() => this.#watchHealth(), reject);
    });
  }

  #hasFailed(): boolean {
    return this.#manager.getStats().connectionStats.every(({ state }) => state === 'failed');
  }

  /** During the start, connections that have not opened yet are no news. */
  #watchHealth(): void {
    this.#manager.on('health', (health) =>
      this.events.add(healthEvent(health, this.#clock.now(), this.#troubles.values())),
    );
  }

  /** Three thousand ticks a second become five batches. */
  async #readPrices(): Promise<void> {
    const channel = this.#manager.ticks({ overflow: 'conflate', throttleMs: BOARD_INTERVAL_MS });
    for await (const batch of channel) this.board.take(batch);
  }

  #viewOf(stats: ConnectionStats, now: number): ConnectionView {
    const { connectionId, ticksReceived, messagesReceived } = stats;
    const retryAt = this.#retryAt.get(connectionId);
    const rates = this.#rates.get(connectionId) ?? new Rates();
    this.#rates.set(connectionId, rates);
    const totals = { ticks: ticksReceived, frames: messagesReceived };
    return {
      name: connectionName(connectionId),
      stats,
      rate: rates.sample(totals, this.#clock.monotonic()),
      retryInMs: retryAt === undefined ? null : Math.max(0, retryAt - now),
    };
  }

  #note(message: TickerMessage): void {
    if (message.type === 'state') this.#noteState(message);
    const event = eventOf(message);
    if (event) this.events.add(event);
  }

  #noteState({ channelId, receivedAt, retryInMs, state, error }: EventOf<'state'>): void {
    if (error !== undefined) this.#troubles.set(channelId, error.message);
    else if (state === 'open') this.#troubles.delete(channelId);
    if (retryInMs === undefined) this.#retryAt.delete(channelId);
    else this.#retryAt.set(channelId, receivedAt + retryInMs);
  }

  /** With no connection open, after a stop or with all refused, an empty list is no good news: nothing counts then. */
  #noteUnplaced({ length }: readonly number[]): void {
    const at = this.#clock.now();
    if (length > 0) {
      const text = `${counted(length, 'instrument has', 'instruments have')} no connection, and no other has room`;
      this.events.add({ at, kind: 'unplaced', text, tone: 'bad' });
    } else if (this.#manager.getHealth().healthyConnections > 0) {
      const text = 'every instrument has a connection again';
      this.events.add({ at, kind: 'unplaced', text, tone: 'good' });
    }
  }
}
