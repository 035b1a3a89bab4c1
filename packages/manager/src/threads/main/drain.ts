import type { Clock } from '@kite/protocol';

import type { RingMemory } from '../wire/ring-memory.js';
import type { RingReader } from './ring-reader.js';
import type { WakePolicy } from './wake-policy.js';

/** How often to poll the ring while data is dense. Node has no shorter timer. */
const POLL_MS = 1;
/**
 * The most to deliver in one turn of the event loop, so that other work gets its turn. As much as a socket reads at once:
 * larger slices are no faster, need more memory, and keep a writer waiting that has filled the ring.
 */
const SLICE_BYTES = 64 * 1024;

/** What a drain works with. */
export interface DrainOptions {
  memory: RingMemory;
  reader: RingReader;
  policy: WakePolicy;
  clock: Clock;
  /** Calls back in the next turn of the event loop. */
  nextTurn: (callback: () => void) => void;
  /** The ring cannot be read any further; the drain has stopped. */
  onFailure: (error: unknown) => void;
}

/** Empties the ring in the main thread, at the times that its {@link WakePolicy} sets. */
export class Drain {
  readonly #options: DrainOptions;
  #timer: unknown;
  #isAwake = false;
  #isStopped = false;
  readonly #look = (): void => {
    this.#timer = undefined;
    this.#turn();
  };

  constructor(options: DrainOptions) {
    this.#options = options;
    options.memory.setAsleep(true);
  }

  /** There is something to read. */
  wake(): void {
    if (this.#isAwake || this.#isStopped) return;
    this.#isAwake = true;
    this.#options.policy.woken();
    this.#turn();
  }

  /** Delivers everything that is left, however much: the writer is gone. */
  finish(): void {
    while (this.#read() > 0);
    this.stop();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #turn(): void {
    if (this.#isStopped) return;
    const { policy, reader, clock, nextTurn } = this.#options;
    const records = this.#read();
    // The receiver of a record may have stopped this drain.
    if (this.#hasStopped()) return;
    switch (policy.next(records, reader.isEmpty)) {
      case 'next-turn':
        nextTurn(this.#look);
        break;
      case 'poll':
        this.#timer = clock.setTimeout(this.#look, POLL_MS);
        break;
      case 'sleep':
        if (!this.#fallsAsleep()) nextTurn(this.#look);
        break;
    }
  }

  #read(): number {
    if (this.#isStopped) return 0;
    try {
      return this.#options.reader.read(SLICE_BYTES);
    } catch (error) {
      this.stop();
      this.#options.onFailure(error);
      return 0;
    }
  }

  #hasStopped(): boolean {
    return this.#isStopped;
  }

  #fallsAsleep(): boolean {
    const { memory, reader } = this.#options;
    memory.setAsleep(true);
    if (reader.isEmpty) {
      this.#isAwake = false;
      return true;
    }
    // A record came after the last read, before the writer could know that the reader sleeps.
    memory.setAsleep(false);
    return false;
  }
}
