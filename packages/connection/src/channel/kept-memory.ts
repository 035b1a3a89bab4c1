import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { Chunk, Entry } from './entry.js';

/** A turn may be long: after this many frames it counts as over. */
const MOST_FRESH = 1024;

/**
 * The memory that waiting frames keep alive. Frames lie in chunks of the socket, and a single frame keeps its whole
 * chunk alive. So at the end of the turn that brought them, frames that fill less than a quarter of their chunk are
 * copied out of it.
 */
export class KeptMemory {
  readonly #capacityBytes: number;
  readonly #timer: Timer;
  readonly #chunks = new Map<ArrayBufferLike, Chunk>();
  /** The frames of this turn. */
  #fresh: Entry<unknown>[] = [];
  #bytes = 0;
  #last: Chunk | undefined;
  /** The frame last passed to `hasRoomFor`: reading a frame's `buffer` takes as long as queueing it. */
  #asked: Uint8Array | undefined;
  #askedBuffer: ArrayBufferLike | undefined;

  constructor(capacityBytes: number, clock: Clock) {
    this.#capacityBytes = capacityBytes;
    this.#timer = new Timer(clock);
  }

  /** Each chunk counts once. */
  get bytes(): number {
    return this.#bytes;
  }

  get isHalfEmpty(): boolean {
    return this.#bytes <= this.#capacityBytes / 2;
  }

  hasRoomFor(item: Uint8Array): boolean {
    const { buffer } = item;
    this.#asked = item;
    this.#askedBuffer = buffer;
    if (this.#last?.buffer === buffer || this.#bytes === 0) return true;
    return this.#bytes + buffer.byteLength <= this.#capacityBytes || this.#chunks.has(buffer);
  }

  /** The frame is queued. */
  hold(entry: Entry<unknown>): void {
    const item = entry.item as Uint8Array;
    const buffer = item === this.#asked ? this.#askedBuffer! : item.buffer;
    const chunk = this.#last?.buffer === buffer ? this.#last : this.#chunkOf(buffer);
    chunk.frames++;
    chunk.bytes += item.length;
    entry.chunk = chunk;
    const fresh = this.#fresh.push(entry);
    if (fresh === MOST_FRESH) this.settle();
    else if (fresh === 1)
      this.#timer.set(0, () => {
        this.settle();
      });
  }

  /** The frame is no longer queued. */
  release(entry: Entry<unknown>): void {
    const { chunk } = entry;
    const { length } = entry.item as Uint8Array;
    if (!chunk) {
      this.#bytes -= length;
      return;
    }
    entry.chunk = undefined;
    chunk.bytes -= length;
    if (--chunk.frames > 0) return;
    if (this.#last === chunk) this.#last = undefined;
    this.#chunks.delete(chunk.buffer);
    this.#bytes -= chunk.buffer.byteLength;
  }

  /** The turn is over. */
  settle(): void {
    this.#timer.clear();
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#asked = this.#askedBuffer = undefined;
    for (const entry of fresh) {
      const { chunk, item } = entry;
      if (!chunk || chunk.bytes * 4 >= chunk.buffer.byteLength) continue;
      this.release(entry);
      const own = new Uint8Array(item as Uint8Array);
      entry.item = own;
      this.#bytes += own.length;
    }
  }

  #chunkOf(buffer: ArrayBufferLike): Chunk {
    let chunk = this.#chunks.get(buffer);
    if (!chunk) {
      this.#chunks.set(buffer, (chunk = { buffer, frames: 0, bytes: 0 }));
      this.#bytes += buffer.byteLength;
    }
    return (this.#last = chunk);
  }
}
