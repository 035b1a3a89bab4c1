import type { TickBatch } from '@kite/protocol';
import type { LazyTick } from '@kite/raw';

/**
 * A consumer's own, bounded stream of items. Read it with `for await`, or with `recv()`.
 *
 * Leaving a `for await` loop closes the channel: a stream without a reader is not kept. Several loops over one
 * channel take turns.
 */
export interface Channel<T> extends AsyncIterable<T>, AsyncDisposable {
  /**
   * The next item, in order; undefined once the channel is closed and empty. Where the channel was ended with an error, or
   * by the policy `error` (`KITE_CONNECTION_CHANNEL_OVERFLOW`), it rejects with that once, after the last item.
   *
   * While a `recv()` without options is pending, another one is the same read: one that lost a race may be asked for again. A
   * read that gets its item between two calls has taken it, whether or not anybody still waits: keep its promise, or use
   * `timeoutMs`. With `timeoutMs` or `signal` each call is a read of its own; one that ends first takes no item, and rejects
   * with `KITE_CONNECTION_TIMEOUT` or `KITE_CONNECTION_ABORTED`. It rejects with `KITE_CONNECTION_INVALID_OPTION` for options
   * that are none.
   */
  recv(options?: {
    signal?: AbortSignal | undefined;
    timeoutMs?: number | undefined;
  }): Promise<T | undefined>;
  /** The next item, if one waits. Throws once what `recv()` would reject with. */
  tryRecv(): T | undefined;
  /** Whether the channel takes nothing more; what waits can still be read. */
  readonly isClosed: boolean;
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
  /**
   * The most items that may wait to be read. Conflated ticks do not count: at most one of each instrument waits. Default: the
   * option `parserBufferSize`.
   */
  capacity?: number | undefined;
  /**
   * The most ticks that may wait to be read, in all items together: a frame has one tick or hundreds. Default: the option
   * `capacityTicks`.
   */
  capacityTicks?: number | undefined;
  /**
   * What happens when the channel is full: the consumer is slower than the market. `drop-oldest` (the default) and
   * `drop-newest` lose ticks; `conflate` keeps the newest tick of each instrument and hands them over as one batch of each
   * connection; `error` ends the channel. Orders, states and gaps outlive all else, in their place: with `conflate` a batch ends
   * before one, and what follows is another. Whatever is lost is counted and marked in the stream.
   */
  overflow?: 'drop-oldest' | 'drop-newest' | 'conflate' | 'error' | undefined;
  /**
   * Conflate, and hand over at most once in this many milliseconds, at the trailing edge. An order, a state or a gap of a channel of
   * messages is not held back, nor is what came before it.
   */
  throttleMs?: number | undefined;
  /**
   * How `ticks()` hands ticks over. `plain` (the default): as plain objects. `lazy`: as `LazyTick`s, which read the same
   * fields from the packet when you ask, over memory of their own; a batch that is dropped was never decoded. Each tick keeps
   * its batch's bytes alive: `copy()` or `toTick()` what is kept for long. Channels of messages refuse `lazy`.
   */
  form?: 'plain' | 'lazy' | undefined;
  /** Only these instruments: tokens and, where a manager has the option `instruments`, names. Default: all. What was lost before it was decoded counts in full: its instruments are not known. */
  tokens?: Iterable<number | string> | undefined;
}

/** A batch of lazy ticks: see {@link ChannelOptions.form}. */
export interface LazyTickBatch extends TickBatch {
  /** One for each packet, but for instruments that the channel leaves out. Other consumers may have the same array: do not change it. */
  ticks: LazyTick[];
}

/** The options of channels whose frames are not decoded: nothing to conflate, and no tokens to tell apart. */
export interface RawChannelOptions {
  /** The most items that may wait to be read. Default: the option `connectionBufferSize`; of full packets `parserBufferSize`. */
  capacity?: number | undefined;
  /**
   * The most memory that the items which wait may keep alive, in bytes: of the chunks of the socket that they lie in, each
   * counted once. Default: the option `capacityBytes`.
   */
  capacityBytes?: number | undefined;
  /** What happens when the channel is full. Default: `drop-oldest`. */
  overflow?: 'drop-oldest' | 'drop-newest' | 'error' | undefined;
}
