import {
  type Clock,
  type ConnectionConfig,
  type EventOf,
  KiteTicker,
  Mode,
  type RawFrame,
  systemClock,
} from '@kite/connection';
import { MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/protocol';

import { type Feed, nameOf } from '../../kit/feed.js';
import type { Watched } from '../../kit/watch-list.js';
import { aborted } from '../../live-market/aborted.js';
import {
  type FeedStateMessage,
  type Listed,
  type PageMessage,
  parsePageMessage,
  type RelayMessage,
} from '../relay-message.js';
import type { JoinedPage } from './board-server.js';
import { FrameHistory } from './frame-history.js';
import { PageLink, type PageSocket } from './page-link.js';

/** A frame of one byte, which only says that the server is there. */
const HEARTBEAT_LENGTH = 1;

/**
 * Passes one connection to Kite on to any number of pages: frames as they come, connection events as text. It decodes
 * nothing and never sends credentials or orders. Pages may change the watch list.
 */
export class Relay implements AsyncDisposable {
  readonly #feed: Feed;
  readonly #clock: Clock;
  readonly #ticker: KiteTicker;
  readonly #history = new FrameHistory();
  readonly #pages = new Set<PageLink>();
  #watched: readonly Watched[];
  #state: FeedStateMessage = { type: 'state', state: 'idle' };

  constructor(feed: Feed, config: ConnectionConfig = {}) {
    this.#feed = feed;
    this.#watched = feed.watched;
    this.#clock = config.clock ?? systemClock;
    this.#ticker = new KiteTicker({ ...feed.connection, ...config, rawOnly: true });
    this.#ticker.on('state', (event) => this.#noteState(event));
    this.#ticker.on('error', ({ message }) => this.#tellAll({ type: 'error', message }));
  }

  /**
   * Streams until the signal is aborted.
   *
   * Rejects with the KiteError of a permanent failure, such as `KITE_CONNECTION_UNAUTHORIZED`.
   */
  async run(signal: AbortSignal): Promise<void> {
    const tokens = this.#watched.map(({ instrumentToken }) => instrumentToken);
    await this.#ticker.subscribe(tokens, Mode.Full);
    const reading = this.#readFrames();
    try {
      await this.#streamUntil(signal);
    } finally {
      await this.#ticker.close();
      await reading;
    }
  }

  /** Adds a page, and sends it all that it needs to draw the board at once. */
  join(socket: PageSocket): JoinedPage {
    const page = new PageLink(socket);
    page.tell({
      type: 'hello',
      feed: this.#feed.name,
      now: this.#clock.now(),
      instruments: this.#listed,
    });
    page.tell(this.#state);
    page.replay(this.#history.frames());
    this.#pages.add(page);
    return {
      hear: (text) => {
        const asked = parsePageMessage(text);
        if (asked) void this.#answer(page, asked);
      },
      leave: () => void this.#pages.delete(page),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ticker.close();
  }

  get #listed(): Listed[] {
    return this.#watched.map(({ instrumentToken, symbol }) => ({ instrumentToken, symbol }));
  }

  async #answer(page: PageLink, asked: PageMessage): Promise<void> {
    try {
      const reason =
        asked.type === 'add' ? await this.#add(asked.name) : await this.#remove(asked.instrumentToken);
      if (reason === undefined) this.#tellAll({ type: 'instruments', instruments: this.#listed });
      else page.tell({ type: 'refused', reason });
    } catch (error) {
      page.tell({ type: 'refused', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Adds an instrument to the watch list; returns the reason if it cannot. */
  async #add(name: string): Promise<string | undefined> {
    const { instruments } = this.#feed;
    const found = instruments.find(name.toUpperCase()) ?? instruments.search(name, { limit: 1 })[0];
    if (!found) return `no instrument is called ${name}`;
    const { instrumentToken } = found;
    if (this.#watched.some((one) => one.instrumentToken === instrumentToken))
      return `${found.tradingsymbol} is on the list`;
    if (this.#watched.length >= MAX_INSTRUMENTS_PER_CONNECTION)
      return `one connection streams ${MAX_INSTRUMENTS_PER_CONNECTION} instruments, and has them`;
    const added = { instrumentToken, symbol: nameOf(instruments, instrumentToken), mode: Mode.Full };
    this.#watched = [...this.#watched, added];
    await this.#ticker.subscribe([instrumentToken], Mode.Full);
    return undefined;
  }

  async #remove(instrumentToken: number): Promise<string | undefined> {
    const left = this.#watched.filter((one) => one.instrumentToken !== instrumentToken);
    if (left.length === 0) return 'the last instrument stays';
    this.#watched = left;
    await this.#ticker.unsubscribe([instrumentToken]);
    return undefined;
  }

  /** A permanent failure shows in the connection's state, whether it had opened before or not. */
  #streamUntil(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      void aborted(signal).then(resolve);
      this.#ticker.on('state', ({ state, error }) => {
        if (state === 'failed') reject(error ?? new Error('the connection failed'));
      });
      this.#ticker.connect({ signal }).catch(reject);
    });
  }

  async #readFrames(): Promise<void> {
    for await (const frame of this.#ticker.subscribeRawFrames()) this.#pass(frame);
  }

  #pass({ bytes, receivedAt, dropped, gap }: RawFrame): void {
    if (gap) this.#tellAll({ type: 'gap', ...gap });
    if (dropped > 0) this.#tellAll({ type: 'lagged', dropped });
    for (const page of this.#pages) page.forward(bytes);
    if (bytes.length > HEARTBEAT_LENGTH) this.#history.add(bytes, receivedAt);
  }

  #noteState({ state, error }: EventOf<'state'>): void {
    this.#state = { type: 'state', state, ...(error && { reason: error.message }) };
    this.#tellAll(this.#state);
  }

  #tellAll(message: RelayMessage): void {
    for (const page of this.#pages) page.tell(message);
  }
}
