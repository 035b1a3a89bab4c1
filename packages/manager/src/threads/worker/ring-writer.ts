import type { Clock } from '@kite/protocol';

import { HEADER, recordBytes, type RecordType, type RingMemory, WRAP } from '../wire/ring-memory.js';

/**
 * The writer waits for a reader that takes at least this many bytes a millisecond from a full ring: 170 000 full ticks a
 * second, more than a market sends. To a slower one the newest is worth more than everything.
 */
const AWAITED_BYTES_PER_MS = 32 * 1024;
/** The longest wait, however large the ring: pings and commands wait too. */
const LONGEST_WAIT_MS = 250;

interface Unfinished {
  type: RecordType;
  link: number;
  at: number;
  bytes: Uint8Array;
  written: number;
}

/**
 * The writing end of the ring. The reader sees nothing until {@link publish}: a chunk of the socket holds many frames,
 * and one wake of the reader serves them all. A payload that is too long for one record is written in parts as room is
 * made; until it is complete, nothing else goes in.
 */
export class RingWriter {
  readonly #memory: RingMemory;
  readonly #wake: () => void;
  readonly #maxPayloadBytes: number;
  readonly #clock: Pick<Clock, 'now'> | undefined;
  /** How far behind the reader may be. */
  readonly #patienceMs: number;
  #position: number;
  #sequence = 0;
  #unfinished: Unfinished | undefined;

  /**
   * @param wake called by {@link publish} when the reader sleeps
   * @param clock of the times in the ring; undefined: the reader shares this thread, so that it cannot wait for it
   */
  constructor(memory: RingMemory, wake: () => void, clock?: Pick<Clock, 'now'>) {
    this.#memory = memory;
    this.#clock = clock;
    this.#wake = wake;
    this.#maxPayloadBytes = memory.maxPayloadBytes;
    this.#patienceMs = Math.min(LONGEST_WAIT_MS, memory.capacity / AWAITED_BYTES_PER_MS);
    this.#position = memory.writePosition;
  }

  /** Whether {@link write} would take a payload of this many bytes now. */
  canWrite(payloadBytes: number): boolean {
    if (!this.finish()) return false;
    return this.#place(recordBytes(Math.min(payloadBytes, this.#maxPayloadBytes))) !== undefined;
  }

  /** False when there is no room; then nothing was written. The bytes must not change afterwards. */
  write(type: RecordType, link: number, at: number, bytes: Uint8Array): boolean {
    if (!this.finish()) return false;
    if (bytes.length <= this.#maxPayloadBytes) return this.#put(type, link, at, bytes, false);
    const first = bytes.subarray(0, this.#maxPayloadBytes);
    if (!this.#put(type, link, at, first, true)) return false;
    this.#unfinished = { type, link, at, bytes, written: first.length };
    this.finish();
    return true;
  }

  /** Continues an incomplete payload. True when none is left. */
  finish(): boolean {
    while (this.#unfinished) {
      const { type, link, at, bytes, written } = this.#unfinished;
      const end = Math.min(written + this.#maxPayloadBytes, bytes.length);
      const hasMore = end < bytes.length;
      if (!this.#put(type, link, at, bytes.subarray(written, end), hasMore)) return false;
      this.#unfinished = hasMore ? { type, link, at, bytes, written: end } : undefined;
    }
    return true;
  }

  /**
   * Called when the ring has no room: blocks the thread until the reader makes some. Meanwhile the kernel holds what
   * arrives. False: there is still none, because the reader is too far behind.
   */
  awaitRoom(): boolean {
    if (!this.#clock) return false;
    this.publish();
    const { readPosition } = this.#memory;
    const behindMs = this.#clock.now() - this.#memory.receivedAt(readPosition);
    // Negative after the clock was set back.
    const leftMs = Math.min(this.#patienceMs - behindMs, this.#patienceMs);
    return leftMs > 0 && this.#memory.awaitRead(readPosition, leftMs);
  }

  /** Shows the reader everything that was written, and wakes it if it sleeps. */
  publish(): void {
    if (this.#memory.writePosition === this.#position) return;
    this.#memory.writePosition = this.#position;
    if (this.#memory.takeAsleep()) this.#wake();
  }

  #put(type: RecordType, link: number, at: number, bytes: Uint8Array, hasMore: boolean): boolean {
    const size = recordBytes(bytes.length);
    const start = this.#place(size);
    if (start === undefined) return false;
    const { view, bytes: ring, capacity } = this.#memory;
    if (start !== this.#position) view.setUint32(this.#position, WRAP, true);
    view.setUint32(start + HEADER.length, bytes.length, true);
    view.setUint8(start + HEADER.type, type);
    view.setUint8(start + HEADER.more, hasMore ? 1 : 0);
    view.setUint16(start + HEADER.link, link, true);
    view.setUint32(start + HEADER.sequence, this.#sequence, true);
    view.setFloat64(start + HEADER.at, at, true);
    ring.set(bytes, start + HEADER.bytes);
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#position = start + size === capacity ? 0 : start + size;
    return true;
  }

  /** Where a record of this size goes: here, or at the start of the ring. Never up to the reader: equal means empty. */
  #place(size: number): number | undefined {
    const position = this.#position;
    const reader = this.#memory.readPosition;
    if (position < reader) return position + size < reader ? position : undefined;
    const end = position + size;
    if (end < this.#memory.capacity || (end === this.#memory.capacity && reader > 0)) return position;
    return size < reader ? 0 : undefined;
  }
}
