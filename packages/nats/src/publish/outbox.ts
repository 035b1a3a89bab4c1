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

/** What was sent between two pings: the newest packet of each instrument, and the bytes of all. */
interface Sent {
  readonly packets: Map<number, Outgoing>;
  bytes: number;
}

export interface OutboxLimits {
  /** The most unconfirmed bytes. */
  readonly windowBytes: number;
  /** Ping the server after this many bytes, to learn whether it has everything. */
  readonly askBytes: number;
  /** And after this long, in milliseconds. */
  readonly askAfterMs: number;
}

const LIMITS: OutboxLimits = { windowBytes: 4 * 1024 * 1024, askBytes: 256 * 1024, askAfterMs: 50 };

/** What an outbox reports. */
export interface OutboxListener {
  /** Whether packets are held back from now on because the server is slow. */
  slow(isSlow: boolean): void;
}

/**
 * Sends packets without waiting for an answer to each. The answer to a PING behind many of them confirms that the
 * server has them. While too much is unconfirmed, or the server is gone, it keeps the newest packet of each instrument
 * and counts the others. After a lost connection it resends each instrument's newest packet that may not have arrived.
 */
export class Outbox {
  readonly #bus: Bus;
  readonly #limits: OutboxLimits;
  readonly #listener: OutboxListener;
  readonly #timer: Timer;
  /** The newest waiting packet of each instrument, in order of arrival. */
  #kept = new Map<number, Outgoing>();
  /** Pinged for and not confirmed yet, in order. */
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

  /** Packets handed to the server, resent ones included. */
  get published(): number {
    return this.#published;
  }

  /** Packets replaced by newer ones while they waited. */
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
    // Replace its own older packet, and go behind all that waits.
    if (this.#kept.delete(packet.token)) this.#dropped++;
    // It may wait for long: its memory is shared with others that do not.
    this.#kept.set(packet.token, { ...packet, message: packet.message.slice() });
    if (this.#bus.state === 'up') this.#tellSlow(true);
  }

  /** Sends a message that is never kept or sent again. Returns false, and sends nothing, while others have to wait. */
  sendOnce(subject: string, message: Uint8Array): boolean {
    if (this.#kept.size > 0 || !this.#hasRoom) return false;
    this.#bus.publish(subject, message);
    this.#count(subject.length + message.length);
    return true;
  }

  /** The connection was lost: what may not have arrived is resent before what came since. */
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
    for (const [token, packet] of unsure) {
      const message = packet.message.slice();
      markReplayed(message);
      unsure.set(token, { ...packet, message });
    }
    // If a newer one waits already, the numbers tell a subscriber whether the older one arrived.
    for (const [token, packet] of this.#kept) {
      unsure.delete(token);
      unsure.set(token, packet);
    }
    this.#kept = unsure;
  }

  /** The server is back. */
  up(): void {
    this.#pump();
  }

  /** Sends as much as fits. Resolves when the server has it, or cannot be pinged. */
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
    this.#sent.packets.set(packet.token, packet);
    this.#count(packet.subject.length + packet.message.length);
  }

  /** So many bytes were sent. */
  #count(bytes: number): void {
    if (this.#sent.bytes === 0) {
      this.#timer.set(this.#limits.askAfterMs, () => {
        this.#ask();
      });
    }
    this.#sent.bytes += bytes;
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
      // The connection is gone: `down()` follows.
      () => undefined,
    );
  }

  #confirmed(batch: Sent): void {
    if (!this.#asked.includes(batch)) return;
    // Answers come in order: this one confirms all before it.
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
