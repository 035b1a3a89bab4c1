import type { Clock } from '@kite/protocol';

import type { LaneEvent } from './event-heap.js';
import type { Lane } from './lane.js';
import type { Scheduler } from './scheduler.js';
import { quantized } from './virtual-time.js';

/** Like Node: a shorter delay takes a millisecond. */
const LEAST_TIMER_MS = 1;
/** Like Node: the longest delay of a timer. */
const LONGEST_TIMER_MS = 0x7fff_ffff;
/** Where the monotonic clock begins: not 0, so that no code mistakes it for another clock. */
const UPTIME_MS = 3_600_000;

/** Makes the server's clock: the true time. */
export function trueClock(scheduler: Scheduler, lane: Lane, startsAt: number): Clock {
  return {
    now: () => Math.floor(startsAt + scheduler.time),
    monotonic: () => scheduler.time,
    setTimeout: (callback, delayMs) => setTimer(scheduler, lane, callback, delayMs),
    clearTimeout: (timer) => clearTimer(lane, timer),
  };
}

/**
 * The client's computer: a wall clock, which may be wrong, a monotonic clock, which stops while the machine sleeps, and
 * a lane for each thread.
 */
export class Machine {
  readonly #scheduler: Scheduler;
  readonly #startsAt: number;
  readonly #lanes = new Set<Lane>();
  #wallOffset = 0;
  #driftPpm = 0;
  #driftsSince = 0;
  #slept = 0;
  #wakesAt = 0;

  /** @param startsAt the wall clock's first time, in Unix milliseconds */
  constructor(scheduler: Scheduler, startsAt: number) {
    this.#scheduler = scheduler;
    this.#startsAt = startsAt;
  }

  /** A thread's clock: threads share the time, but each has its own timers. */
  clockOf(lane: Lane): Clock {
    this.#lanes.add(lane);
    return {
      now: () => Math.floor(this.#startsAt + this.#scheduler.time + this.#wallOffset + this.#drift()),
      monotonic: () => this.#monotonic(),
      setTimeout: (callback, delayMs) => setTimer(this.#scheduler, lane, callback, delayMs),
      clearTimeout: (timer) => clearTimer(lane, timer),
    };
  }

  /** The thread has ended. */
  forget(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  /** Sets the wall clock forward or back. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** From now on the wall clock gains this many millionths, or loses them. */
  driftWall(ppm: number): void {
    this.#wallOffset += this.#drift();
    this.#driftsSince = this.#scheduler.time;
    this.#driftPpm = ppm;
  }

  /** Closes the lid: threads and timers stop while wall time goes on. */
  sleep(ms: number): void {
    const now = this.#scheduler.time;
    const wakesAt = Math.max(this.#wakesAt, now + quantized(ms));
    const sleeps = wakesAt - Math.max(now, this.#wakesAt);
    this.#wakesAt = wakesAt;
    this.#slept += sleeps;
    for (const lane of this.#lanes) {
      lane.postponeTimers(sleeps);
      lane.blockUntil(wakesAt);
    }
  }

  #monotonic(): number {
    const { time } = this.#scheduler;
    // Only a part of an unfinished sleep has passed.
    return UPTIME_MS + time - this.#slept + Math.max(0, this.#wakesAt - time);
  }

  #drift(): number {
    return this.#driftPpm === 0 ? 0 : ((this.#scheduler.time - this.#driftsSince) * this.#driftPpm) / 1e6;
  }
}

function setTimer(scheduler: Scheduler, lane: Lane, callback: () => void, delayMs: number): LaneEvent {
  // Like Node, NaN means the shortest delay.
  const delay = delayMs >= LEAST_TIMER_MS ? Math.min(delayMs, LONGEST_TIMER_MS) : LEAST_TIMER_MS;
  return lane.at(scheduler.time + delay, callback, true);
}

function clearTimer(lane: Lane, timer: unknown): void {
  if (timer !== undefined) lane.cancel(timer as LaneEvent);
}
