import { Deadline, letExit } from '@kite/kit';
import type { ChannelId, Clock, Gap, Tick } from '@kite/protocol';

import { arrivalOf } from './arrival.js';
import { Lags } from './lags.js';
import { LoopWatch } from './loop-watch.js';
import type { TicksMessage } from './message.js';
import { type MergeSink, ReplicaMerge } from './replica-merge.js';
import { MEMORY_MS } from './state-log.js';
import { TICK_STATES } from './tick-state.js';

/** Why a state that came after newer ones is missing in the stream. */
const TOO_LATE = 'replica too late';

/** What a merger needs. */
export interface MergerOptions<Source> {
  readonly clock: Clock;
  /** How long a state may wait for its place to become known, in milliseconds. */
  readonly waitMs: number;
  /** Takes ticks that are new: all of one frame, or a run of them. */
  readonly handOn: (source: Source, message: TicksMessage) => void;
  /** Takes a gap in place of ticks that came too late. */
  readonly tooLate: (source: Source, gap: Gap, of: TicksMessage) => void;
  /** See {@link MergeSink.copied}. */
  readonly copied: (first: Source, leadMs: number) => void;
  /** See {@link MergeSink.alone}. */
  readonly alone: (only: Source) => void;
}

/** How the copies of an instrument are merged. */
export interface CopiesOptions<Source> {
  /** Whether to merge even a single source: others may join it, and begin with what it has brought. */
  readonly isKept: boolean;
  /** Whether a source has brought the instrument until now. */
  readonly leads: (source: Source) => boolean;
  /** Whether a source outside the copies brings the instrument for itself: its ticks pass unchanged. */
  readonly isApart: (source: Source) => boolean;
}

/** The copies of an instrument that is not wanted any more. */
interface Gone<Source> {
  readonly merge: ReplicaMerge<Source, Tick, TicksMessage>;
  /** When nothing of them can be under way any more, by the monotonic clock. */
  readonly until: number;
}

/** Ticks to deliver: those of one frame that follow each other, or those among them that are too late. */
interface Run<Source> {
  readonly source: Source;
  readonly message: TicksMessage;
  readonly isLate: boolean;
  readonly ticks: Tick[];
}

/**
 * Merges what several sources bring: for an instrument that more than one of them brings, each state once and in order.
 * Everything else passes unchanged, and costs one look-up.
 */
export class Merger<Source> {
  readonly #options: MergerOptions<Source>;
  readonly #merges = new Map<number, ReplicaMerge<Source, Tick, TicksMessage>>();
  /** How late each socket is, by source and channel. */
  readonly #lags = new Map<Source, Map<ChannelId, Lags>>();
  /** Instruments with waiting states. */
  readonly #waiting = new Set<number>();
  /** Instruments with one source left, until it has caught up. */
  readonly #ending = new Set<number>();
  /** Instruments no longer wanted, in the order in which they were given up. */
  readonly #gone = new Map<number, Gone<Source>>();
  readonly #sink: MergeSink<Source, Tick, TicksMessage>;
  readonly #timer: Deadline;
  /** The timer that forgets instruments no longer wanted. */
  #forgetting: unknown;
  readonly #loop: LoopWatch;
  /** When the timer fires, by the monotonic clock. */
  #timedFor = Infinity;
  /** To be delivered once the merges are done: a reader may change which source brings what. */
  #runs: Run<Source>[] = [];
  #isHandingOn = false;

  constructor(options: MergerOptions<Source>) {
    this.#options = options;
    this.#timer = new Deadline(options.clock);
    this.#loop = new LoopWatch(options.clock);
    this.#sink = {
      fresh: (source, tick, message) => {
        this.#emit(source, tick, message, false);
      },
      tooLate: (source, tick, message) => {
        this.#emit(source, tick, message, true);
      },
      copied: options.copied,
      alone: options.alone,
    };
  }

  /** Whether copies of the instrument are merged. */
  merges(token: number): boolean {
    return this.#merges.has(token);
  }

  /** From now on these sources bring copies of the instrument. */
  set(token: number, sources: readonly Source[], { isKept, leads, isApart }: CopiesOptions<Source>): void {
    this.#ending.delete(token);
    const now = this.#options.clock.monotonic();
    this.#forgetGone(now);
    let merge = this.#merges.get(token);
    const gone = this.#gone.get(token)?.merge;
    if (sources.length === 0) {
      if (merge) this.#giveUp(token, merge, isApart, now);
      else if (gone) leaveFor([], gone, isApart, now);
    } else if (sources.length > 1 || isKept || merge || gone) {
      if (!merge && gone) {
        this.#gone.delete(token);
        gone.ask();
      }
      if (!merge) {
        merge = gone ?? new ReplicaMerge(TICK_STATES, this.#sink, this.#options.waitMs);
        this.#merges.set(token, merge);
        if (!gone) for (const source of sources) if (leads(source)) merge.lead(source, now);
      }
      leaveFor(sources, merge, isApart, now);
      for (const source of sources) if (!merge.holds(source)) merge.join(source, now);
      if (sources.length === 1 && !isKept) this.#ending.add(token);
      this.#settled(token, merge);
    }
    this.#finish();
  }

  /** The source streams these instruments on a socket that opened at this time, Unix milliseconds. */
  join(source: Source, tokens: Iterable<number>, openedAt: number): void {
    const at = arrivalOf(openedAt, this.#options.clock);
    this.#each(source, tokens, (merge) => {
      merge.join(source, at);
    });
  }

  /** Those of these instruments of which the source loses something that no other one brings if it is lost now. */
  behindOthers(source: Source, tokens: Iterable<number>): Set<number> {
    const at = this.#options.clock.monotonic();
    const behind = new Set<number>();
    for (const token of tokens) if (this.#merges.get(token)?.isBehindOthers(source, at)) behind.add(token);
    return behind;
  }

  /** The source has brought these too late to deliver them: reports those that no source has shown. */
  straggled(source: Source, message: TicksMessage): void {
    for (const tick of message.ticks) {
      const merge = this.#merges.get(tick.instrumentToken);
      if (merge && !merge.knows(tick)) this.#emit(source, tick, message, true);
    }
    this.#finish();
  }

  /** The source no longer streams these instruments; `keepsPlace`: its socket is open, and may go on. */
  stop(source: Source, tokens: Iterable<number>, keepsPlace: boolean): void {
    const at = this.#options.clock.monotonic();
    this.#each(source, tokens, (merge) => {
      merge.stop(source, at, keepsPlace);
    });
  }

  /** The source has brought a frame with these ticks. */
  ticks(source: Source, message: TicksMessage): void {
    if (this.#merges.size === 0 && this.#gone.size === 0) {
      this.#options.handOn(source, message);
      return;
    }
    if (this.#loop.came()) this.#resume();
    const at = arrivalOf(message.receivedAt, this.#options.clock);
    let lags: Lags | undefined;
    for (const tick of message.ticks) {
      const token = tick.instrumentToken;
      const merge = this.#merges.get(token);
      if (!merge?.has(source)) {
        if (!this.#isGone(token, source)) this.#emit(source, tick, message, false);
      } else {
        lags ??= this.#lagsOf(source, message, at);
        merge.bring(source, tick, message, at, lags);
        this.#settled(token, merge);
        if (this.#ending.size > 0 && this.#ending.has(token) && merge.isComplete(source, at))
          this.#drop(token);
      }
    }
    this.#finish();
  }

  /** The sources were stopped: decides on what waits, and forgets everything. */
  clear(): void {
    this.#loop.stop();
    for (const merge of this.#merges.values()) merge.reset();
    this.#waiting.clear();
    this.#gone.clear();
    this.#lags.clear();
    this.#options.clock.clearTimeout(this.#forgetting);
    this.#forgetting = undefined;
    this.#finish();
  }

  /** How late the socket is over which this came. */
  #lagsOf(source: Source, { channelId }: TicksMessage, at: number): Lags {
    let ofSource = this.#lags.get(source);
    if (!ofSource) {
      for (const [other, lags] of this.#lags)
        if ([...lags.values()].every((of) => of.recentMs(at) === undefined)) this.#lags.delete(other);
      this.#lags.set(source, (ofSource = new Map<ChannelId, Lags>()));
    }
    let lags = ofSource.get(channelId);
    if (!lags) ofSource.set(channelId, (lags = new Lags()));
    return lags;
  }

  /** The event loop was blocked: what comes now has waited in the kernel. */
  #resume(): void {
    const now = this.#options.clock.monotonic();
    for (const merge of this.#merges.values()) merge.resume(now);
  }

  /** What is still under way of the instrument is not wanted, and may be older than what is delivered when it is again. */
  #giveUp(
    token: number,
    merge: ReplicaMerge<Source, Tick, TicksMessage>,
    isApart: (source: Source) => boolean,
    now: number,
  ): void {
    leaveFor([], merge, isApart, now);
    this.#drop(token);
    if (merge.sources.length === 0) return;
    this.#gone.set(token, { merge, until: now + MEMORY_MS });
    this.#forgetLater();
  }

  #forgetLater(): void {
    if (this.#forgetting !== undefined || this.#gone.size === 0) return;
    const { clock } = this.#options;
    this.#forgetting = clock.setTimeout(() => {
      this.#forgetting = undefined;
      this.#forgetGone(clock.monotonic());
      this.#forgetLater();
    }, MEMORY_MS + 1);
    letExit(this.#forgetting);
  }

  #forgetGone(now: number): void {
    for (const [token, { until }] of this.#gone) {
      if (until >= now) break;
      this.#gone.delete(token);
    }
  }

  #isGone(token: number, source: Source): boolean {
    const gone = this.#gone.get(token);
    return gone !== undefined && gone.until >= this.#options.clock.monotonic() && gone.merge.has(source);
  }

  #each(
    source: Source,
    tokens: Iterable<number>,
    act: (merge: ReplicaMerge<Source, Tick, TicksMessage>) => void,
  ): void {
    if (this.#merges.size === 0) return;
    for (const token of tokens) {
      const merge = this.#merges.get(token);
      if (!merge?.holds(source)) continue;
      act(merge);
      this.#settled(token, merge);
    }
    this.#finish();
  }

  #drop(token: number): void {
    this.#merges.delete(token);
    this.#waiting.delete(token);
    this.#ending.delete(token);
  }

  #settled(token: number, merge: ReplicaMerge<Source, Tick, TicksMessage>): void {
    if (merge.dueAt !== undefined) this.#waiting.add(token);
    else if (this.#waiting.size > 0) this.#waiting.delete(token);
  }

  #finish(): void {
    this.#handOn();
    if (this.#waiting.size === 0) {
      if (this.#timedFor === Infinity) return;
      this.#timer.clear();
      this.#timedFor = Infinity;
      return;
    }
    let due = Infinity;
    for (const token of this.#waiting) due = Math.min(due, this.#merges.get(token)!.dueAt!);
    // The timer fires earlier, and looks again.
    if (due >= this.#timedFor) return;
    this.#timedFor = due;
    this.#timer.set(Math.max(0, due - this.#options.clock.monotonic()), () => {
      this.#expire();
    });
  }

  #expire(): void {
    this.#timedFor = Infinity;
    const now = this.#options.clock.monotonic();
    for (const token of [...this.#waiting]) {
      const merge = this.#merges.get(token)!;
      merge.expire(now);
      this.#settled(token, merge);
    }
    this.#finish();
  }

  #emit(source: Source, tick: Tick, message: TicksMessage, isLate: boolean): void {
    const run = this.#runs.at(-1);
    if (run?.message === message && run.source === source && run.isLate === isLate) run.ticks.push(tick);
    else this.#runs.push({ source, message, isLate, ticks: [tick] });
  }

  #handOn(): void {
    if (this.#isHandingOn) return;
    this.#isHandingOn = true;
    while (this.#runs.length > 0) {
      const runs = this.#runs;
      this.#runs = [];
      for (const run of runs) this.#tell(run);
    }
    this.#isHandingOn = false;
  }

  #tell({ source, message, isLate, ticks }: Run<Source>): void {
    const { handOn, tooLate } = this.#options;
    if (!isLate) {
      handOn(source, ticks.length === message.ticks.length ? message : { ...message, ticks });
      return;
    }
    const { receivedAt } = message;
    const instrumentTokens = [...new Set(ticks.map(({ instrumentToken }) => instrumentToken))];
    tooLate(source, { from: receivedAt, to: receivedAt, reason: TOO_LATE, instrumentTokens }, message);
  }
}

/** All sources but these leave the merge. Those that are apart are not merged with it any more. */
function leaveFor<Source>(
  stay: readonly Source[],
  merge: ReplicaMerge<Source, Tick, TicksMessage>,
  isApart: (source: Source) => boolean,
  now: number,
): void {
  for (const source of merge.sources)
    if (stay.includes(source)) continue;
    else if (isApart(source)) merge.remove(source, now);
    else merge.leave(source, now);
}
