import { KiteError, type RawFrame, type TickBatch, type TickerMessage } from '@kite/protocol';

import type { FrameConsumer, MessageConsumer, SourceTag } from '../feed/consumer.js';
import type { Hub } from '../feed/hub.js';
import type { RawTick } from '../feed/message.js';
import type { Channel, ChannelOptions, RawChannelOptions } from './channel.js';
import {
  type OutletConfig,
  resolveChannelOptions,
  resolveMessageOptions,
  resolveRawChannelOptions,
} from './channel-options.js';
import { MessagesChannel, TicksChannel } from './decoded-channels.js';
import { FramesChannel, PacketsChannel } from './frame-channels.js';
import type { ConsumerContext } from './queued-channel.js';

/** What channels are opened over. */
export interface OutletTarget {
  /** The channel gets what comes from now on. Returns a function that detaches it. */
  attach(channel: MessageConsumer | FrameConsumer): () => void;
  /** A channel has lost this much of this source, in ticks or raw items; `isFirst` since its reader last kept up. */
  lost(source: SourceTag, weight: number, isFirst: boolean): void;
}

/** The hubs of one connection or of several, as one. */
export function joined(hubs: readonly Hub[]): OutletTarget {
  return {
    attach(channel) {
      for (const hub of hubs) hub.attach(channel, hubs);
      return () => {
        for (const hub of hubs) hub.detach(channel);
      };
    },
    lost(source, weight, isFirst) {
      hubs.find((hub) => hub.source === source)?.countDropped(weight, isFirst);
    },
  };
}

/** Opens channels of every kind over one target. */
export class Outlets {
  readonly #target: OutletTarget;
  readonly #config: OutletConfig;
  readonly #onFirstRead: () => void;

  /** @param onFirstRead called when a channel is read for the first time */
  constructor(target: OutletTarget, config: OutletConfig, onFirstRead: () => void = () => undefined) {
    this.#target = target;
    this.#config = config;
    this.#onFirstRead = onFirstRead;
  }

  /** All messages of the connections, in order; without ticks when `rawOnly`. */
  messages(options?: ChannelOptions): Channel<TickerMessage> {
    return this.messagesAs((message) => message, options);
  }

  /** {@link messages}, each as `present` shows it. */
  messagesAs<Item>(
    present: (message: TickerMessage, source: SourceTag) => Item,
    options: ChannelOptions = {},
  ): Channel<Item> {
    const resolved = resolveMessageOptions(options, this.#config);
    return this.#open((context) => new MessagesChannel(resolved, context, !this.#config.rawOnly, present));
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  ticks(options: ChannelOptions = {}): Channel<TickBatch> {
    this.assertDecodes();
    const resolved = resolveChannelOptions(options, this.#config);
    return this.#open((context) => new TicksChannel(resolved, context));
  }

  /** The undecoded frames of the connections, heartbeats included. */
  rawFrames(options: RawChannelOptions = {}): Channel<RawFrame> {
    const { connectionBufferSize: capacity, capacityBytes } = this.#config;
    const resolved = resolveRawChannelOptions(options, { capacity, capacityBytes });
    return this.#open((context) => new FramesChannel(resolved, context));
  }

  /** Views of the full packets of the connections. */
  fullRaw(options: RawChannelOptions = {}): Channel<RawTick> {
    const { parserBufferSize: capacity, capacityBytes, divisors } = this.#config;
    const resolved = resolveRawChannelOptions(options, { capacity, capacityBytes });
    return this.#open((context) => new PacketsChannel(resolved, context, divisors));
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  assertDecodes(): void {
    assertDecoding(this.#config);
  }

  #open<C extends MessageConsumer | FrameConsumer>(make: (context: ConsumerContext) => C): C {
    const channel = make({
      clock: this.#config.clock,
      onLost: (source, weight, isFirst) => {
        this.#target.lost(source, weight, isFirst);
      },
      onClosed: () => {
        detach();
      },
      onFirstRead: this.#onFirstRead,
    });
    const detach = this.#target.attach(channel);
    return channel;
  }
}

/**
 * @throws KiteError `KITE_CONNECTION_RAW_ONLY` where nothing is decoded
 */
export function assertDecoding({ rawOnly }: Pick<OutletConfig, 'rawOnly'>): void {
  if (!rawOnly) return;
  throw new KiteError('KITE_CONNECTION_RAW_ONLY', 'ticks are not decoded with rawOnly; use raw frames');
}
