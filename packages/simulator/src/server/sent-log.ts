import { packetsOf, tokenOf } from '../packets.js';
import { BoundedLog } from './bounded-log.js';

/** A tick as it is remembered when `recordSent` is on. */
export interface SentTick {
  /** Counts the ticks of the whole server, from 1. */
  readonly sequence: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Of the connection that it went to. */
  readonly connectionId: number;
  /** Whose connection that is. */
  readonly apiKey: string;
  /** Of the tick, as it was subscribed. */
  readonly instrumentToken: number;
  /** Which change of the instrument it shows, counted from 0: two ticks with the same number show the same state. */
  readonly change: number;
  /** The packet body: `decodeFrame(encodeFrame([packet]))` has its tick. */
  readonly packet: Uint8Array;
  /** The frame that carried it was corrupted or cut on its way. */
  readonly damaged: boolean;
}

const DEFAULT_CAPACITY = 1_000_000;

/** Every tick that was sent, to whom and in which order: about the last million, unless asked otherwise. */
export class SentLog extends BoundedLog<SentTick> {
  #sequence = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    super(capacity);
  }

  /** A frame as it was made, which change each of its packets shows, and how it went. */
  addFrame(
    frame: Uint8Array,
    changes: readonly number[],
    { at, connectionId, apiKey, damaged }: Pick<SentTick, 'at' | 'connectionId' | 'apiKey' | 'damaged'>,
  ): void {
    let index = 0;
    for (const packet of packetsOf(frame)) {
      const sequence = ++this.#sequence;
      const instrumentToken = tokenOf(packet);
      const change = changes[index++]!;
      this.add({ sequence, at, connectionId, apiKey, instrumentToken, change, packet, damaged });
    }
  }
}
