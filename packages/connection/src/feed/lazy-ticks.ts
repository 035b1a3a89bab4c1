import { encodeFrame, FrameWalker, type PriceDivisors, type Received } from '@kite/protocol';
import { LazyDecoder, type LazyTick } from '@kite/raw';

import { frameOf } from './frame-of.js';
import type { TicksMessage } from './message.js';

/**
 * The ticks of one frame over memory of their own, for those who take them lazily. They are made when somebody asks for
 * them: dropped before that, they have cost a copy of their bytes.
 */
export class LazyTicks implements TicksMessage {
  readonly type = 'ticks';
  readonly channelId: Received['channelId'];
  readonly receivedAt: number;
  /** How many there are. */
  readonly count: number;
  readonly #frame: Uint8Array;
  readonly #decoder: LazyDecoder;
  #ticks: LazyTick[] | undefined;

  /**
   * @param frame nobody else writes to it
   * @param count of its packets, but for those of unknown length
   * @param decoder of all frames of the same feed
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

  /** Each tick over bytes of its own: one that is kept for long keeps no others alive. */
  apart(): LazyTick[] {
    return this.count === 1 ? this.ticks : this.ticks.map((tick) => tick.copy());
  }

  /** Those of some instruments alone: their packets in a frame of their own, so that they keep nothing else alive. */
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

/** Makes the function that gives the same ticks lazily, for prices that are scaled with these divisors. */
export function lazyTicksWith(divisors: PriceDivisors): (message: TicksMessage) => LazyTicks {
  const decoder = new LazyDecoder({ divisors });
  return (message) => {
    if (message instanceof LazyTicks) return message;
    return new LazyTicks(encodeFrame(message.ticks, { divisors }), message.ticks.length, message, decoder);
  };
}

/** The same ticks as plain objects: they are all of one frame, and of one form. */
export function plainTicksOf(message: TicksMessage): TicksMessage {
  const { type, ticks, channelId, receivedAt } = message;
  if (ticks.length === 0 || !('toTick' in ticks[0]!)) return message;
  return { type, ticks: (ticks as LazyTick[]).map((tick) => tick.toTick()), channelId, receivedAt };
}
