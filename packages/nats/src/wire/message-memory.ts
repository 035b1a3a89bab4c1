import { TICK_HEAD, type TickHead, writeTickMessage } from './head.js';

/** Memory for each message of its own costs more than all the rest of publishing. */
const CHUNK_BYTES = 128 * 1024;

/** Encodes messages one behind the other into chunks of memory. Copy what is kept for long: it keeps its whole chunk. */
export class MessageMemory {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  encode(head: TickHead, packet: Uint8Array): Uint8Array {
    const length = TICK_HEAD.length + packet.length;
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(CHUNK_BYTES, length));
      this.#view = new DataView(this.#bytes.buffer);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    writeTickMessage(this.#view, this.#bytes, at, head, packet);
    return this.#bytes.subarray(at, this.#used);
  }
}
