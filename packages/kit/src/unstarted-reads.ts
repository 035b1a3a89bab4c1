import { Timer } from './timer.js';
import type { TimerClock } from './timer-clock.js';

/** How long a channel may be read before the start counts as forgotten, in milliseconds. */
const MISSED_AFTER_MS = 10_000;

/**
 * Notices reads from channels of a feed that was never started. Its timer keeps the process alive: otherwise a program
 * that waits only for such a channel would end silently.
 */
export class UnstartedReads {
  readonly #timer: Timer;
  readonly #onMissed: () => void;
  #isNoticed = false;

  /** @param onMissed called at most once */
  constructor(clock: TimerClock, onMissed: () => void) {
    this.#timer = new Timer(clock);
    this.#onMissed = onMissed;
  }

  /** A channel was read for the first time. */
  read(): void {
    if (this.#isNoticed) return;
    this.#isNoticed = true;
    this.#timer.set(MISSED_AFTER_MS, this.#onMissed);
  }

  /** The feed was started or stopped: nothing was forgotten. */
  settled(): void {
    this.#isNoticed = true;
    this.#timer.clear();
  }
}
