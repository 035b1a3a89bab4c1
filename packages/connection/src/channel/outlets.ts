import { KiteError, type RawFrame, type TickBatch, type TickerMessage } from '@kite/protocol';

import type { FrameConsumer, MessageConsumer } from '../feed/consumer.js';
import type { Hub } from '../feed/hub.js';
import type { RawTick } from '../feed/message.js';
import type { ResolvedConnectionConfig } from '../options.js';
import type { Channel, ChannelOptions, RawChannelOptions } from './channel.js';
import { resolveChannelOptions, resolveRawChannelOptions } from './channel-options.js';
import { RawFrameConsumer, RawTickConsumer } from './frame-consumer.js';
import { type ConsumerContext, MessageChannelConsumer, TickChannelConsumer } from './message-consumer.js';

/**
 * What outlets need of the configuration.
 */
export type OutletConfig = Pick<
  ResolvedConnectionConfig,
  'clock' | 'rawOnly' | 'parserBufferSize' | 'connectionBufferSize'
>;

/**
 * Opens channels over one connection's hub, or over several as one.
 */
export class Outlets {
  readonly #hubs: readonly Hub[];
  readonly #config: OutletConfig;

  constructor(hubs: readonly Hub[], config: OutletConfig) {
    this.#hubs = hubs;
    this.#config = config;
  }

  /** Everything that the connections have to say, in order; without ticks when `rawOnly`. */
  messages(options: ChannelOptions = {}): Channel<TickerMessage> {
    const { parserBufferSize, rawOnly } = this.#config;
    const resolved = resolveChannelOptions(options, parserBufferSize);
    return this.#attach((context) => new MessageChannelConsumer(resolved, context, !rawOnly)).channel;
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  ticks(options: ChannelOptions = {}): Channel<TickBatch> {
    this.assertDecodes();
    const resolved = resolveChannelOptions(options, this.#config.parserBufferSize);
    return this.#attach((context) => new TickChannelConsumer(resolved, context)).channel;
  }

  /** The undecoded frames of the connections, heartbeats included. */
  rawFrames(options: RawChannelOptions = {}): Channel<RawFrame> {
    const resolved = resolveRawChannelOptions(options, this.#config.connectionBufferSize);
    return this.#attach((context) => new RawFrameConsumer(resolved, context)).channel;
  }

  /** Views of the full packets of the connections. */
  fullRaw(options: RawChannelOptions = {}): Channel<RawTick> {
    const resolved = resolveRawChannelOptions(options, this.#config.parserBufferSize);
    return this.#attach((context) => new RawTickConsumer(resolved, context)).channel;
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  assertDecodes(): void {
    assertDecoding(this.#config);
  }

  #attach<C extends MessageConsumer | FrameConsumer>(make: (context: ConsumerContext) => C): C {
    const consumer = make({
      clock: this.#config.clock,
      onLost: (channelId, weight, isFirst) => {
        this.#hubs.find((hub) => hub.channelId === channelId)?.countDropped(weight, isFirst);
      },
      onClosed: () => {
        for (const hub of this.#hubs) hub.detach(consumer);
      },
    });
    for (const hub of this.#hubs) hub.attach(consumer);
    return consumer;
  }
}

/**
 * @throws KiteError `KITE_CONNECTION_RAW_ONLY` where nothing is decoded
 */
export function assertDecoding({ rawOnly }: Pick<OutletConfig, 'rawOnly'>): void {
  if (!rawOnly) return;
  throw new KiteError('KITE_CONNECTION_RAW_ONLY', 'ticks are not decoded with rawOnly; use raw frames');
}
