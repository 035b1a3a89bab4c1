import type { Mode, Tick } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';
import type { TickMessage } from '../wire/head.js';

/** The most packets of an instrument that wait while its last value is being read; the newest ones stay. */
const MOST_WAITING = 64;

/** One instrument of a feed over the bus. */
export class Subscription {
  readonly token: number;
  mode: Mode;
  /** The last that was handed out. */
  last: { epoch: number; tick: Tick; source: SourceTag; receivedAt: number } | undefined;
  readonly #stop: () => void;
  /** Set while its last value is being read: what comes live is for afterwards. */
  #waiting: TickMessage[] | undefined = [];

  /** @param subscribe begins to hear its packets; returns how to stop */
  constructor(token: number, mode: Mode, subscribe: () => () => void) {
    this.token = token;
    this.mode = mode;
    this.#stop = subscribe();
  }

  /** Its last value is about to be read, again. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** Whether its last value is being read, or will be when the bus is back. */
  get isHeld(): boolean {
    return this.#waiting !== undefined;
  }

  /** Keeps a live packet while its last value is being read; false: it is not. */
  keep(message: TickMessage): boolean {
    if (!this.#waiting) return false;
    // Its bytes lie in the memory of the bus client.
    this.#waiting.push({ ...message, packet: message.packet.slice() });
    // One that is left out is a hole in the numbers.
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    return true;
  }

  /** Its last value was read, or cannot be: what came live meanwhile, in order. */
  release(): TickMessage[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }

  stop(): void {
    this.#stop();
  }
}
