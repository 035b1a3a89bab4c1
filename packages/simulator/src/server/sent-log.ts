import { packetsOf, tokenOf } from '../packets.js';
import { BoundedLog } from './bounded-log.js';

/** A sent tick, logged when `recordSent` is on. */
export interface SentTick {
  /** Counts the ticks of the whole server, from 1. */
  readonly sequence: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** The connection it went to. */
  readonly connectionId: number;
  /** The api key of that connection. */
  readonly apiKey: string;
  /** The tick's instrument, as subscribed. */
  readonly instrumentToken: number;
  /** Which change of the instrument it shows, counted from 0: two ticks with the same number show the same state. */
  readonly change: number;
  /** The packet body: `decodeFrame(encodeFrame([packet]))` has its tick. */
  readonly packet: Uint8Array;
  /** Its frame was corrupted or cut short. */
  readonly damaged: boolean;
}

const DEFAULT_CAPACITY = 1_000_000;

/** Every tick sent, in order, with its receiver: by default about the last million. */
export class SentLog extends BoundedLog<SentTick> {
  #sequence = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    super(capacity);
  }

  /** Logs a frame: its bytes, the change each packet shows, and whether it was damaged. */
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
