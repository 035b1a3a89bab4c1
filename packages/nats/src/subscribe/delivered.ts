import type { Tick } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';
import type { Last } from './merging.js';
import { tickOf } from './packet-batch.js';

/** A tick that was delivered live, and its publisher. */
export interface HandedOut extends Last {
  readonly source: SourceTag;
}

/**
 * What was delivered last of an instrument. It keeps a copy of the packet, in memory of its own, and decodes that when it
 * is asked: an object kept until the next tick would outlive the collector's first rounds, and cost more than decoding.
 */
export class Delivered {
  readonly #token: number;
  #epoch = 0;
  #source: SourceTag | undefined;
  #receivedAt = 0;
  #bytes: Uint8Array | undefined;
  /** Undefined: the packet says it. */
  #tick: Tick | undefined;

  constructor(token: number) {
    this.#token = token;
  }

  /** The source of the last tick; undefined: none was delivered. */
  get source(): SourceTag | undefined {
    return this.#source;
  }

  /** Whether the last tick was received by this time, Unix milliseconds; false: none was delivered. */
  isUntil(at: number): boolean {
    return this.#source !== undefined && this.#receivedAt <= at;
  }

  /** Undefined: none was delivered. */
  get last(): HandedOut | undefined {
    const source = this.#source;
    if (!source) return undefined;
    const tick = this.#tick ?? tickOf(this.#token, this.#bytes!);
    return { epoch: this.#epoch, tick, source, receivedAt: this.#receivedAt };
  }

  /** @param packet undefined: the tick came without one */
  note(
    epoch: number,
    tick: Tick,
    packet: Uint8Array | undefined,
    source: SourceTag,
    receivedAt: number,
  ): void {
    this.#epoch = epoch;
    this.#source = source;
    this.#receivedAt = receivedAt;
    this.#tick = packet ? undefined : tick;
    if (!packet) return;
    if (this.#bytes?.length !== packet.length) this.#bytes = new Uint8Array(packet.length);
    this.#bytes.set(packet);
  }
}
