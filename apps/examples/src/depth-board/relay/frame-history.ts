import { encodeFrame } from '@kite/protocol';
import { packets } from '@kite/raw';

import { SettledMinutes } from './settled-minutes.js';

/** A frame and its receive time, in Unix milliseconds. */
export interface TimedFrame {
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
}

const DEFAULT_MAX_BYTES = 8 * 2 ** 20;

/**
 * Everything received since the relay started, so that a newly opened page has a chart and the state of every
 * instrument.
 *
 * Recent frames are kept whole. Of older ones it keeps the packets that make up a candle, for each minute and
 * instrument.
 */
export class FrameHistory {
  readonly #maxBytes: number;
  readonly #recent: TimedFrame[] = [];
  readonly #settled: SettledMinutes;
  #bytes = 0;

  /**
   * @param maxBytes the bytes of recent frames to keep. Default 8 MiB: about ten minutes of twenty busy instruments
   * @param maxMinutes the minutes of older ones to keep, over all instruments. Default 20 000: twenty instruments for
   *   more than two days
   */
  constructor(maxBytes = DEFAULT_MAX_BYTES, maxMinutes?: number) {
    this.#maxBytes = maxBytes;
    this.#settled = new SettledMinutes(maxMinutes);
  }

  /**
   * Keeps a copy: the bytes are a view that would keep a whole chunk of the socket alive. Not `slice()`: on a Buffer
   * that gives another view.
   */
  add(bytes: Uint8Array, receivedAt: number): void {
    this.#recent.push({ bytes: new Uint8Array(bytes), receivedAt });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#maxBytes) this.#settle(this.#recent.shift()!);
  }

  /** Everything kept, the oldest first. */
  frames(): TimedFrame[] {
    const settled = this.#settled
      .packets()
      .map(({ body, receivedAt }) => ({ bytes: encodeFrame([body]), receivedAt }));
    return [...settled, ...this.#recent];
  }

  #settle({ bytes, receivedAt }: TimedFrame): void {
    this.#bytes -= bytes.length;
    for (const body of packets(bytes)) this.#settled.add(body, receivedAt);
  }
}
