import { FRAME } from '@kite/protocol';

import { Chunks } from './chunks.js';

const HEAD = FRAME.countLength;
const PREFIX = FRAME.lengthLength;

/** Gathers packets into one frame, in one growing buffer; a complete frame is copied out once. */
export class FrameBuilder {
  readonly #chunks = new Chunks();
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length: number = HEAD;
  #count = 0;

  /** How many packets are waiting. */
  get count(): number {
    return this.#count;
  }

  append(packet: Uint8Array): void {
    const end = this.#length + PREFIX + packet.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint16(this.#length, packet.length);
    this.#bytes.set(packet, this.#length + PREFIX);
    this.#length = end;
    this.#count++;
  }

  /** Returns the frame and starts afresh. */
  take(): Uint8Array<ArrayBuffer> {
    this.#view.setUint16(0, this.#count);
    const frame = this.#chunks.copy(this.#bytes.subarray(0, this.#length));
    this.#length = HEAD;
    this.#count = 0;
    return frame;
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
