/** What a record in the ring is. */
export const RecordType = {
  Binary: 1,
  Text: 2,
  State: 3,
  Dropped: 4,
  Issue: 5,
  Status: 6,
  Asked: 7,
} as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/**
 * A record: a header, then its payload, on an 8-byte boundary and never split by the end of the ring. Little-endian.
 *
 * | offset | type | what |
 * |---|---|---|
 * | 0 | u32 | length of the payload in bytes, or {@link WRAP} |
 * | 4 | u8 | {@link RecordType} |
 * | 5 | u8 | 1: the payload goes on in the next record |
 * | 6 | u16 | the link that it is about |
 * | 8 | u32 | sequence number, one more with each record |
 * | 16 | f64 | when it was received, Unix milliseconds |
 */
export const HEADER = { length: 0, type: 4, more: 5, link: 6, sequence: 8, at: 16, bytes: 24 } as const;

/** In place of a length: nothing more up to the end of the ring. */
export const WRAP = 0xffff_ffff;

const ALIGNMENT = 8;
/** Each position on a cache line of its own, since another thread writes it. */
const POSITION = { read: 0, write: 16, asleep: 32, life: 48 } as const;
const CONTROL_BYTES = 256;

/** The smallest ring that always takes at least a part of any record. */
const MIN_RING_BYTES = 256;

/** The size of a record with this payload, in bytes. */
export function recordBytes(payloadBytes: number): number {
  return roundUp(HEADER.bytes + payloadBytes);
}

/**
 * The memory that one writer and one reader in different threads share: records, where the writer is, where the reader
 * is, whether the reader wants to be woken, and the writer's sign of life. The reader has caught up when both positions
 * are equal.
 */
export class RingMemory {
  readonly shared: SharedArrayBuffer;
  /** Where records are. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #control: Int32Array;

  /** Over memory that another thread made. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.bytes = new Uint8Array(shared, CONTROL_BYTES);
    this.view = new DataView(shared, CONTROL_BYTES);
    this.#control = new Int32Array(shared, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
  }

  /** New memory for at least this many bytes of records. */
  static allocate(ringBytes: number): RingMemory {
    const capacity = roundUp(Math.max(ringBytes, MIN_RING_BYTES));
    return new RingMemory(new SharedArrayBuffer(CONTROL_BYTES + capacity));
  }

  get capacity(): number {
    return this.bytes.length;
  }

  /** The longest payload of one record; one of this size fits into an empty ring wherever its positions are. */
  get maxPayloadBytes(): number {
    return Math.floor(this.capacity / 4 / ALIGNMENT) * ALIGNMENT - HEADER.bytes;
  }

  /** When the record at this position was received. */
  receivedAt(position: number): number {
    const isWrap = this.view.getUint32(position + HEADER.length, true) === WRAP;
    return this.view.getFloat64((isWrap ? 0 : position) + HEADER.at, true);
  }

  get readPosition(): number {
    return Atomics.load(this.#control, POSITION.read);
  }

  set readPosition(position: number) {
    Atomics.store(this.#control, POSITION.read, position);
    Atomics.notify(this.#control, POSITION.read);
  }

  /** Blocks the writer's thread until the reader leaves this position. False: it has not, in this time. */
  awaitRead(position: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#control, POSITION.read, position, timeoutMs) !== 'timed-out';
  }

  get writePosition(): number {
    return Atomics.load(this.#control, POSITION.write);
  }

  /** Makes everything before it visible to the reader. */
  set writePosition(position: number) {
    Atomics.store(this.#control, POSITION.write, position);
  }

  /** Set by the reader, which then checks once more before it sleeps, so that no write goes unseen. */
  setAsleep(isAsleep: boolean): void {
    Atomics.store(this.#control, POSITION.asleep, isAsleep ? 1 : 0);
  }

  /** Called by the writer after each move of {@link writePosition}: true once, if the reader sleeps. */
  takeAsleep(): boolean {
    if (Atomics.load(this.#control, POSITION.asleep) === 0) return false;
    return Atomics.exchange(this.#control, POSITION.asleep, 0) === 1;
  }

  /** Changes with each sign of life of the writer. */
  get life(): number {
    return Atomics.load(this.#control, POSITION.life);
  }

  /** The writer's thread takes its turns. */
  stampLife(): void {
    Atomics.add(this.#control, POSITION.life, 1);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
