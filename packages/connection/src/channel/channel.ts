import { type Deferred, deferred } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';
import type { Backlog } from './backlog.js';

/**
 * A consumer's own, bounded stream of items. Read it with `for await`, or with `recv()`.
 *
 * Leaving a `for await` loop closes the channel: a stream that nobody reads any more is not kept.
 */
export interface Channel<T> extends AsyncIterable<T>, AsyncDisposable {
  /**
   * The next item, in order; undefined once the channel is closed and empty. Rejects once with
   * `KITE_CONNECTION_CHANNEL_OVERFLOW` where the policy `error` ended the channel.
   */
  recv(): Promise<T | undefined>;
  /** Items that wait to be read. */
  readonly size: number;
  /** The most items that may wait. */
  readonly capacity: number;
  /** Ticks (of raw-frame channels: frames) that this consumer has lost so far; other items count as one each. */
  readonly dropped: number;
  /** Ends the channel and lets go of what waits in it. Idempotent. */
  close(): void;
}

/** What a channel holds, and how much. */
export interface ChannelOptions {
  /** The most items that may wait to be read. Default: `parserBufferSize`; of raw-frame channels `connectionBufferSize`. */
  capacity?: number;
  /**
   * What happens when the consumer is slower than the market. `drop-oldest` (the default) and `drop-newest` lose ticks;
   * `conflate` keeps the newest tick of each instrument and hands them over as one batch; `error` ends the channel.
   * Orders, gaps and states outlive ticks and all else. Whatever is lost is counted and marked in the stream.
   */
  overflow?: 'drop-oldest' | 'drop-newest' | 'conflate' | 'error';
  /** Conflate, and hand over at most once in so many milliseconds, at the trailing edge. */
  throttleMs?: number;
  /** Only these instruments. Default: all. What was lost on the way here counts whatever the instrument, for nobody knows which it was. */
  tokens?: Iterable<number>;
}

/** The options of channels whose frames are not decoded: nothing to conflate, and no tokens to tell apart. */
export type RawChannelOptions = Pick<ChannelOptions, 'capacity'> & {
  overflow?: 'drop-oldest' | 'drop-newest' | 'error';
};

/** What a backlog tells the channel that reads it. */
export interface BacklogHooks {
  onLost: (item: { channelId: ChannelId }, weight: number) => void;
  /** Items can be taken that could not before. */
  onReady: () => void;
}

/** How a channel gets from its source to its consumer. */
export interface BacklogChannelOptions<Held, Item> {
  capacity: number;
  backlog: (hooks: BacklogHooks) => Backlog<Held>;
  /** The next item for the consumer, out of the backlog. */
  take: (backlog: Backlog<Held>) => Item | undefined;
  /** So much was lost, of what came from this connection; `isFirst` since the consumer had last kept up. */
  onLost: (channelId: ChannelId, weight: number, isFirst: boolean) => void;
  /** The channel takes nothing more. */
  onClosed: () => void;
}

/** The one implementation of {@link Channel}: waiting readers, iteration, the end. What is held and lost is the backlog's. */
export class BacklogChannel<Held, Item> implements Channel<Item> {
  readonly #options: BacklogChannelOptions<Held, Item>;
  readonly #backlog: Backlog<Held>;
  readonly #readers: Deferred<Item | undefined>[] = [];
  #isEnded = false;
  #failure: KiteError | undefined;
  #dropped = 0;
  #isLagging = false;

  constructor(options: BacklogChannelOptions<Held, Item>) {
    this.#options = options;
    this.#backlog = options.backlog({
      onLost: (item, weight) => {
        this.#lost(item.channelId, weight);
      },
      onReady: () => {
        this.#wake();
      },
    });
  }

  get size(): number {
    return this.#backlog.size;
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  get dropped(): number {
    return this.#dropped;
  }

  recv(): Promise<Item | undefined> {
    const item = this.#readers.length === 0 ? this.#take() : undefined;
    if (item !== undefined) return Promise.resolve(item);
    if (this.#failure) return this.#fail(this.#failure);
    if (this.#isEnded) return Promise.resolve(undefined);
    const reader = deferred<Item | undefined>();
    this.#readers.push(reader);
    return reader.promise;
  }

  close(): void {
    this.#backlog.clear();
    this.#failure = undefined;
    this.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
    return {
      next: async () => {
        const value = await this.recv();
        return value === undefined ? { done: true, value: undefined } : { done: false, value: value as Item };
      },
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Takes data in, and hands it on at once where somebody waits for it. */
  push(item: Held): void {
    if (this.#isEnded) return;
    if (this.#backlog.push(item)) this.#wake();
    else this.#overflow();
  }

  /** Takes in what is not to be lost while there is data to lose instead. */
  pushControl(item: Held): void {
    if (this.#isEnded) return;
    if (this.#backlog.pushControl(item)) this.#wake();
    else this.#overflow();
  }

  /** Takes in what outlives data, and is lost before any control item. */
  pushMinor(item: Held): void {
    if (this.#isEnded) return;
    if (this.#backlog.pushMinor(item)) this.#wake();
    else this.#overflow();
  }

  /** So much was lost before it came here; whoever lost it has told where it counts. */
  lose(weight: number): void {
    if (this.#isEnded) return;
    this.#dropped += weight;
    this.#backlog.lose(weight);
  }

  /** The source has ended: what waits can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#backlog.flush();
    this.#wake();
    for (const reader of this.#readers.splice(0)) reader.resolve(undefined);
    this.#options.onClosed();
  }

  #overflow(): void {
    this.#failure = new KiteError(
      'KITE_CONNECTION_CHANNEL_OVERFLOW',
      `a channel with the policy 'error' overflowed its capacity of ${this.capacity}`,
    );
    this.end();
  }

  #fail(failure: KiteError): Promise<never> {
    this.#failure = undefined;
    return Promise.reject(failure);
  }

  #wake(): void {
    while (this.#readers.length > 0) {
      const item = this.#take();
      if (item === undefined) return;
      this.#readers.shift()?.resolve(item);
    }
  }

  #take(): Item | undefined {
    const item = this.#options.take(this.#backlog);
    if (this.#isLagging && this.#backlog.size <= this.capacity / 2) this.#isLagging = false;
    return item;
  }

  #lost(channelId: ChannelId, weight: number): void {
    this.#dropped += weight;
    const isFirst = !this.#isLagging;
    this.#isLagging = true;
    this.#options.onLost(channelId, weight, isFirst);
  }
}
