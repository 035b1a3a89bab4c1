import { FrameDecoder, type FrameIssue, FrameWalker, type PriceDivisors } from '@kite/protocol';
import { LazyDecoder } from '@kite/raw';

import type { ChannelId } from './channel-id.js';
import { LazyTicks } from './lazy-ticks.js';
import type { TicksMessage } from './message.js';

/** Decodes the frames of one connection in two forms: plain ticks, and ticks decoded on demand. */
export class Decoding {
  readonly #channelId: ChannelId;
  readonly #decoder: FrameDecoder;
  readonly #walker: FrameWalker;
  readonly #lazyDecoder: LazyDecoder;

  /**
   * @param divisors price divisors by segment, on top of the known ones
   * @param onIssue called with what is wrong with a frame, whichever form it is decoded to first
   */
  constructor(channelId: ChannelId, divisors: PriceDivisors, onIssue: (issue: FrameIssue) => void) {
    this.#channelId = channelId;
    this.#decoder = new FrameDecoder({ divisors, onIssue });
    this.#walker = new FrameWalker({ divisors, onIssue });
    this.#lazyDecoder = new LazyDecoder({ divisors });
  }

  plain(frame: Uint8Array, receivedAt: number): TicksMessage {
    return { type: 'ticks', ticks: this.#decoder.decode(frame), channelId: this.#channelId, receivedAt };
  }

  /** @param count of its ticks, if it has been decoded already */
  lazy(frame: Uint8Array, receivedAt: number, count = this.#count(frame)): LazyTicks {
    const received = { channelId: this.#channelId, receivedAt };
    return new LazyTicks(new Uint8Array(frame), count, received, this.#lazyDecoder);
  }

  #count(frame: Uint8Array): number {
    const walker = this.#walker.reset(frame);
    let count = 0;
    while (walker.next()) count++;
    return count;
  }
}
