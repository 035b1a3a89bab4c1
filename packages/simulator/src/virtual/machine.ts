import type { Clock } from '@kite/protocol';

import type { LaneEvent } from './event-heap.js';
import type { Lane } from './lane.js';
import type { Scheduler } from './scheduler.js';
import { quantized } from './virtual-time.js';

/** As Node: a shorter delay takes a millisecond. */
const LEAST_TIMER_MS = 1;
/** As Node: the longest delay of a timer. */
const LONGEST_TIMER_MS = 0x7fff_ffff;
/** Where the monotonic clock begins: nobody may take it for another. */
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
 * The computer that the client runs on: one clock on the wall, which may be wrong, one monotonic clock, which stands still
 * while the machine sleeps, and a lane for each thread.
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

  /** @param startsAt what the wall's clock says as the world begins, in Unix milliseconds */
  constructor(scheduler: Scheduler, startsAt: number) {
    this.#scheduler = scheduler;
    this.#startsAt = startsAt;
  }

  /** A thread's clock: all threads have the same time, and timers of their own. */
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

  /** Sets the wall's clock forward, or back. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** From now on the wall's clock gains so many millionths, or loses them. */
  driftWall(ppm: number): void {
    this.#wallOffset += this.#drift();
    this.#driftsSince = this.#scheduler.time;
    this.#driftPpm = ppm;
  }

  /** The lid is closed: no thread runs and timers stand still, while the time on the wall goes on. */
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
    // Of a sleep that is not over, only a part has been slept.
    return UPTIME_MS + time - this.#slept + Math.max(0, this.#wakesAt - time);
  }

  #drift(): number {
    return this.#driftPpm === 0 ? 0 : ((this.#scheduler.time - this.#driftsSince) * this.#driftPpm) / 1e6;
  }
}

function setTimer(scheduler: Scheduler, lane: Lane, callback: () => void, delayMs: number): LaneEvent {
  // Not a number, as for Node: the shortest.
  const delay = delayMs >= LEAST_TIMER_MS ? Math.min(delayMs, LONGEST_TIMER_MS) : LEAST_TIMER_MS;
  return lane.at(scheduler.time + delay, callback, true);
}

function clearTimer(lane: Lane, timer: unknown): void {
  if (timer !== undefined) lane.cancel(timer as LaneEvent);
}
