import type { EventName, EventOf, RawFrame, TickBatch, TickerMessage, TickSource } from '@kite/protocol';

import type { Channel, ChannelOptions, LazyTickBatch, RawChannelOptions } from './channel/channel.js';

/** How a promise of `once` may end early. */
export interface OnceOptions {
  /** Rejects the promise with `KITE_CONNECTION_ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * What ticks are read from: a ticker, or a manager of one account or of many. A program written against it runs on any
 * of them.
 */
export interface Feed extends TickSource {
  /**
   * Ticks alone, one batch per frame; gaps and drops are marked on the batches.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` if nothing is decoded
   */
  ticks(options: ChannelOptions & { form: 'lazy' }): Channel<LazyTickBatch>;
  ticks(options?: ChannelOptions): Channel<TickBatch>;
  /** All messages of the feed, in order. */
  messages(options?: ChannelOptions): Channel<TickerMessage>;
  /** Binary messages as they came. */
  rawFrames(options?: RawChannelOptions): Channel<RawFrame>;
  /**
   * Calls the listener for each such event: synchronously, before any channel gets it. An error that it throws is
   * contained and reported as an `issue`. Returns a function that stops listening.
   */
  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** As {@link on}, for the next such event only. */
  once<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** The next such event. Rejects when the feed ends before it. */
  once<Type extends EventName>(type: Type, options?: OnceOptions): Promise<EventOf<Type>>;
  /** Detaches what `on` or `once` attached with this listener; does nothing if there is none. */
  off<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): void;
  /**
   * Resolves when the feed is stopped. Rejects with the error that ends its channels when nothing more can come unless
   * you call a method. You do not have to await it. The next start or revival puts a new promise here.
   */
  readonly ended: Promise<void>;
}
