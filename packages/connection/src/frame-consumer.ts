import { asTickRaw, packets, TICK_FULL_SIZE } from '@kite/raw';

import { BoundedBacklog } from './backlog.js';
import type { ResolvedRawChannelOptions } from './channel-options.js';
import { BacklogChannel, type BacklogHooks } from './channel.js';
import type { ChannelId } from './channel-id.js';
import type { FrameConsumer } from './consumer.js';
import { LossMarks, type GapMark } from './loss-marks.js';
import type { ConsumerContext } from './message-consumer.js';
import type { Gap } from './gap.js';
import type { Lag, RawFrame, RawTick } from './message.js';

/** Feeds a channel of undecoded frames. */
export class RawFrameConsumer implements FrameConsumer {
  readonly channel: BacklogChannel<Held<RawFrame>, RawFrame>;

  constructor(options: ResolvedRawChannelOptions, context: ConsumerContext) {
    this.channel = markedChannel<RawFrame>(options, context);
  }

  frame(bytes: Uint8Array, channelId: ChannelId, receivedAt: number): void {
    this.channel.push({ bytes, channelId, receivedAt, dropped: 0 });
  }

  gap(gap: Gap, channelId: ChannelId): void {
    this.channel.pushControl({ type: 'gap', channelId, ...gap });
  }

  lagged({ frames }: Lag): void {
    this.channel.lose(frames);
  }

  end(): void {
    this.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

/** Feeds a channel of views of the full packets. */
export class RawTickConsumer implements FrameConsumer {
  readonly channel: BacklogChannel<Held<RawTick>, RawTick>;

  constructor(options: ResolvedRawChannelOptions, context: ConsumerContext) {
    this.channel = markedChannel<RawTick>(options, context);
  }

  frame(bytes: Uint8Array, channelId: ChannelId, receivedAt: number): void {
    for (const body of packets(bytes)) {
      const view = body.length === TICK_FULL_SIZE ? asTickRaw(body) : null;
      if (view) this.channel.push(Object.assign(view, { channelId, receivedAt, dropped: 0 }));
    }
  }

  gap(gap: Gap, channelId: ChannelId): void {
    this.channel.pushControl({ type: 'gap', channelId, ...gap });
  }

  lagged({ fullTicks }: Lag): void {
    this.channel.lose(fullTicks);
  }

  end(): void {
    this.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

type Held<T> = T | GapMark;

function markedChannel<T extends RawFrame | RawTick>(
  { capacity, overflow }: ResolvedRawChannelOptions,
  context: ConsumerContext,
): BacklogChannel<Held<T>, T> {
  const marks = new LossMarks<T>();
  return new BacklogChannel<Held<T>, T>({
    ...context,
    capacity,
    backlog: ({ onLost }: BacklogHooks) =>
      new BoundedBacklog<Held<T>>({ capacity, overflow, weigh: () => 1, onLost }),
    take: (backlog) => {
      const item = marks.next(backlog);
      return item && marks.mark(item);
    },
  });
}
