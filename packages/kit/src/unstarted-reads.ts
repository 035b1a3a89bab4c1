import { Timer } from './timer.js';
import type { TimerClock } from './timer-clock.js';

/** How long somebody may read before the start is missed, in milliseconds. */
const MISSED_AFTER_MS = 10_000;

/**
 * Notices when channels of a feed are read that was never started. Its timer keeps the process alive: a program that waits
 * for such a channel alone would otherwise end without a word.
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

  /** A channel is read for the first time. */
  read(): void {
    if (this.#isNoticed) return;
    this.#isNoticed = true;
    this.#timer.set(MISSED_AFTER_MS, this.#onMissed);
  }

  /** It was started, or stopped: nothing is missed. */
  settled(): void {
    this.#isNoticed = true;
    this.#timer.clear();
  }
}
