import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { RingMemory } from '../wire/ring-memory.js';

/** How often the worker's sign of life is looked at. */
const LOOK_MS = 500;
/** After how long without a sign of life a worker hangs. */
const HANGS_AFTER_MS = 2000;

/** Hears of a worker's life. */
export interface LifeListener {
  /** It has shown no sign of life for two seconds. */
  hangs(): void;
  /** It goes on after all. */
  goesOn(): void;
  /** It has hung for long enough that another one has to take its place. The last call. */
  isDead(silentMs: number): void;
}

/**
 * Notices that a worker hangs. A look that comes late counts as one look: the time in which this thread itself was blocked
 * or the process paused is no silence of the worker's.
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

  /** Looks from now on. */
  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#silentMs = 0;
    this.#life = this.#memory.life;
    this.#lookLater();
  }

  /** It has said something: one that was taken for hanging goes on, before what it says is read. */
  heard(): void {
    if (this.#silentMs < HANGS_AFTER_MS) return;
    this.#silentMs = 0;
    this.#listener.goesOn();
  }

  /** Looks no more, and leaves no timer behind. */
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
