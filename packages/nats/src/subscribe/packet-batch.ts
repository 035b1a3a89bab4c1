import { decodePacket, priceDivisor, type Tick } from '@kite/protocol';

type PacketLength = Parameters<typeof decodePacket>[2];

/** Where the gathered packets of one frame go. */
export interface BatchSink<Source> {
  /** Whether it takes the packets with the ticks. */
  readonly takesPackets: boolean;
  wantsFrames(): boolean;
  /** @param packets what each tick was decoded from, in memory of the bus */
  ticks(ticks: Tick[], source: Source, receivedAt: number, packets: readonly Uint8Array[]): void;
  frame(packets: readonly Uint8Array[], source: Source, receivedAt: number): void;
}

/** Regroups the packets of one frame: consecutive, of one connection, with one time. */
export class PacketBatch<Source extends object> {
  readonly #sink: BatchSink<Source>;
  readonly #soon: (flush: () => void) => void;
  #source: Source | undefined;
  #receivedAt = 0;
  #ticks: Tick[] = [];
  #packets: Uint8Array[] = [];

  /** @param soon calls back when it is time to flush. Default: at the end of the turn */
  constructor(sink: BatchSink<Source>, soon: (flush: () => void) => void = queueMicrotask) {
    this.#sink = sink;
    this.#soon = soon;
  }

  /** Returns the packet decoded; its length must be that of a packet. */
  add(token: number, packet: Uint8Array, source: Source, receivedAt: number): Tick {
    if (this.#source !== source || this.#receivedAt !== receivedAt) this.flush();
    if (this.#source === undefined) {
      // The packets of one chunk of the bus come without a turn between them.
      this.#soon(() => {
        this.flush();
      });
    }
    this.#source = source;
    this.#receivedAt = receivedAt;
    const tick = tickOf(token, packet);
    this.#ticks.push(tick);
    if (this.#sink.takesPackets) this.#packets.push(packet);
    return tick;
  }

  /** Delivers what has gathered. */
  flush(): void {
    const source = this.#source;
    if (source === undefined) return;
    const ticks = this.#ticks;
    const packets = this.#packets;
    this.#source = undefined;
    this.#ticks = [];
    this.#packets = [];
    if (this.#sink.wantsFrames()) this.#sink.frame(packets, source, this.#receivedAt);
    this.#sink.ticks(ticks, source, this.#receivedAt, packets);
  }
}

/** Decodes a packet; its length must be that of a packet. */
export function tickOf(token: number, packet: Uint8Array): Tick {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return decodePacket(view, 0, packet.length as PacketLength, token, priceDivisor(token));
}
