import type { SeededRandom } from '../random.js';
import type { Lane } from './lane.js';
import type { Scheduler } from './scheduler.js';
import { quantized } from './virtual-time.js';

/** A message between threads takes this long to three times as long. */
const LEAST_DELAY_MS = 0.03125;

/** Messages to a thread: cloned when posted, delivered in its lane, in order. */
export class Mailbox {
  readonly #scheduler: Scheduler;
  readonly #lane: Lane;
  readonly #random: SeededRandom;
  #handler: ((message: unknown) => void) | undefined;
  readonly #kept: unknown[] = [];
  #lastAt = 0;

  /** @param lane the receiving thread's */
  constructor(scheduler: Scheduler, lane: Lane, random: SeededRandom) {
    this.#scheduler = scheduler;
    this.#lane = lane;
    this.#random = random;
  }

  /** @throws DataCloneError like `postMessage` */
  post(message: unknown): void {
    // Immutable values need no copy; most messages only wake the other thread.
    const isPlain = typeof message === 'number' || typeof message === 'string' || message === undefined;
    const clone: unknown = isPlain ? message : structuredClone(message);
    this.after(() => this.#hand(clone));
  }

  /** Runs in the thread, in order with the messages. */
  after(run: () => void): void {
    const delay = quantized(LEAST_DELAY_MS * (1 + 2 * this.#random.next()));
    this.#lastAt = Math.max(this.#lastAt, this.#scheduler.time + delay);
    this.#lane.at(this.#lastAt, run);
  }

  /** Sets the one handler and gives it what has come so far. */
  handle(handler: (message: unknown) => void): void {
    this.#handler = handler;
    this.#lane.at(this.#scheduler.time, () => this.#handOver());
  }

  #hand(message: unknown): void {
    this.#kept.push(message);
    this.#handOver();
  }

  #handOver(): void {
    if (this.#handler === undefined) return;
    while (this.#kept.length > 0) this.#handler(this.#kept.shift());
  }
}
