import { decodePacket, priceDivisor, type Tick } from '@kite/protocol';

type PacketLength = Parameters<typeof decodePacket>[2];

/** Where the packets of one frame go when they are together. */
export interface BatchSink<Source> {
  wantsFrames(): boolean;
  ticks(ticks: Tick[], source: Source, receivedAt: number): void;
  frame(packets: readonly Uint8Array[], source: Source, receivedAt: number): void;
}

/** Puts packets together that came in one frame: they follow one another, over one connection, with one time. */
export class PacketBatch<Source extends object> {
  readonly #sink: BatchSink<Source>;
  readonly #soon: (flush: () => void) => void;
  #source: Source | undefined;
  #receivedAt = 0;
  #ticks: Tick[] = [];
  #packets: Uint8Array[] = [];

  /** @param soon calls back when it is time to hand over what is there; at the end of the turn unless given */
  constructor(sink: BatchSink<Source>, soon: (flush: () => void) => void = queueMicrotask) {
    this.#sink = sink;
    this.#soon = soon;
  }

  /** Returns the packet decoded; its length is one that packets have. */
  add(token: number, packet: Uint8Array, source: Source, receivedAt: number): Tick {
    if (this.#source !== source || this.#receivedAt !== receivedAt) this.flush();
    if (this.#source === undefined) {
      // Those of one chunk of the bus come one after the other, without a turn between them.
      this.#soon(() => {
        this.flush();
      });
    }
    this.#source = source;
    this.#receivedAt = receivedAt;
    const tick = tickOf(token, packet);
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

/** A packet decoded; its length is one that packets have. */
export function tickOf(token: number, packet: Uint8Array): Tick {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return decodePacket(view, 0, packet.length as PacketLength, token, priceDivisor(token));
}
