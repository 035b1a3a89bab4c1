import type { Clock, EventName, EventOf, RawFrame, TickBatch, TickerMessage } from '@kite/protocol';

import type { Channel, ChannelOptions, LazyTickBatch, RawChannelOptions } from './channel/channel.js';
import type { Feed, OnceOptions } from './feed.js';
import type { FeedEnd } from './feed/feed-end.js';
import type { Registrations } from './feed/registrations.js';

/** What the reading side of a feed is made of. */
export interface FeedParts {
  readonly clock: Clock;
  /** Opens channels; the options say whether a batch's ticks are lazy. */
  readonly channels: {
    messages(options?: ChannelOptions): Channel<TickerMessage>;
    ticks(options?: ChannelOptions): Channel<TickBatch>;
    rawFrames(options?: RawChannelOptions): Channel<RawFrame>;
  };
  readonly registrations: Registrations;
  readonly end: FeedEnd;
}

/**
 * The reading side that a ticker, a manager of one account and a manager of many share.
 *
 * `Own` are the events, by name, that one of them has besides those of every feed.
 */
export abstract class KiteFeed<Own = unknown> implements Feed {
  readonly #parts: FeedParts;

  /** @internal */
  protected constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Where its time comes from. */
  get clock(): Clock {
    return this.#parts.clock;
  }

  /**
   * Resolves after `stop()` or `close()`. Rejects with the error that ends the channels when everything has failed for
   * good, and nothing more can come unless you call a method. You do not have to await it. The next start, connect or
   * revival puts a new promise here.
   */
  get ended(): Promise<void> {
    return this.#parts.end.promise;
  }

  /** All messages, in order and as one stream; without ticks with `rawOnly`. */
  messages(options?: ChannelOptions): Channel<TickerMessage> {
    return this.#parts.channels.messages(options);
  }

  /**
   * Ticks alone, one batch per frame; gaps and losses are marked on the batches.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY`
   */
  ticks(options: ChannelOptions & { form: 'lazy' }): Channel<LazyTickBatch>;
  ticks(options?: ChannelOptions): Channel<TickBatch>;
  ticks(options?: ChannelOptions): Channel<TickBatch> {
    return this.#parts.channels.ticks(options);
  }

  /** Binary messages as they came. If all consumers are raw, nothing is ever decoded. */
  rawFrames(options?: RawChannelOptions): Channel<RawFrame> {
    return this.#parts.channels.rawFrames(options);
  }

  /**
   * Calls the listener for each message of this type, each undecoded `frame`, or each of the feed's own events:
   * synchronously, before any channel gets it. An error that it throws is contained and reported as an `issue`. Returns
   * a function that stops listening.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks` with `rawOnly`
   * @throws KiteInputError for an unknown event: `KITE_CONNECTION_INVALID_OPTION`, `KITE_MANAGER_INVALID_OPTION` or
   * `KITE_MULTI_API_INVALID_OPTION`
   */
  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  on<Type extends keyof Own & string>(type: Type, listener: (event: Own[Type]) => unknown): () => void;
  on(type: string, listener: (event: never) => unknown): () => void {
    return this.#parts.registrations.on(type, listener);
  }

  /** As {@link on}, for the next such event only. */
  once<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  once<Type extends keyof Own & string>(type: Type, listener: (event: Own[Type]) => unknown): () => void;
  /** The next such event. Rejects when the feed ends before it, or when `signal` is aborted. */
  once<Type extends EventName>(type: Type, options?: OnceOptions): Promise<EventOf<Type>>;
  once<Type extends keyof Own & string>(type: Type, options?: OnceOptions): Promise<Own[Type]>;
  once(type: string, second?: ((event: never) => unknown) | OnceOptions): unknown {
    return this.#parts.registrations.once(type, second);
  }

  /** Detaches what `on` or `once` attached with this listener; does nothing if there is none. */
  off<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): void;
  off<Type extends keyof Own & string>(type: Type, listener: (event: Own[Type]) => unknown): void;
  off(type: string, listener: (event: never) => unknown): void {
    this.#parts.registrations.off(type, listener);
  }

  /** {@link off}, for Node's `events.once(feed, type)`. */
  removeListener(type: string, listener: (event: never) => unknown): void {
    this.#parts.registrations.off(type, listener);
  }
}
