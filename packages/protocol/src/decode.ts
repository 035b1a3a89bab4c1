import { assertFrameBytes, bufferOf, byteOffsetOf, lengthOf } from './frame-bytes.js';
import type { FrameIssue } from './frame-issue.js';
import { FRAME, PACKETS } from './layout.js';
import { decodePacket, isKnownLength } from './packet.js';
import { DEFAULT_PRICE_DIVISOR, divisorTable, type PriceDivisors } from './segment.js';
import type { Tick } from './tick.js';

/** How a frame is decoded. */
export interface DecodeOptions {
  /** Price divisors by segment, on top of the known ones. */
  divisors?: PriceDivisors | undefined;
  /** Called with everything in the frame that is not as documented. Without it such things are ignored. */
  onIssue?: ((issue: FrameIssue) => void) | undefined;
}

type OnIssue = DecodeOptions['onIssue'];

const KNOWN_DIVISORS = divisorTable();

/**
 * Decodes one binary WebSocket message into ticks, in the frame's order.
 *
 * Takes a `Uint8Array` at any `byteOffset`, a Node `Buffer` included, and never throws on any bytes: a heartbeat (one
 * byte) gives no ticks, a packet of unknown length is skipped, a truncated frame yields the whole packets before the cut.
 * The ticks do not refer to the frame, so it may be reused.
 *
 * For many frames a {@link FrameDecoder} is faster.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array: a string, a bare ArrayBuffer
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 * @throws whatever `onIssue` throws
 */
export function decodeFrame(frame: Uint8Array, options?: DecodeOptions): Tick[] {
  assertFrameBytes(frame);
  const divisors = options?.divisors === undefined ? KNOWN_DIVISORS : divisorTable(options.divisors);
  const length = lengthOf(frame);
  if (length < FRAME.countLength) return withoutPackets(length, options?.onIssue);
  const view = new DataView(bufferOf(frame), byteOffsetOf(frame), length);
  return decodePackets(view, 0, length, divisors, options?.onIssue);
}

/**
 * {@link decodeFrame} for a stream of frames: keeps what can be reused between them.
 *
 * Sockets deliver small messages as slices of a larger chunk. The decoder keeps the `DataView` of the last chunk,
 * because making one costs as much as decoding a packet. Use one decoder per connection.
 */
export class FrameDecoder {
  readonly #divisors: readonly number[];
  readonly #onIssue: OnIssue;
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  #view = new DataView(this.#buffer);

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options: DecodeOptions = {}) {
    this.#divisors = divisorTable(options.divisors);
    this.#onIssue = options.onIssue;
  }

  /**
   * The frame's ticks, as {@link decodeFrame} gives them.
   *
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
   * @throws whatever `onIssue` throws
   */
  decode(frame: Uint8Array): Tick[] {
    assertFrameBytes(frame);
    const length = lengthOf(frame);
    if (length < FRAME.countLength) return withoutPackets(length, this.#onIssue);
    const buffer = bufferOf(frame);
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#view = new DataView(buffer);
    }
    const start = byteOffsetOf(frame);
    return decodePackets(this.#view, start, start + length, this.#divisors, this.#onIssue);
  }
}

/** An ltp packet with its length prefix. */
const SHORTEST_PACKET = FRAME.lengthLength + PACKETS.ltp.length;

/** One byte is a heartbeat; no byte at all is no message of this protocol. */
function withoutPackets(length: number, onIssue: OnIssue): Tick[] {
  if (length === 0)
    onIssue?.({ kind: 'truncated', offset: 0, packetIndex: 0, packetCount: 0, needed: 1, available: 0 });
  return [];
}

/** Decodes the frame in `view` from `start` to `end`, which has at least its packet count. */
function decodePackets(
  view: DataView,
  start: number,
  end: number,
  divisors: readonly number[],
  onIssue: OnIssue,
): Tick[] {
  const packetCount = view.getUint16(start);
  // Made at its final length, as far as the frame can hold what it announces: growing by push costs a second array.
  const ticks = new Array<Tick>(Math.min(packetCount, ((end - start) / SHORTEST_PACKET) >>> 0));
  let count = 0;
  let at = start + 2;
  for (let packetIndex = 0; packetIndex < packetCount; packetIndex++) {
    const available = end - at;
    const needed = available < 2 ? 2 : 2 + view.getUint16(at);
    if (needed > available) {
      onIssue?.({ kind: 'truncated', offset: at - start, packetIndex, packetCount, needed, available });
      ticks.length = count;
      return ticks;
    }
    const body = at + 2;
    const length = needed - 2;
    if (isKnownLength(length)) {
      const token = view.getUint32(body);
      let divisor = divisors[token & 0xff]!;
      if (divisor === 0) {
        divisor = DEFAULT_PRICE_DIVISOR;
        onIssue?.({
          kind: 'unknown-segment',
          offset: at - start,
          packetIndex,
          instrumentToken: token,
          segment: token & 0xff,
        });
      }
      ticks[count++] = decodePacket(view, body, length, token, divisor);
    } else {
      const instrumentToken = length >= 4 ? view.getUint32(body) : null;
      onIssue?.({ kind: 'unknown-length', offset: at - start, packetIndex, length, instrumentToken });
    }
    at = body + length;
  }
  if (at < end) onIssue?.({ kind: 'trailing-bytes', offset: at - start, length: end - at });
  if (count < ticks.length) ticks.length = count;
  return ticks;
}
