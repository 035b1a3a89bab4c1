import type { Gap, RawFrame } from '@kite/protocol';
import { asTickRaw, packets, TICK_FULL_SIZE } from '@kite/raw';

import type { ChannelId } from '../feed/channel-id.js';
import type { FrameConsumer } from '../feed/consumer.js';
import type { Lag, RawTick } from '../feed/message.js';
import { BoundedBacklog } from './backlog.js';
import { BacklogChannel, type Channel } from './channel.js';
import type { ResolvedRawChannelOptions } from './channel-options.js';
import { LossMarks } from './loss-marks.js';
import type { ConsumerContext } from './message-consumer.js';

/** Feeds a channel of undecoded frames. */
export class RawFrameConsumer implements FrameConsumer {
  readonly #fed: MarkedChannel<RawFrame>;

  constructor(options: ResolvedRawChannelOptions, context: ConsumerContext) {
    this.#fed = new MarkedChannel(options, context);
  }

  get channel(): Channel<RawFrame> {
    return this.#fed.channel;
  }

  frame(bytes: Uint8Array, channelId: ChannelId, receivedAt: number): void {
    this.#fed.push({ bytes, channelId, receivedAt, dropped: 0 });
  }

  gap(gap: Gap, channelId: ChannelId): void {
    this.#fed.gap(gap, channelId);
  }

  lagged({ frames }: Lag): void {
    this.#fed.channel.lose(frames);
  }

  end(): void {
    this.#fed.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

/** Feeds a channel of views of the full packets. */
export class RawTickConsumer implements FrameConsumer {
  readonly #fed: MarkedChannel<RawTick>;

  constructor(options: ResolvedRawChannelOptions, context: ConsumerContext) {
    this.#fed = new MarkedChannel(options, context);
  }

  get channel(): Channel<RawTick> {
    return this.#fed.channel;
  }

  frame(bytes: Uint8Array, channelId: ChannelId, receivedAt: number): void {
    for (const body of packets(bytes)) {
      const view = body.length === TICK_FULL_SIZE ? asTickRaw(body) : null;
      if (view) this.#fed.push(Object.assign(view, { channelId, receivedAt, dropped: 0 }));
    }
  }

  gap(gap: Gap, channelId: ChannelId): void {
    this.#fed.gap(gap, channelId);
  }

  lagged({ fullTicks }: Lag): void {
    this.#fed.channel.lose(fullTicks);
  }

  end(): void {
    this.#fed.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

/** A channel of undecoded data, on which stands what was lost before. */
class MarkedChannel<T extends RawFrame | RawTick> {
  readonly channel: BacklogChannel<T, T>;
  readonly #marks = new LossMarks<T>();

  constructor({ capacity, overflow }: ResolvedRawChannelOptions, context: ConsumerContext) {
    const marks = this.#marks;
    this.channel = new BacklogChannel<T, T>({
      ...context,
      capacity,
      backlog: (hooks) => {
        const onLost = (item: T, weight: number): void => {
          marks.lost(item, overflow);
          hooks.onLost(item, weight);
        };
        return new BoundedBacklog<T>({ capacity, overflow, weigh: () => 1, onLost });
      },
      take: (backlog) => {
        const item = marks.next(backlog);
        return item && marks.mark(item);
      },
    });
  }

  push(item: T): void {
    const gap = this.#marks.takeGap(item.channelId);
    if (gap) item.gap = gap;
    this.channel.push(item);
  }

  gap(gap: Gap, channelId: ChannelId): void {
    this.#marks.gap(channelId, gap);
  }
}
