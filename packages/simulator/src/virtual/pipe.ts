import type { SeededRandom } from '../random.js';
import { type Delays, drawDelay } from './delay.js';
import type { LaneEvent } from './event-heap.js';
import type { Lane } from './lane.js';
import type { Scheduler } from './scheduler.js';
import { quantized } from './virtual-time.js';
import type { WireMessage } from './wire.js';

interface Travelling {
  at: number;
  readonly message: WireMessage;
}

/**
 * One direction of a connection. Messages come out whole and in order, each when its delay is over and the reader's
 * lane runs. A broken pipe delivers nothing.
 */
export class Pipe {
  readonly #scheduler: Scheduler;
  readonly #lane: Lane;
  readonly #random: SeededRandom;
  readonly #network: Delays;
  readonly #deliver: (message: WireMessage) => void;
  readonly #arrive = () => this.#arrived();
  #travelling: Travelling[] = [];
  #first = 0;
  #event: LaneEvent | undefined;
  #lastAt = 0;
  #cloggedUntil = 0;
  #bytesPerMs = Infinity;
  #slowUntil = 0;
  #unread = 0;
  #isBroken = false;

  /** @param lane of the reader */
  constructor(
    scheduler: Scheduler,
    lane: Lane,
    random: SeededRandom,
    network: Delays,
    deliver: (message: WireMessage) => void,
  ) {
    this.#scheduler = scheduler;
    this.#lane = lane;
    this.#random = random;
    this.#network = network;
    this.#deliver = deliver;
  }

  /** Bytes sent but not yet read. */
  get unreadBytes(): number {
    return this.#unread;
  }

  /** Whether nothing is under way. */
  get isEmpty(): boolean {
    return this.#first === this.#travelling.length;
  }

  send(message: WireMessage): void {
    this.#unread += message.bytes;
    if (this.#isBroken) return;
    const now = this.#scheduler.time;
    let at = now + drawDelay(this.#random, this.#network);
    if (this.#slowUntil > now) {
      const read = Math.max(this.#lastAt, now) + quantized(message.bytes / this.#bytesPerMs);
      at = Math.max(at, Math.min(read, this.#slowUntil));
    }
    at = Math.max(at, this.#lastAt, this.#cloggedUntil);
    this.#lastAt = at;
    this.#travelling.push({ at, message });
    if (this.#event === undefined) this.#schedule();
  }

  /** Delivers nothing before this time, then everything, in order. */
  clog(until: number): void {
    const { time } = this.#scheduler;
    this.#cloggedUntil = Math.max(this.#cloggedUntil, until);
    for (let n = this.#first; n < this.#travelling.length; n++) {
      const travelling = this.#travelling[n]!;
      // Not what has arrived: that only waits to be read.
      if (travelling.at > time) travelling.at = Math.max(travelling.at, until);
    }
    this.#lastAt = Math.max(this.#lastAt, until);
    this.#reschedule();
  }

  /** Limits the reader until this time. */
  slow(bytesPerSecond: number, until: number): void {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#slowUntil = until;
  }

  /** Loses what is under way and everything sent from now on. */
  break(): void {
    this.#isBroken = true;
    this.#travelling = [];
    this.#first = 0;
    this.#reschedule();
  }

  #arrived(): void {
    this.#event = undefined;
    const { message } = this.#travelling[this.#first]!;
    this.#first++;
    if (this.#first === this.#travelling.length) {
      this.#travelling.length = 0;
      this.#first = 0;
    } else if (this.#first > 1024) {
      this.#travelling = this.#travelling.slice(this.#first);
      this.#first = 0;
    }
    this.#unread -= message.bytes;
    this.#schedule();
    this.#deliver(message);
  }

  #schedule(): void {
    const next = this.#travelling[this.#first];
    if (next !== undefined) this.#event = this.#lane.at(next.at, this.#arrive);
  }

  #reschedule(): void {
    if (this.#event !== undefined) this.#lane.cancel(this.#event);
    this.#event = undefined;
    this.#schedule();
  }
}
