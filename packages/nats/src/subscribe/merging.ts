import type { Clock, Gap, Tick, TickerMessage } from '@kite/protocol';

import { Merger } from '../connection-parts.js';

type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** How long a tick may wait for its place among those of other publishers, in milliseconds. */
const WAIT_MS = 300;
const MOST_SOURCES = 4;
/** What one publisher has sent is remembered for others that join it. */
const MERGED = { isKept: true, leads: () => false, isApart: () => false };
/** Nothing is under way of an instrument that was unsubscribed: what comes when it is subscribed again is new. */
const FORGOTTEN = { ...MERGED, isApart: () => true };

/** What was delivered last of an instrument. */
export interface Last {
  readonly epoch: number;
  readonly tick: Tick;
  readonly receivedAt: number;
}

/** Where the merged ticks go. */
export interface MergingSink {
  /** New ticks. */
  handOn(epoch: number, message: TicksMessage): void;
  /** A gap in place of ticks that came after newer ones. */
  tooLate(message: TicksMessage, gap: Gap): void;
  /** A publisher has sent what another one had sent before. */
  copied(): void;
}

/**
 * Merges what several publishers send of the same instruments into one stream: each state once and in order. A source
 * is one life of a publisher, by its epoch. Instruments of a single publisher pass unchanged.
 */
export class Merging {
  readonly #merger: InstanceType<typeof Merger<number>>;
  /** The publishers of each instrument that more than one has sent. */
  readonly #byToken = new Map<number, number[]>();
  #isBeginning = false;
  /** The merger's timer, while ticks wait for their place. */
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

  /** Whether more than one publisher has sent the instrument. */
  isMerged(token: number): boolean {
    return this.#byToken.has(token);
  }

  /** Whether this publisher is one of several that have sent the instrument. */
  has(token: number, epoch: number): boolean {
    return this.#byToken.get(token)?.includes(epoch) ?? false;
  }

  /**
   * This publisher sends the instrument too, from its newest state on.
   *
   * @param last what was delivered last
   */
  join(token: number, epoch: number, last: Last | undefined): void {
    let epochs = this.#byToken.get(token);
    if (!epochs) {
      epochs = [];
      if (last && last.epoch !== epoch) {
        // The others may begin with that same state.
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

  /** The publisher never sends the instrument again. */
  leave(token: number, epoch: number): void {
    const epochs = this.#byToken.get(token) ?? [];
    const left = epochs.filter((other) => other !== epoch);
    // What the last one has sent stays remembered.
    if (left.length === 0) this.stop(epoch, [token], false);
    else if (left.length < epochs.length) this.#set(token, left);
  }

  /** The publisher sends nothing of these for now; `isSilent`: it may resume where it stopped. */
  stop(epoch: number, tokens: readonly number[], isSilent: boolean): void {
    const merged = tokens.filter((token) => this.has(token, epoch));
    if (merged.length > 0) this.#merger.stop(epoch, merged, isSilent);
  }

  /** The publisher has sent these, in one frame. */
  ticks(epoch: number, message: TicksMessage): void {
    this.#merger.ticks(epoch, message);
  }

  forget(token: number): void {
    if (this.#byToken.delete(token)) this.#merger.set(token, [], FORGOTTEN);
  }

  /** Decides on what waits; nothing may come after this. */
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
        // No tick waits longer: a longer timer has another purpose.
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
