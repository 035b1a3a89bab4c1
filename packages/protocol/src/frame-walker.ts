import type { DecodeOptions } from './decode.js';
import { assertFrameBytes, bufferOf, byteOffsetOf, lengthOf } from './frame-bytes.js';
import { isKnownLength } from './packet.js';
import { DEFAULT_PRICE_DIVISOR, divisorTable } from './segment.js';

/** Where a {@link FrameWalker} stops, and what it reports. */
interface WalkOptions extends DecodeOptions {
  /** Stop at packets of unknown length as well, for relays; then they are not reported. Default false. */
  unknownLengths?: boolean | undefined;
}

// Shared, and never written to.
const KNOWN_DIVISORS: readonly number[] = divisorTable();
const NO_BYTES = new DataView(new ArrayBuffer(0));

/** The walker's public fields, writable only for the walker. */
type Position = {
  -readonly [K in 'view' | 'offset' | 'length' | 'instrumentToken' | 'divisor']: FrameWalker[K];
};

/**
 * Walks over the packets of a frame and reports what is not as documented. All readers of frames can build on it, so
 * that they agree on where packets begin and which ones count. It allocates nothing per packet and never throws on any
 * bytes.
 *
 * Sockets deliver small messages as slices of a larger chunk. The walker keeps the `DataView` of the last chunk,
 * because making one costs as much as decoding a packet.
 */
export class FrameWalker {
  // Plain fields, not getters over private ones: they use the least of the optimiser's inlining budget, which limits
  // how many fields of a packet can be read at full speed.

  /** The whole `ArrayBuffer` around the frame; {@link offset} counts in it. */
  readonly view: DataView = NO_BYTES;
  /** The start of the packet's body in {@link view}. */
  readonly offset: number = 0;
  /** The body's length in bytes; 0 before the first packet and after the last. */
  readonly length: number = 0;
  /** The packet's instrument token; meaningless if its length is unknown. */
  readonly instrumentToken: number = 0;
  /** The divisor of the packet's prices; meaningless if its length is unknown. */
  readonly divisor: number = DEFAULT_PRICE_DIVISOR;

  readonly #divisors: readonly number[];
  readonly #onIssue: DecodeOptions['onIssue'];
  readonly #unknownLengths: boolean;
  #buffer: ArrayBufferLike = NO_BYTES.buffer;
  #start = 0;
  #end = 0;
  #following = 0;
  #packetCount = 0;
  #packetIndex = -1;

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options: WalkOptions = {}) {
    const { divisors } = options;
    this.#divisors = divisors === undefined ? KNOWN_DIVISORS : divisorTable(divisors);
    this.#onIssue = options.onIssue;
    this.#unknownLengths = options.unknownLengths ?? false;
  }

  /**
   * Moves before the first packet of a frame: a `Uint8Array` at any `byteOffset`, a Node `Buffer` included.
   *
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
   */
  reset(frame: Uint8Array): this {
    assertFrameBytes(frame);
    const buffer = bufferOf(frame);
    const start = byteOffsetOf(frame);
    const length = lengthOf(frame);
    const end = start + length;
    // No view without bytes: a transferred buffer would refuse one.
    if (buffer !== this.#buffer && length > 0) {
      (this as Position).view = new DataView(buffer);
      this.#buffer = buffer;
    }
    this.#start = start;
    this.#end = end;
    this.#packetIndex = -1;
    (this as Position).length = 0;
    (this as Position).instrumentToken = 0;
    if (length >= 2) {
      this.#packetCount = this.view.getUint16(start);
      this.#following = start + 2;
    } else {
      // One byte is a heartbeat; no byte at all is no message of this protocol.
      this.#packetCount = 0;
      this.#following = end;
      if (length === 0) this.#reportTruncated(0, 1, 0);
    }
    return this;
  }

  /** Moves to the next packet; false if there is none, or it is cut off. Skips packets of unknown length. */
  next(): boolean {
    while (this.#nextBody()) {
      const length = this.length;
      if (isKnownLength(length)) {
        const token = this.view.getUint32(this.offset);
        const divisor = this.#divisors[token & 0xff]!;
        (this as Position).instrumentToken = token;
        (this as Position).divisor = divisor === 0 ? DEFAULT_PRICE_DIVISOR : divisor;
        if (divisor === 0) this.#reportUnknownSegment();
        return true;
      }
      if (this.#unknownLengths) return true;
      this.#reportUnknownLength();
    }
    return false;
  }

  #nextBody(): boolean {
    const from = this.#following;
    const available = this.#end - from;
    if (++this.#packetIndex >= this.#packetCount) {
      if (available > 0)
        this.#onIssue?.({ kind: 'trailing-bytes', offset: from - this.#start, length: available });
      return this.#finish();
    }
    const needed = available < 2 ? 2 : 2 + this.view.getUint16(from);
    if (needed > available) {
      this.#reportTruncated(this.#packetIndex, needed, available);
      return this.#finish();
    }
    (this as Position).offset = from + 2;
    (this as Position).length = needed - 2;
    this.#following = from + needed;
    return true;
  }

  #finish(): false {
    this.#packetCount = 0;
    this.#following = this.#end;
    (this as Position).length = 0;
    (this as Position).instrumentToken = 0;
    return false;
  }

  #reportTruncated(packetIndex: number, needed: number, available: number): void {
    this.#onIssue?.({
      kind: 'truncated',
      offset: this.#following - this.#start,
      packetIndex,
      packetCount: this.#packetCount,
      needed,
      available,
    });
  }

  #reportUnknownLength(): void {
    const length = this.length;
    this.#onIssue?.({
      kind: 'unknown-length',
      offset: this.#packetOffset(),
      packetIndex: this.#packetIndex,
      length,
      instrumentToken: length >= 4 ? this.view.getUint32(this.offset) : null,
    });
  }

  #reportUnknownSegment(): void {
    this.#onIssue?.({
      kind: 'unknown-segment',
      offset: this.#packetOffset(),
      packetIndex: this.#packetIndex,
      instrumentToken: this.instrumentToken,
      segment: this.instrumentToken & 0xff,
    });
  }

  /** The offset of the packet's length prefix in the frame. */
  #packetOffset(): number {
    return this.offset - 2 - this.#start;
  }
}
