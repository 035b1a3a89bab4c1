import type { EventName, EventOf, RawFrame, TickBatch, TickerMessage, TickSource } from '@kite/protocol';

import type { Channel, ChannelOptions, LazyTickBatch, RawChannelOptions } from './channel/channel.js';

/** How a promise of `once` may end early. */
export interface OnceOptions {
  /** Rejects the promise with `KITE_CONNECTION_ABORTED`. */
  signal?: AbortSignal | undefined;
}

/**
 * What ticks are read from: a ticker, a manager of one account or of many. A program that is written against it runs on
 * each of them.
 */
export interface Feed extends TickSource {
  /**
   * Ticks alone, by the frame; gaps and drops stand on the batches.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` where nothing is decoded
   */
  ticks(options: ChannelOptions & { form: 'lazy' }): Channel<LazyTickBatch>;
  ticks(options?: ChannelOptions): Channel<TickBatch>;
  /** Everything that the feed has to say, in order. */
  messages(options?: ChannelOptions): Channel<TickerMessage>;
  /** Binary messages as they came. */
  rawFrames(options?: RawChannelOptions): Channel<RawFrame>;
  /**
   * Calls the listener for each such event: synchronously, before any channel gets it. A listener that throws is contained
   * and reported as an `issue`. Returns how to stop listening.
   */
  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** As {@link on}, for the next such event only. */
  once<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** The next such event. Rejects when the feed ends before it. */
  once<Type extends EventName>(type: Type, options?: OnceOptions): Promise<EventOf<Type>>;
  /** Stops what `on` or `once` began with this listener; without effect where nothing did. */
  off<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): void;
  /**
   * Resolves when the feed is stopped, and rejects with the error that ends its channels when nothing can come any more
   * unless you call a method. You do not have to await it. A new promise stands here after the next start or revival.
   */
  readonly ended: Promise<void>;
}
