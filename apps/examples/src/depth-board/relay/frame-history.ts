import { encodeFrame, PACKETS } from '@kite/protocol';
import { packets } from '@kite/raw';

/** A frame, and when it was received, in Unix milliseconds. */
export interface TimedFrame {
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
}

/** Every kind of packet begins with its token. */
const TOKEN_OFFSET = PACKETS.ltp.fields.instrumentToken.offset;
const TOKEN_LENGTH = 4;

const DEFAULT_MAX_BYTES = 8 * 2 ** 20;

/**
 * What was received of late, so that a page which is opened now has a chart and the state of every instrument.
 *
 * Kite sends an instrument only when it changes. So of frames that become too old to keep whole, the packet that is
 * still the newest of its instrument stays.
 */
export class FrameHistory {
  readonly #maxBytes: number;
  readonly #recent: TimedFrame[] = [];
  readonly #settled = new Map<number, TimedFrame>();
  #bytes = 0;

  /** @param maxBytes how much to keep of the recent frames, in bytes. Default 8 MiB: some ten minutes of twenty busy instruments */
  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Keeps a copy: the bytes are a view into a chunk of the socket, which would stay alive as a whole. Not `slice()`: that of a
   * Buffer is another view.
   */
  add(bytes: Uint8Array, receivedAt: number): void {
    this.#recent.push({ bytes: new Uint8Array(bytes), receivedAt });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#maxBytes) this.#settle(this.#recent.shift()!);
  }

  /** Everything that is kept, the oldest first. */
  frames(): TimedFrame[] {
    const settled = [...this.#settled.values()].sort((a, b) => a.receivedAt - b.receivedAt);
    return [...settled, ...this.#recent];
  }

  #settle({ bytes, receivedAt }: TimedFrame): void {
    this.#bytes -= bytes.length;
    for (const body of packets(bytes)) {
      if (body.length < TOKEN_OFFSET + TOKEN_LENGTH) continue;
      const token = new DataView(body.buffer, body.byteOffset).getUint32(TOKEN_OFFSET);
      this.#settled.set(token, { bytes: encodeFrame([body]), receivedAt });
    }
  }
}
