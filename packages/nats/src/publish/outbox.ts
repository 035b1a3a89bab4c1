import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { Bus } from '../bus/bus.js';
import { markReplayed } from '../wire/head.js';

/** One packet on its way. */
export interface Outgoing {
  readonly token: number;
  readonly subject: string;
  readonly message: Uint8Array;
}

/** Packets that were sent between two questions to the server, the newest of each instrument, and how many bytes all were. */
interface Sent {
  readonly packets: Map<number, Outgoing>;
  bytes: number;
}

export interface OutboxLimits {
  /** The most bytes that may be on their way, as far as is known. */
  readonly windowBytes: number;
  /** The server is asked whether it has everything after so many bytes. */
  readonly askBytes: number;
  /** And after this long, in milliseconds. */
  readonly askAfterMs: number;
}

const LIMITS: OutboxLimits = { windowBytes: 4 * 1024 * 1024, askBytes: 256 * 1024, askAfterMs: 50 };

/** What an outbox tells. */
export interface OutboxListener {
  /** From now on packets are kept, because the server is slow; or no longer. */
  slow(isSlow: boolean): void;
}

/**
 * Sends packets without waiting for an answer to each. A PING behind many of them tells that the server has them. While too
 * much is on its way, or the server is gone, the newest packet of each instrument is kept, and the others are counted. After
 * the connection was lost, what may not have arrived is sent again: the newest packet of each instrument.
 */
export class Outbox {
  readonly #bus: Bus;
  readonly #limits: OutboxLimits;
  readonly #listener: OutboxListener;
  readonly #timer: Timer;
  /** The newest packet of each instrument that waits, in the order in which they came. */
  #kept = new Map<number, Outgoing>();
  /** Asked about and not answered yet, in order. */
  #asked: Sent[] = [];
  #sent: Sent = { packets: new Map(), bytes: 0 };
  #askedBytes = 0;
  #isSlow = false;
  #isStopped = false;
  #published = 0;
  #dropped = 0;

  constructor(bus: Bus, clock: Clock, listener: OutboxListener, limits: OutboxLimits = LIMITS) {
    this.#bus = bus;
    this.#listener = listener;
    this.#limits = limits;
    this.#timer = new Timer(clock);
  }

  /** Packets that were handed to the server, those that were sent again included. */
  get published(): number {
    return this.#published;
  }

  /** Packets that newer ones replaced while they waited. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Instruments whose newest packet waits. */
  get kept(): number {
    return this.#kept.size;
  }

  /** Bytes that the server may not have yet. */
  get unconfirmedBytes(): number {
    return this.#askedBytes + this.#sent.bytes;
  }

  send(packet: Outgoing): void {
    if (this.#kept.size === 0 && this.#hasRoom) {
      this.#publish(packet);
      return;
    }
    // Behind all that waits, and in the place of its own older one.
    if (this.#kept.delete(packet.token)) this.#dropped++;
    this.#kept.set(packet.token, packet);
    if (this.#bus.state === 'up') this.#tellSlow(true);
  }

  /** The connection was lost: what may not have arrived waits to be sent again, before what came since. */
  down(): void {
    this.#timer.clear();
    const unsure = new Map<number, Outgoing>();
    for (const { packets } of [...this.#asked, this.#sent])
      for (const [token, packet] of packets) {
        unsure.delete(token);
        unsure.set(token, packet);
      }
    this.#asked = [];
    this.#sent = { packets: new Map(), bytes: 0 };
    this.#askedBytes = 0;
    this.#isSlow = false;
    for (const packet of unsure.values()) markReplayed(packet.message);
    // Where a newer one waits already, the numbers tell a subscriber whether the older one has arrived.
    for (const [token, packet] of this.#kept) {
      unsure.delete(token);
      unsure.set(token, packet);
    }
    this.#kept = unsure;
  }

  /** The server is there again. */
  up(): void {
    this.#pump();
  }

  /** Sends what waits as far as there is room, and resolves when the server has it, or when it cannot be asked. */
  async drain(): Promise<void> {
    this.#pump();
    if (this.#sent.bytes > 0) this.#ask();
    await this.#bus.flush().catch(() => undefined);
  }

  /** Sends nothing more; what waits is dropped. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
    this.#dropped += this.#kept.size;
    this.#kept.clear();
  }

  get #hasRoom(): boolean {
    return !this.#isStopped && this.#bus.state === 'up' && this.unconfirmedBytes < this.#limits.windowBytes;
  }

  #publish(packet: Outgoing): void {
    this.#bus.publish(packet.subject, packet.message);
    this.#published++;
    if (this.#sent.bytes === 0) {
      this.#timer.set(this.#limits.askAfterMs, () => {
        this.#ask();
      });
    }
    this.#sent.packets.set(packet.token, packet);
    this.#sent.bytes += packet.subject.length + packet.message.length;
    if (this.#sent.bytes >= this.#limits.askBytes) this.#ask();
  }

  #ask(): void {
    this.#timer.clear();
    const batch = this.#sent;
    this.#sent = { packets: new Map(), bytes: 0 };
    this.#asked.push(batch);
    this.#askedBytes += batch.bytes;
    this.#bus.flush().then(
      () => {
        this.#confirmed(batch);
      },
      // The connection is gone, which `down()` is told.
      () => undefined,
    );
  }

  #confirmed(batch: Sent): void {
    if (!this.#asked.includes(batch)) return;
    // Answers come in order: with this one, all before it.
    while (this.#asked.length > 0) {
      const first = this.#asked.shift()!;
      this.#askedBytes -= first.bytes;
      if (first === batch) break;
    }
    this.#pump();
  }

  #pump(): void {
    for (const packet of this.#kept.values()) {
      if (!this.#hasRoom) return;
      this.#kept.delete(packet.token);
      this.#publish(packet);
    }
    this.#tellSlow(false);
  }

  #tellSlow(isSlow: boolean): void {
    if (this.#isSlow === isSlow) return;
    this.#isSlow = isSlow;
    this.#listener.slow(isSlow);
  }
}
