const CHUNK_BYTES = 64 * 1024;

/**
 * Copies bytes, many to one buffer, as a socket's chunk has many messages. A separate buffer for each would cost ten
 * times as much. No byte is ever written twice.
 */
export class Chunks {
  #chunk = new ArrayBuffer(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { length } = bytes;
    if (length > CHUNK_BYTES / 4) return new Uint8Array(bytes);
    if (this.#used + length > this.#chunk.byteLength) {
      this.#chunk = new ArrayBuffer(CHUNK_BYTES);
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#chunk, this.#used, length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }
}
