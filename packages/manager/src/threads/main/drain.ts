import type { Clock } from '@kite/protocol';

import type { RingMemory } from '../wire/ring-memory.js';
import type { RingReader } from './ring-reader.js';

/** How often the ring is looked into while data flows: about a millisecond of latency for a fraction of the wakeups. */
const POLL_MS = 2;
/** So many looks in vain, and the reader sleeps until the writer wakes it. */
const PATIENCE = 3;
/** The most that is handed over in one turn of the event loop, so that it breathes. */
const SLICE_BYTES = 1024 * 1024;

/**
 * Empties the ring in the main thread: by a poll while data keeps coming, since a wakeup for each frame would cost more
 * than the frame, and not at all while nothing comes.
 */
export class Drain {
  readonly #memory: RingMemory;
  readonly #reader: RingReader;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #timer: unknown;
  #looksInVain = 0;
  #isStopped = false;

  /** @param onFailure the ring cannot be read any further; the drain has stopped */
  constructor(memory: RingMemory, reader: RingReader, clock: Clock, onFailure: (error: unknown) => void) {
    this.#memory = memory;
    this.#reader = reader;
    this.#clock = clock;
    this.#onFailure = onFailure;
    memory.setAsleep(true);
  }

  /** There is something to read. */
  wake(): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    this.#looksInVain = 0;
    this.#turn();
  }

  /** Hands over all that is left, however much: the writer is gone. */
  finish(): void {
    while (this.#read());
    this.stop();
  }

  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #turn(): void {
    this.#looksInVain = this.#read() ? 0 : this.#looksInVain + 1;
    if (this.#isStopped || (this.#looksInVain >= PATIENCE && this.#fallsAsleep())) return;
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#turn();
      },
      this.#reader.isEmpty ? POLL_MS : 0,
    );
  }

  #read(): boolean {
    if (this.#isStopped) return false;
    try {
      return this.#reader.read(SLICE_BYTES);
    } catch (error) {
      this.stop();
      this.#onFailure(error);
      return false;
    }
  }

  #fallsAsleep(): boolean {
    this.#memory.setAsleep(true);
    if (this.#reader.isEmpty) return true;
    // Written after the last look, and before the writer could know.
    this.#memory.setAsleep(false);
    return false;
  }
}
