import { encodeFrame } from '@kite/protocol';
import { packets } from '@kite/raw';

import { SettledMinutes } from './settled-minutes.js';

/** A frame, and when it was received, in Unix milliseconds. */
export interface TimedFrame {
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
}

const DEFAULT_MAX_BYTES = 8 * 2 ** 20;

/**
 * What was received since the relay has started, so that a page which is opened now has a chart and the state of every
 * instrument.
 *
 * Recent frames are kept whole. Of older ones there stay, of each minute and instrument, the packets that a candle is made of.
 */
export class FrameHistory {
  readonly #maxBytes: number;
  readonly #recent: TimedFrame[] = [];
  readonly #settled: SettledMinutes;
  #bytes = 0;

  /**
   * @param maxBytes how much to keep of the recent frames, in bytes. Default 8 MiB: some ten minutes of twenty busy instruments
   * @param maxMinutes how many minutes to keep of older ones, all instruments together. Default 20 000: twenty instruments for
   * two days and more
   */
  constructor(maxBytes = DEFAULT_MAX_BYTES, maxMinutes?: number) {
    this.#maxBytes = maxBytes;
    this.#settled = new SettledMinutes(maxMinutes);
  }

  /**
   * Keeps a copy: the bytes are a view into a chunk of the socket, which would stay alive as a whole. Not `slice()`: that of a
   * Buffer is another view.
   */
  add(bytes: Uint8Array, receivedAt: number): void {
    this.#recent.push({ bytes: new Uint8Array(bytes), receivedAt });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#maxBytes) this.#settle(this.#recent.shift()!);
  }

  /** Everything that is kept, the oldest first. */
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
