import type { DecodeOptions } from './decode.js';
import { KiteInputError } from './error.js';
import { FRAME } from './layout.js';
import { isKnownLength } from './packet.js';
import { DEFAULT_PRICE_DIVISOR, divisorTable } from './segment.js';

/** Never written to. */
const KNOWN_DIVISORS = divisorTable();

/**
 * Walks over the packets of a frame, and reports what is not as documented. Everything that reads frames stands on it, so
 * that all agree on where a packet begins and which ones count. It allocates nothing and never throws on any bytes.
 *
 * Sockets hand out small messages as slices of one larger chunk; the `DataView` of the last chunk is kept, since making
 * one costs as much as decoding a packet.
 */
export class FrameWalker {
  readonly #divisors: Float64Array;
  readonly #onIssue: DecodeOptions['onIssue'];
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  #view: DataView = new DataView(this.#buffer);
  #start = 0;
  #end = 0;
  #following = 0;
  #packetCount = 0;
  #packetIndex = -1;
  #offset = 0;
  #length = 0;
  #instrumentToken = 0;
  #divisor = DEFAULT_PRICE_DIVISOR;

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options: DecodeOptions = {}) {
    this.#divisors = options.divisors === undefined ? KNOWN_DIVISORS : divisorTable(options.divisors);
    this.#onIssue = options.onIssue;
  }

  /** The bytes of the whole `ArrayBuffer` that the frame lies in; {@link offset} counts in it. */
  get view(): DataView {
    return this.#view;
  }

  /** Where the packet's body begins in {@link view}. */
  get offset(): number {
    return this.#offset;
  }

  /** The body's length in bytes. */
  get length(): number {
    return this.#length;
  }

  /** The packet's instrument token, after {@link next}. */
  get instrumentToken(): number {
    return this.#instrumentToken;
  }

  /** What the packet's prices are divided by, after {@link next}. */
  get divisor(): number {
    return this.#divisor;
  }

  /**
   * Goes before the first packet of a frame: a `Uint8Array` at any `byteOffset`, a Node `Buffer` included.
   *
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for what is no byte array at all
   */
  reset(frame: Uint8Array): this {
    assertBytes(frame);
    const buffer = frame.buffer;
    if (buffer !== this.#buffer) {
      this.#view = new DataView(buffer);
      this.#buffer = buffer;
    }
    const start = frame.byteOffset;
    const end = start + frame.byteLength;
    this.#start = start;
    this.#end = end;
    this.#packetIndex = -1;
    if (end - start >= FRAME.countLength) {
      this.#packetCount = this.#view.getUint16(start);
      this.#following = start + FRAME.countLength;
    } else {
      // One byte is a heartbeat; no byte at all is no message of this protocol.
      this.#packetCount = 0;
      this.#following = end;
      if (end === start) this.#reportTruncated(1, 0);
    }
    return this;
  }

  /** Goes to the next packet of a documented length; false when there is none. Skipped packets are reported. */
  next(): boolean {
    while (this.nextBody()) {
      const length = this.#length;
      if (isKnownLength(length)) {
        const token = this.#view.getUint32(this.#offset);
        const divisor = this.#divisors[token & 0xff]!;
        this.#instrumentToken = token;
        this.#divisor = divisor === 0 ? DEFAULT_PRICE_DIVISOR : divisor;
        if (divisor === 0) this.#reportUnknownSegment();
        return true;
      }
      this.#reportUnknownLength();
    }
    return false;
  }

  /** Goes to the next packet of any length, for those who pass packets on; false when there is none. */
  nextBody(): boolean {
    const from = this.#following;
    const available = this.#end - from;
    if (this.#packetIndex + 1 >= this.#packetCount) {
      this.#following = this.#end;
      if (available > 0)
        this.#onIssue?.({ kind: 'trailing-bytes', offset: from - this.#start, length: available });
      return false;
    }
    this.#packetIndex++;
    const needed =
      available < FRAME.lengthLength ? FRAME.lengthLength : FRAME.lengthLength + this.#view.getUint16(from);
    if (needed > available) {
      this.#reportTruncated(needed, available);
      this.#packetCount = 0;
      this.#following = this.#end;
      return false;
    }
    this.#offset = from + FRAME.lengthLength;
    this.#length = needed - FRAME.lengthLength;
    this.#following = from + needed;
    return true;
  }

  #reportTruncated(needed: number, available: number): void {
    this.#onIssue?.({
      kind: 'truncated',
      offset: this.#following - this.#start,
      packetIndex: Math.max(this.#packetIndex, 0),
      packetCount: this.#packetCount,
      needed,
      available,
    });
  }

  #reportUnknownLength(): void {
    const length = this.#length;
    this.#onIssue?.({
      kind: 'unknown-length',
      offset: this.#packetOffset(),
      packetIndex: this.#packetIndex,
      length,
      instrumentToken: length >= 4 ? this.#view.getUint32(this.#offset) : null,
    });
  }

  #reportUnknownSegment(): void {
    this.#onIssue?.({
      kind: 'unknown-segment',
      offset: this.#packetOffset(),
      packetIndex: this.#packetIndex,
      instrumentToken: this.#instrumentToken,
      segment: this.#instrumentToken & 0xff,
    });
  }

  /** Where the packet's length prefix is in the frame. */
  #packetOffset(): number {
    return this.#offset - FRAME.lengthLength - this.#start;
  }
}

/** `isView` and not `instanceof`: arrays of another realm (a frame, a `vm` context, a test runner's sandbox) are as good. */
function assertBytes(frame: unknown): asserts frame is Uint8Array {
  if (ArrayBuffer.isView(frame)) return;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_FRAME', {
    field: 'frame',
    value: frame,
    allowed: 'a Uint8Array, a Node Buffer included',
  });
}
