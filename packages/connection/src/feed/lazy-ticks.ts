import { encodeFrame, FrameWalker, type PriceDivisors, type Received } from '@kite/protocol';
import { LazyDecoder, type LazyTick } from '@kite/raw';

import { frameOf } from './frame-of.js';
import type { TicksMessage } from './message.js';

/**
 * The ticks of one frame over memory of their own, for lazy consumers. They are made on demand: dropped before that,
 * they have cost a copy of their bytes.
 */
export class LazyTicks implements TicksMessage {
  readonly type = 'ticks';
  readonly channelId: Received['channelId'];
  readonly receivedAt: number;
  /** The number of ticks. */
  readonly count: number;
  readonly #frame: Uint8Array;
  readonly #decoder: LazyDecoder;
  #ticks: LazyTick[] | undefined;

  /**
   * @param frame nothing else writes to it
   * @param count of its packets, without those of unknown length
   * @param decoder shared by all frames of the feed
   */
  constructor(frame: Uint8Array, count: number, { channelId, receivedAt }: Received, decoder: LazyDecoder) {
    this.#frame = frame;
    this.#decoder = decoder;
    this.count = count;
    this.channelId = channelId;
    this.receivedAt = receivedAt;
  }

  get ticks(): LazyTick[] {
    return (this.#ticks ??= this.#decoder.decode(this.#frame));
  }

  /** Each tick over bytes of its own: keeping one for long keeps no others alive. */
  apart(): LazyTick[] {
    return this.count === 1 ? this.ticks : this.ticks.map((tick) => tick.copy());
  }

  /** The ticks of some instruments alone, with their packets in a frame of their own: they keep nothing else alive. */
  only(isWanted: (instrumentToken: number) => boolean): LazyTicks {
    const bodies: Uint8Array[] = [];
    const walker = new FrameWalker().reset(this.#frame);
    while (walker.next()) {
      if (!isWanted(walker.instrumentToken)) continue;
      bodies.push(new Uint8Array(walker.view.buffer, walker.offset, walker.length));
    }
    return bodies.length === this.count
      ? this
      : new LazyTicks(frameOf(bodies), bodies.length, this, this.#decoder);
  }
}

/** Makes a function that converts ticks to lazy ones, for prices that are scaled with these divisors. */
export function lazyTicksWith(divisors: PriceDivisors): (message: TicksMessage) => LazyTicks {
  const decoder = new LazyDecoder({ divisors });
  return (message) => {
    if (message instanceof LazyTicks) return message;
    return new LazyTicks(encodeFrame(message.ticks, { divisors }), message.ticks.length, message, decoder);
  };
}

/** The same ticks as plain objects. All are of one frame and of one form. */
export function plainTicksOf(message: TicksMessage): TicksMessage {
  const { type, ticks, channelId, receivedAt } = message;
  if (ticks.length === 0 || !('toTick' in ticks[0]!)) return message;
  return { type, ticks: (ticks as LazyTick[]).map((tick) => tick.toTick()), channelId, receivedAt };
}
