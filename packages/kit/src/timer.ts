import type { TimerClock } from './timer-clock.js';

/** At most one pending call, which can be replaced and cleared. */
export class Timer {
  readonly #clock: TimerClock;
  #handle: unknown;

  constructor(clock: TimerClock) {
    this.#clock = clock;
  }

  /** Calls back once after `delayMs`, however late; replaces an earlier call. */
  set(delayMs: number, callback: () => void): void {
    this.clear();
    this.#handle = this.#clock.setTimeout(callback, delayMs);
  }

  /** Cancels the call back. */
  clear(): void {
    this.#clock.clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
