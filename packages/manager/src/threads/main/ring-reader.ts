import { markAsUntransferable } from 'node:worker_threads';
import { KiteError } from '@kite/protocol';

import { HEADER, recordBytes, RecordType, type RingMemory, WRAP } from '../wire/ring-memory.js';

/** Receives one link's records, in order. Never throws: other records came together with this one. */
export interface RecordTarget {
  /** The bytes are the target's: nothing ever writes to them again. */
  record(type: RecordType, at: number, bytes: Uint8Array): void;
}

/** Finds the target of each record. */
export interface RecordSink {
  /** The target of this link's records; undefined: the link is gone. */
  targetOf(link: number): RecordTarget | undefined;
  /** Records are missing. Must not happen; report it if it does. */
  hole(error: KiteError): void;
}

/** The size of the chunk that a socket reads into: a kept frame pins no more memory with a thread than without. */
const SLAB_BYTES = 64 * 1024;

/** The reading end of the ring. */
export class RingReader {
  readonly #memory: RingMemory;
  readonly #sink: RecordSink;
  #position: number;
  #sequence = 0;
  #parts: Uint8Array[] = [];
  #slab = new Uint8Array(0);
  #slabUsed = 0;

  constructor(memory: RingMemory, sink: RecordSink) {
    this.#memory = memory;
    this.#sink = sink;
    this.#position = memory.readPosition;
  }

  get isEmpty(): boolean {
    return this.#position === this.#memory.writePosition;
  }

  /**
   * Delivers what has been written, up to about `limitBytes`; returns the number of records. Copies the ring's bytes
   * once, as a whole, and frees the ring for the writer before anything reads them.
   *
   * @throws KiteError `KITE_MANAGER_RING_CORRUPT` for data that no writer writes; the ring cannot be read any further
   */
  read(limitBytes: number): number {
    const written = this.#memory.writePosition;
    if (this.#position === written) return 0;
    if (this.#isWrap(this.#position)) this.#position = 0;
    const start = this.#position;
    const end = this.#endOfSlice(start, written > start ? written : this.#memory.capacity, limitBytes);
    const slab = this.#newMemory(end - start);
    slab.set(this.#memory.bytes.subarray(start, end));
    this.#position = end === this.#memory.capacity ? 0 : end;
    this.#memory.readPosition = this.#position;
    return this.#handOver(slab);
  }

  /** Fresh memory. Small reads are many, so they share a slab, as a socket's messages share a chunk. */
  #newMemory(bytes: number): Uint8Array {
    if (this.#slab.length - this.#slabUsed < bytes) {
      this.#slab = new Uint8Array(Math.max(SLAB_BYTES, bytes));
      this.#slabUsed = 0;
      // Transferring one frame to another thread must not take the others along.
      markAsUntransferable(this.#slab.buffer);
    }
    const from = this.#slabUsed;
    this.#slabUsed += bytes;
    return this.#slab.subarray(from, this.#slabUsed);
  }

  #isWrap(position: number): boolean {
    return this.#memory.view.getUint32(position, true) === WRAP;
  }

  /**
   * The end of the last whole record that begins within the limit. A state ends its slice: a caller that waits for a
   * connection to open continues before the connection's data is delivered, as it does without a thread.
   */
  #endOfSlice(start: number, limit: number, limitBytes: number): number {
    const { view } = this.#memory;
    let end = start;
    while (end < limit && end - start < limitBytes && !this.#isWrap(end)) {
      const next = end + recordBytes(view.getUint32(end + HEADER.length, true));
      if (next > limit) throw corrupt(`a record at ${end} goes on beyond ${limit}`);
      const isState = view.getUint8(end + HEADER.type) === RecordType.State;
      end = next;
      if (isState) break;
    }
    return end;
  }

  #handOver(slab: Uint8Array): number {
    let records = 0;
    const view = new DataView(slab.buffer, slab.byteOffset, slab.length);
    for (let at = 0; at < slab.length;) {
      const length = view.getUint32(at + HEADER.length, true);
      this.#checkSequence(view.getUint32(at + HEADER.sequence, true));
      const bytes = new Uint8Array(slab.buffer, slab.byteOffset + at + HEADER.bytes, length);
      if (view.getUint8(at + HEADER.more) === 1) this.#parts.push(bytes);
      else {
        const type = view.getUint8(at + HEADER.type) as RecordType;
        const target = this.#sink.targetOf(view.getUint16(at + HEADER.link, true));
        const whole = this.#whole(bytes);
        target?.record(type, view.getFloat64(at + HEADER.at, true), whole);
      }
      at += recordBytes(length);
      records++;
    }
    return records;
  }

  #checkSequence(sequence: number): void {
    const expected = this.#sequence;
    this.#sequence = (sequence + 1) >>> 0;
    if (sequence !== expected)
      this.#sink.hole(corrupt(`record ${sequence} came where ${expected} was expected`));
  }

  #whole(last: Uint8Array): Uint8Array {
    if (this.#parts.length === 0) return last;
    const whole = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
  }
}

function corrupt(what: string): KiteError {
  return new KiteError('KITE_MANAGER_RING_CORRUPT', `the ring of the I/O worker is corrupt: ${what}`);
}
