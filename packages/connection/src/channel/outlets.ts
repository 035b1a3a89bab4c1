import { KiteError, type RawFrame, type TickBatch, type TickerMessage } from '@kite/protocol';

import type { FrameConsumer, MessageConsumer } from '../feed/consumer.js';
import type { Hub } from '../feed/hub.js';
import type { RawTick } from '../feed/message.js';
import type { ResolvedConnectionConfig } from '../options.js';
import type { Channel, ChannelOptions, RawChannelOptions } from './channel.js';
import {
  type ChannelDefaults,
  resolveChannelOptions,
  resolveMessageOptions,
  resolveRawChannelOptions,
} from './channel-options.js';
import { MessagesChannel, TicksChannel } from './decoded-channels.js';
import { FramesChannel, PacketsChannel } from './frame-channels.js';
import type { ConsumerContext } from './queued-channel.js';

/**
 * What outlets need of the configuration.
 */
export type OutletConfig = Pick<
  ResolvedConnectionConfig,
  | 'clock'
  | 'rawOnly'
  | 'divisors'
  | 'parserBufferSize'
  | 'connectionBufferSize'
  | 'capacityTicks'
  | 'capacityBytes'
> &
  Pick<ChannelDefaults, 'instruments'>;

/**
 * Opens channels over one connection's hub, or over several as one.
 */
export class Outlets {
  readonly #hubs: readonly Hub[];
  readonly #config: OutletConfig;
  readonly #onFirstRead: () => void;

  /** @param onFirstRead somebody asks a channel for an item, for the first time */
  constructor(hubs: readonly Hub[], config: OutletConfig, onFirstRead: () => void = () => undefined) {
    this.#hubs = hubs;
    this.#config = config;
    this.#onFirstRead = onFirstRead;
  }

  /** Everything that the connections have to say, in order; without ticks when `rawOnly`. */
  messages(options: ChannelOptions = {}): Channel<TickerMessage> {
    const resolved = resolveMessageOptions(options, this.#config);
    return this.#attach((context) => new MessagesChannel(resolved, context, !this.#config.rawOnly));
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  ticks(options: ChannelOptions = {}): Channel<TickBatch> {
    this.assertDecodes();
    const resolved = resolveChannelOptions(options, this.#config);
    return this.#attach((context) => new TicksChannel(resolved, context));
  }

  /** The undecoded frames of the connections, heartbeats included. */
  rawFrames(options: RawChannelOptions = {}): Channel<RawFrame> {
    const { connectionBufferSize: capacity, capacityBytes } = this.#config;
    const resolved = resolveRawChannelOptions(options, { capacity, capacityBytes });
    return this.#attach((context) => new FramesChannel(resolved, context));
  }

  /** Views of the full packets of the connections. */
  fullRaw(options: RawChannelOptions = {}): Channel<RawTick> {
    const { parserBufferSize: capacity, capacityBytes, divisors } = this.#config;
    const resolved = resolveRawChannelOptions(options, { capacity, capacityBytes });
    return this.#attach((context) => new PacketsChannel(resolved, context, divisors));
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  assertDecodes(): void {
    assertDecoding(this.#config);
  }

  #attach<C extends MessageConsumer | FrameConsumer>(make: (context: ConsumerContext) => C): C {
    const consumer = make({
      clock: this.#config.clock,
      onLost: (source, weight, isFirst) => {
        this.#hubs.find((hub) => hub.source === source)?.countDropped(weight, isFirst);
      },
      onClosed: () => {
        for (const hub of this.#hubs) hub.detach(consumer);
      },
      onFirstRead: this.#onFirstRead,
    });
    for (const hub of this.#hubs) hub.attach(consumer, this.#hubs);
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
