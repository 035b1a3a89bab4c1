import { decodePacket, priceDivisor, type Tick } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';

type PacketLength = Parameters<typeof decodePacket>[2];

/** Where the packets of one frame go when they are together. */
export interface BatchSink {
  wantsFrames(): boolean;
  ticks(ticks: Tick[], source: SourceTag, receivedAt: number): void;
  frame(packets: readonly Uint8Array[], source: SourceTag, receivedAt: number): void;
}

/** Puts packets together that came in one frame: they follow one another, over one connection, with one time. */
export class PacketBatch {
  readonly #sink: BatchSink;
  readonly #soon: (flush: () => void) => void;
  #source: SourceTag | undefined;
  #receivedAt = 0;
  #ticks: Tick[] = [];
  #packets: Uint8Array[] = [];

  /** @param soon calls back when it is time to hand over what is there; at the end of the turn unless given */
  constructor(sink: BatchSink, soon: (flush: () => void) => void = queueMicrotask) {
    this.#sink = sink;
    this.#soon = soon;
  }

  /** Returns the packet decoded; its length is one that packets have. */
  add(token: number, packet: Uint8Array, source: SourceTag, receivedAt: number): Tick {
    if (this.#source !== source || this.#receivedAt !== receivedAt) this.flush();
    if (this.#source === undefined) {
      // Those of one chunk of the bus come one after the other, without a turn between them.
      this.#soon(() => {
        this.flush();
      });
    }
    this.#source = source;
    this.#receivedAt = receivedAt;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const tick = decodePacket(view, 0, packet.length as PacketLength, token, priceDivisor(token));
    this.#ticks.push(tick);
    if (this.#sink.wantsFrames()) this.#packets.push(packet);
    return tick;
  }

  /** Hands over what is there. */
  flush(): void {
    const source = this.#source;
    if (source === undefined) return;
    const ticks = this.#ticks;
    const packets = this.#packets;
    this.#source = undefined;
    this.#ticks = [];
    this.#packets = [];
    if (packets.length > 0) this.#sink.frame(packets, source, this.#receivedAt);
    this.#sink.ticks(ticks, source, this.#receivedAt);
  }
}
