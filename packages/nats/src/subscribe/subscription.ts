import type { Mode } from '@kite/protocol';

import type { TickMessage } from '../wire/head.js';
import { Delivered } from './delivered.js';

/** At most this many packets of an instrument wait while its last value is read; the newest stay. */
const MOST_WAITING = 64;

/** One instrument of a feed over the bus. */
export class Subscription {
  readonly token: number;
  mode: Mode;
  readonly delivered: Delivered;
  /** Whether a packet has come live since its last value was asked for. */
  hasCome = false;
  readonly #stop: () => void;
  /** Set while its last value is being read: holds what comes live meanwhile. */
  #waiting: TickMessage[] | undefined = [];

  /** @param subscribe starts receiving its packets; returns a function that stops it */
  constructor(token: number, mode: Mode, subscribe: () => () => void) {
    this.token = token;
    this.mode = mode;
    this.delivered = new Delivered(token);
    this.#stop = subscribe();
  }

  /** Its last value is about to be read again. */
  hold(): void {
    this.hasCome = false;
    this.#waiting ??= [];
  }

  /** Whether its last value is being read, or will be when the bus is back. */
  get isHeld(): boolean {
    return this.#waiting !== undefined;
  }

  /** Keeps a live packet while its last value is being read; otherwise returns false. */
  keep(message: TickMessage): boolean {
    if (!this.#waiting) return false;
    // Its bytes lie in the bus client's memory.
    this.#waiting.push({ ...message, packet: message.packet.slice() });
    // A packet left out shows as a hole in the numbers.
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    return true;
  }

  /** What has come live until now, in order. It is still held. */
  taken(): TickMessage[] {
    return this.#waiting?.splice(0) ?? [];
  }

  /** Its last value was read, or cannot be. Returns what came live meanwhile, in order. */
  release(): TickMessage[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }

  stop(): void {
    this.#stop();
  }
}
