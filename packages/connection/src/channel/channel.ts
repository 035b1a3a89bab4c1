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
   * The next item, in order; undefined once the channel is closed and empty. If the channel ended with an error, or by
   * the policy `error` (`KITE_CONNECTION_CHANNEL_OVERFLOW`), it rejects with that once, after the last item.
   *
   * While a `recv()` without options is pending, another call returns the same read: a read that lost a race may be
   * asked for again. A read that gets its item between two calls has taken it, even if nothing awaits it: keep its
   * promise, or use `timeoutMs`. With `timeoutMs` or `signal` each call is a read of its own; one that ends first takes
   * no item, and rejects with `KITE_CONNECTION_TIMEOUT` or `KITE_CONNECTION_ABORTED`. Invalid options reject with
   * `KITE_CONNECTION_INVALID_OPTION`.
   */
  recv(options?: {
    signal?: AbortSignal | undefined;
    timeoutMs?: number | undefined;
  }): Promise<T | undefined>;
  /** The next item, if one waits. Throws once what `recv()` would reject with. */
  tryRecv(): T | undefined;
  /** Whether the channel takes no more items; those that wait can still be read. */
  readonly isClosed: boolean;
  /** Items that wait to be read. */
  readonly size: number;
  /** The most items that may wait. */
  readonly capacity: number;
  /** Ticks (frames, in a raw-frame channel) that this consumer has lost so far; other items count as one each. */
  readonly dropped: number;
  /** Ends the channel and discards what waits in it. Idempotent. */
  close(): void;
}

/** What a channel holds, and how much. */
export interface ChannelOptions {
  /**
   * The most items that may wait to be read. Conflated ticks do not count: at most one of each instrument waits.
   * Default: the option `parserBufferSize`.
   */
  capacity?: number | undefined;
  /**
   * The most ticks that may wait to be read, in all items together: a frame has one tick or hundreds. Default: the
   * option `capacityTicks`.
   */
  capacityTicks?: number | undefined;
  /**
   * What happens when the channel is full: the consumer is slower than the market. `drop-oldest` (the default) and
   * `drop-newest` lose ticks; `conflate` keeps the newest tick of each instrument and delivers them as one batch per
   * connection; `error` ends the channel. Orders, states and gaps outlive everything else and keep their place: with
   * `conflate` a batch ends before one, and later ticks form another batch. Every loss is counted and marked in the
   * stream.
   */
  overflow?: 'drop-oldest' | 'drop-newest' | 'conflate' | 'error' | undefined;
  /**
   * Conflate, and deliver at most once in this many milliseconds, at the trailing edge. In a channel of messages, an
   * order, a state or a gap is not held back, nor is what came before it.
   */
  throttleMs?: number | undefined;
  /**
   * How `ticks()` delivers ticks. `plain` (the default): as plain objects. `lazy`: as `LazyTick`s, which read the same
   * fields from the packet on demand, over memory of their own; a batch that is dropped was never decoded. Each tick
   * keeps its batch's bytes alive: `copy()` or `toTick()` what you keep for long. Channels of messages refuse `lazy`.
   */
  form?: 'plain' | 'lazy' | undefined;
  /**
   * Only these instruments: tokens or, where a manager has the option `instruments`, names. Default: all. Data lost
   * before decoding counts in full: its instruments are not known.
   */
  tokens?: Iterable<number | string> | undefined;
}

/** A batch of lazy ticks: see {@link ChannelOptions.form}. */
export interface LazyTickBatch extends TickBatch {
  /**
   * One tick per packet, except for instruments that the channel leaves out. Other consumers may share the array: do
   * not change it.
   */
  ticks: LazyTick[];
}

/** The options of channels of undecoded frames: nothing to conflate, and no tokens to tell apart. */
export interface RawChannelOptions {
  /** The most items that may wait. Default: the option `connectionBufferSize`; of full packets `parserBufferSize`. */
  capacity?: number | undefined;
  /**
   * The most memory that waiting items may keep alive, in bytes: the socket chunks they lie in, each counted once.
   * Default: the option `capacityBytes`.
   */
  capacityBytes?: number | undefined;
  /** What happens when the channel is full. Default: `drop-oldest`. */
  overflow?: 'drop-oldest' | 'drop-newest' | 'error' | undefined;
}
