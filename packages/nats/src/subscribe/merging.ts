import type { Clock, Gap, Tick, TickerMessage } from '@kite/protocol';

import { Merger } from '../connection-parts.js';

type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** How long a tick may wait for its place among those of other publishers, in milliseconds. */
const WAIT_MS = 300;
const MOST_SOURCES = 4;
/** What one publisher has brought is remembered for others that join it. */
const MERGED = { isKept: true, leads: () => false, isApart: () => false };

/** What was handed out last of an instrument. */
export interface Last {
  readonly epoch: number;
  readonly tick: Tick;
  readonly receivedAt: number;
}

/** Where ticks go when they are one stream. */
export interface MergingSink {
  /** Ticks that are new. */
  handOn(epoch: number, message: TicksMessage): void;
  /** In the place of ticks that came after newer ones. */
  tooLate(message: TicksMessage, gap: Gap): void;
  /** A publisher has brought what another one had brought before. */
  copied(): void;
}

/**
 * Makes one stream of what several publishers bring of the same instruments: each state once and in order. A source is one life of
 * a publisher, by its epoch. Instruments that one publisher brings pass as they are.
 */
export class Merging {
  readonly #merger: InstanceType<typeof Merger<number>>;
  /** Of instruments that more than one publisher has brought: who they are. */
  readonly #byToken = new Map<number, number[]>();
  #isBeginning = false;
  /** Set while ticks wait for their place: a merger has a timer then. */
  #timer: unknown;

  constructor(clock: Clock, sink: MergingSink) {
    this.#merger = new Merger<number>({
      clock: this.#watched(clock),
      waitMs: WAIT_MS,
      handOn: (epoch, message) => {
        if (!this.#isBeginning) sink.handOn(epoch, message);
      },
      tooLate: (_, gap, message) => {
        sink.tooLate(message, gap);
      },
      copied: () => {
        sink.copied();
      },
      alone: () => undefined,
    });
  }

  /** Whether ticks wait for their place. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Whether more than one publisher has brought the instrument. */
  isMerged(token: number): boolean {
    return this.#byToken.has(token);
  }

  /** Whether this publisher is one of several that have brought the instrument. */
  has(token: number, epoch: number): boolean {
    return this.#byToken.get(token)?.includes(epoch) ?? false;
  }

  /**
   * This publisher brings the instrument too, from its newest state on.
   *
   * @param last what was handed out last
   */
  join(token: number, epoch: number, last: Last | undefined): void {
    let epochs = this.#byToken.get(token);
    if (!epochs) {
      epochs = [];
      if (last && last.epoch !== epoch) {
        // What the others bring first may be that once more.
        const { tick, receivedAt } = last;
        epochs.push(last.epoch);
        this.#isBeginning = true;
        this.#merger.set(token, epochs, MERGED);
        this.#merger.ticks(last.epoch, { type: 'ticks', ticks: [tick], channelId: 0, receivedAt });
        this.#isBeginning = false;
      }
    }
    this.#set(token, [...epochs.slice(1 - MOST_SOURCES), epoch]);
  }

  /** The publisher never brings it again. */
  leave(token: number, epoch: number): void {
    const epochs = this.#byToken.get(token) ?? [];
    const left = epochs.filter((other) => other !== epoch);
    // Of the last one it is remembered what it has brought.
    if (left.length === 0) this.stop(epoch, [token], false);
    else if (left.length < epochs.length) this.#set(token, left);
  }

  /** The publisher brings nothing of these for now; `isSilent`: it may go on where it was. */
  stop(epoch: number, tokens: readonly number[], isSilent: boolean): void {
    const merged = tokens.filter((token) => this.has(token, epoch));
    if (merged.length > 0) this.#merger.stop(epoch, merged, isSilent);
  }

  /** The publisher has brought these, in one frame. */
  ticks(epoch: number, message: TicksMessage): void {
    this.#merger.ticks(epoch, message);
  }

  forget(token: number): void {
    if (this.#byToken.delete(token)) this.#merger.set(token, [], MERGED);
  }

  /** What waits is decided on, and nothing more comes. */
  close(): void {
    this.#merger.clear();
  }

  #set(token: number, epochs: number[]): void {
    this.#byToken.set(token, epochs);
    this.#merger.set(token, epochs, MERGED);
  }

  #watched(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (callback, delayMs) => {
        const timer = clock.setTimeout(() => {
          if (timer === this.#timer) this.#timer = undefined;
          callback();
        }, delayMs);
        // A longer one is no wait of a tick.
        if (delayMs <= WAIT_MS) this.#timer = timer;
        return timer;
      },
      clearTimeout: (timer) => {
        if (timer === this.#timer) this.#timer = undefined;
        clock.clearTimeout(timer);
      },
    };
  }
}
