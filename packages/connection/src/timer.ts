import type { Clock, TimerHandle } from './clock.js';

/**
 * At most one pending call, which can be replaced and cleared.
 *
 * @internal
 */
export class Timer {
  readonly #clock: Clock;
  #handle: TimerHandle;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back once after `delayMs`, however late; replaces an earlier one. */
  set(delayMs: number, callback: () => void): void {
    this.clear();
    this.#handle = this.#clock.setTimeout(callback, delayMs);
  }

  /** No call back any more. */
  clear(): void {
    this.#clock.clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
