import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { RingMemory } from '../wire/ring-memory.js';

/** How often to check the worker's sign of life. */
const LOOK_MS = 500;
/** A worker without a sign of life for this long hangs. */
const HANGS_AFTER_MS = 2000;

/** Notified when a worker hangs, recovers or must be replaced. */
export interface LifeListener {
  /** It has shown no sign of life for two seconds. */
  hangs(): void;
  /** It has recovered. */
  goesOn(): void;
  /** It has hung for too long and must be replaced. The last call. */
  isDead(silentMs: number): void;
}

/**
 * Notices that a worker hangs. A late check counts as one check: time in which this thread was blocked or the process
 * paused is not the worker's silence.
 */
export class LifeWatch {
  readonly #memory: RingMemory;
  readonly #timer: Timer;
  readonly #deadAfterMs: number;
  readonly #listener: LifeListener;
  #isOn = false;
  #life = 0;
  #silentMs = 0;

  /** @param replaceAfterMs how long a worker may hang before it is given up, two seconds at least */
  constructor(memory: RingMemory, clock: Clock, replaceAfterMs: number, listener: LifeListener) {
    this.#memory = memory;
    this.#timer = new Timer(clock);
    this.#deadAfterMs = Math.max(HANGS_AFTER_MS, replaceAfterMs);
    this.#listener = listener;
  }

  /** Starts to check. One that hung when the checks were stopped hangs until it shows a sign of life. */
  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    if (this.#silentMs < HANGS_AFTER_MS) this.#silentMs = 0;
    this.#life = this.#memory.life;
    this.#lookLater();
  }

  /** A message has arrived: if the worker counted as hanging, its recovery is reported before the message is read. */
  heard(): void {
    if (this.#silentMs < HANGS_AFTER_MS) return;
    this.#silentMs = 0;
    this.#listener.goesOn();
  }

  /** Stops, and leaves no timer behind. */
  stop(): void {
    this.#isOn = false;
    this.#timer.clear();
  }

  #lookLater(): void {
    this.#timer.set(LOOK_MS, () => {
      this.#look();
      if (this.#isOn) this.#lookLater();
    });
  }

  #look(): void {
    const { life } = this.#memory;
    const hung = this.#silentMs >= HANGS_AFTER_MS;
    this.#silentMs = life === this.#life ? this.#silentMs + LOOK_MS : 0;
    this.#life = life;
    const hangs = this.#silentMs >= HANGS_AFTER_MS;
    if (hung && !hangs) this.#listener.goesOn();
    if (!hung && hangs) this.#listener.hangs();
    if (!this.#isOn || this.#silentMs < this.#deadAfterMs) return;
    this.stop();
    this.#listener.isDead(this.#silentMs);
  }
}
