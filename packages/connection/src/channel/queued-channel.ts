import { begunAfter } from '@kite/kit';
import { type Clock, type Gap, KiteError } from '@kite/protocol';

import type { SourceTag } from '../feed/consumer.js';
import type { Channel } from './channel.js';
import { checkRecvOptions, type ResolvedChannelOptions } from './channel-options.js';
import type { Entry, Rank } from './entry.js';
import type { KeptMemory } from './kept-memory.js';
import { type PassedGaps, Queue } from './queue.js';
import { Reader } from './reader.js';
import { StuckWatch } from './stuck-watch.js';

/** What a channel needs from the feed that it reads. */
export interface ConsumerContext {
  /** Times `throttleMs`, timeouts, and how long a channel has been full. */
  clock: Clock;
  /** Called for each loss: the source, how many ticks, and whether it is the first since the reader last kept up. */
  onLost: (source: SourceTag, weight: number, isFirst: boolean) => void;
  /** Called once, when the channel takes nothing more. */
  onClosed: () => void;
  /** Called at the first read. */
  onFirstRead?: () => void;
}

/** The one implementation of {@link Channel}: a queue, the readers that wait for its items, and its end. */
export abstract class QueuedChannel<T, Item> implements Channel<Item> {
  protected readonly queue: Queue<T>;
  readonly #options: ResolvedChannelOptions;
  readonly #context: ConsumerContext;
  /** Waiting readers, in turn: while there are any, there is nothing to take. */
  readonly #waiting: Pick<Reader<Item, unknown>, 'resolve' | 'reject'>[] = [];
  /** The reader behind `recv()` without options. */
  readonly #reader = new Reader<Item, Item | undefined>(asItem);
  #isClosed = false;
  #error: KiteError | undefined;
  #dropped = 0;
  #isLagging = false;
  #wasRead = false;
  readonly #stuck: StuckWatch;

  /** @param passed see {@link Queue} */
  constructor(
    options: ResolvedChannelOptions,
    context: ConsumerContext,
    memory?: KeptMemory,
    passed?: PassedGaps,
  ) {
    this.#options = options;
    this.#context = context;
    this.#stuck = new StuckWatch(context.clock);
    this.queue = new Queue(
      options,
      (source, weight) => {
        this.lost(source, weight);
      },
      memory,
      passed,
    );
  }

  get size(): number {
    return Math.min(this.capacity, this.queue.size);
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  waitingOf(source: SourceTag): number {
    return this.queue.sizeOf(source);
  }

  /**
   * When it became full and unread, by the monotonic clock; undefined while it is not. Time in which the event loop was
   * blocked does not count.
   */
  get stuckSince(): number | undefined {
    return this.#stuck.since;
  }

  recv(options?: Parameters<Channel<Item>['recv']>[0]): Promise<Item | undefined> {
    if (options === undefined) return this.#next(this.#reader);
    let signal: AbortSignal | undefined;
    let timeoutMs: number | undefined;
    return begunAfter(
      () => {
        checkRecvOptions(options);
        ({ signal, timeoutMs } = options);
      },
      () =>
        signal === undefined && timeoutMs === undefined
          ? this.#next(this.#reader)
          : this.#recvWithin(signal, timeoutMs),
    );
  }

  tryRecv(): Item | undefined {
    this.#noteRead();
    const item = this.#take();
    if (item === undefined && this.#error) throw this.#takeError();
    return item;
  }

  close(): void {
    this.clear();
    this.#error = undefined;
    this.end();
  }

  /** The source has ended: what waits can still be read, then the error is thrown once. */
  end(error?: KiteError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.settle();
    this.#stuck.stop();
    this.#wake();
    for (const reader of this.#waiting.splice(0)) {
      if (this.#error) reader.reject(this.#takeError());
      else reader.resolve(undefined);
    }
    this.#context.onClosed();
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
    const reader = new Reader<Item, IteratorResult<Item, undefined>>(asStep);
    return {
      next: () => this.#next(reader),
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

  /** An item as its reader gets it. */
  protected abstract view(
    item: T | undefined,
    source: SourceTag,
    receivedAt: number,
    dropped: number,
    gap: Gap | undefined,
  ): Item;

  /** The next item. The very last one also reports what was lost after it. */
  protected take(): Item | undefined {
    const entry = this.queue.first;
    if (!entry) return undefined;
    for (const loss of [...(entry.losses ?? []), ...this.queue.tailLosses(entry)]) {
      entry.dropped += loss.dropped;
      loss.dropped = 0;
    }
    const gap = this.queue.gapBefore(entry);
    const item = this.view(entry.item, entry.source, entry.receivedAt, entry.dropped, gap);
    this.queue.remove(entry);
    return item;
  }

  protected clear(): void {
    this.queue.clear();
  }

  /** Nothing more comes: releases what is held back and stops the timers. */
  protected settle(): void {
    this.queue.settle();
  }

  /** Queues an item, or hands it to a waiting reader at once. */
  protected push(
    source: SourceTag,
    item: T | undefined,
    rank: Rank,
    weight: number,
    receivedAt: number,
    gap?: Gap,
  ): Entry<T> | undefined {
    if (this.#isClosed) return undefined;
    if (this.#waiting.length > 0 && gap === undefined && this.queue.isClearFor(source)) {
      this.#waiting.shift()!.resolve(this.view(item, source, receivedAt, 0, undefined));
      return undefined;
    }
    const entry = this.queue.push(source, item, rank, weight, receivedAt, gap);
    if (!entry && this.#options.overflow === 'error') this.end(this.#overflowed());
    else this.pushed();
    return entry;
  }

  /** There may be something to take. */
  protected pushed(): void {
    if (this.queue.isFull) this.#stuck.full();
    if (this.#waiting.length > 0) this.#wake();
  }

  /** The reader has lost this much of this source. */
  protected lost(source: SourceTag, weight: number): void {
    this.#dropped += weight;
    const isFirst = !this.#isLagging;
    this.#isLagging = true;
    this.#context.onLost(source, weight, isFirst);
  }

  /** Data was lost on its way to this channel. The source's statistics have counted it already. */
  protected lostBefore(source: SourceTag, weight: number, receivedAt: number): void {
    if (this.#isClosed || weight === 0) return;
    this.#dropped += weight;
    this.noteLoss(source, weight, receivedAt);
  }

  protected noteLoss(source: SourceTag, weight: number, receivedAt: number): void {
    this.queue.lost(source, weight, receivedAt);
  }

  #next<Result>(reader: Reader<Item, Result>): Promise<Result> {
    if (reader.pending) return reader.pending;
    this.#noteRead();
    const item = this.#take();
    if (item === undefined && this.#error) return Promise.reject(this.#takeError());
    if (item !== undefined || this.#isClosed) return Promise.resolve(reader.present(item));
    this.#waiting.push(reader);
    return reader.wait();
  }

  #recvWithin(signal: AbortSignal | undefined, timeoutMs: number | undefined): Promise<Item | undefined> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const reader = new Reader<Item, Item | undefined>(asItem);
    const result = this.#next(reader);
    if (!reader.pending) return result;
    const giveUp = (error: KiteError): void => {
      this.#waiting.splice(this.#waiting.indexOf(reader), 1);
      reader.reject(error);
    };
    const onAbort = (): void => {
      giveUp(aborted(signal!));
    };
    const { clock } = this.#context;
    const timer = timeoutMs !== undefined && clock.setTimeout(() => giveUp(tooLate(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    reader.onSettled = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    return result;
  }

  #wake(): void {
    while (this.#waiting.length > 0) {
      const item = this.#take();
      if (item === undefined) return;
      this.#waiting.shift()!.resolve(item);
    }
  }

  #take(): Item | undefined {
    this.#stuck.read();
    this.queue.isFull = false;
    const item = this.take();
    if (this.#isLagging && this.queue.isHalfEmpty) this.#isLagging = false;
    return item;
  }

  #takeError(): KiteError {
    const error = this.#error!;
    this.#error = undefined;
    return error;
  }

  #noteRead(): void {
    if (this.#wasRead) return;
    this.#wasRead = true;
    this.#context.onFirstRead?.();
  }

  #overflowed(): KiteError {
    const { capacity, capacityTicks, capacityBytes } = this.#options;
    const further = capacityTicks < Infinity ? `${capacityTicks} ticks` : `${capacityBytes} bytes`;
    return new KiteError(
      'KITE_CONNECTION_CHANNEL_OVERFLOW',
      `a channel with the policy 'error' was full: it takes ${capacity} items or ${further}`,
    );
  }
}

function asItem<Item>(item: Item | undefined): Item | undefined {
  return item;
}

function asStep<Item>(item: Item | undefined): IteratorResult<Item, undefined> {
  return item === undefined ? { done: true, value: undefined } : { done: false, value: item };
}

function aborted(signal: AbortSignal): KiteError {
  return new KiteError('KITE_CONNECTION_ABORTED', 'recv() was aborted', { cause: signal.reason as unknown });
}

function tooLate(timeoutMs: number): KiteError {
  return new KiteError('KITE_CONNECTION_TIMEOUT', `no item came within ${timeoutMs} ms`);
}
