import type { Gap, PriceDivisors, RawFrame } from '@kite/protocol';
import { asTickRaw, packets, TICK_FULL_SIZE } from '@kite/raw';

import type { FrameConsumer, SourceTag } from '../feed/consumer.js';
import type { RawTick } from '../feed/message.js';
import type { Dropped } from '../socket/source.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { DATA } from './entry.js';
import { KeptMemory } from './kept-memory.js';
import { type ConsumerContext, QueuedChannel } from './queued-channel.js';

/** A channel of binary messages as they came. */
export class FramesChannel extends QueuedChannel<Uint8Array, RawFrame> implements FrameConsumer {
  readonly kind = 'raw frames';

  constructor(options: ResolvedChannelOptions, context: ConsumerContext) {
    super(options, context, new KeptMemory(options.capacityBytes, context.clock));
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    this.push(source, bytes, DATA, 1, receivedAt);
  }

  gap(gap: Gap, source: SourceTag): void {
    this.queue.gap(source, gap);
  }

  droppedBefore({ frames }: Dropped, source: SourceTag, at: number): void {
    this.lostBefore(source, frames, at);
  }

  protected override view(
    bytes: Uint8Array,
    { channelId, apiKeyId }: SourceTag,
    receivedAt: number,
    dropped: number,
    gap: Gap | undefined,
  ): RawFrame {
    const frame: RawFrame = { bytes, channelId, receivedAt, dropped };
    if (apiKeyId !== undefined) frame.apiKeyId = apiKeyId;
    if (gap) frame.gap = gap;
    return frame;
  }
}

/** A channel of views of the full packets. */
export class PacketsChannel extends QueuedChannel<Uint8Array, RawTick> implements FrameConsumer {
  readonly kind = 'full packets';
  readonly #divisors: PriceDivisors;

  constructor(options: ResolvedChannelOptions, context: ConsumerContext, divisors: PriceDivisors) {
    super(options, context, new KeptMemory(options.capacityBytes, context.clock));
    this.#divisors = divisors;
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    for (const body of packets(bytes))
      if (body.length === TICK_FULL_SIZE) this.push(source, body, DATA, 1, receivedAt);
  }

  gap(gap: Gap, source: SourceTag): void {
    this.queue.gap(source, gap);
  }

  droppedBefore({ fullTicks }: Dropped, source: SourceTag, at: number): void {
    this.lostBefore(source, fullTicks, at);
  }

  protected override view(
    body: Uint8Array,
    source: SourceTag,
    receivedAt: number,
    dropped: number,
    gap: Gap | undefined,
  ): RawTick {
    const { channelId, apiKeyId } = source;
    return Object.assign(asTickRaw(body, this.#divisors)!, {
      ...{ channelId, receivedAt, dropped },
      ...(apiKeyId !== undefined && { apiKeyId }),
      ...(gap && { gap }),
    });
  }
}
