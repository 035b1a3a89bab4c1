import type { Channel, ChannelOptions, RawChannelOptions } from '@kite/connection';
import { Listeners } from '@kite/kit';
import type { LastTick } from '@kite/manager';
import type { EventOf, KiteError, RawFrame, TickBatch, TickerMessage } from '@kite/protocol';

import {
  assertDecoding,
  type ConsumerContext,
  type FeedEvents,
  FramesChannel,
  lastTickOf,
  LastTicks,
  lazyTicksWith,
  type MessageConsumer,
  MessagesChannel,
  plainTicksOf,
  resolveChannelOptions,
  type ResolvedManagerConfig,
  resolveMessageOptions,
  resolveRawChannelOptions,
  type SourceTag,
  TicksChannel,
} from '../parts.js';
import type { AccountMessage, AccountSources } from './account-message.js';
import { Replicas, type ReplicaSource } from './replicas.js';

/** An account as the feed knows it. */
export interface FeedAccount extends AccountSources, ReplicaSource {}

/** How a unified feed works. */
export interface UnifiedFeedOptions {
  clock: ConsumerContext['clock'];
  /** What its channels are opened with. */
  config: Pick<
    ResolvedManagerConfig,
    'parserBufferSize' | 'connectionBufferSize' | 'capacityTicks' | 'capacityBytes' | 'rawOnly' | 'divisors'
  >;
  /** On how many accounts each instrument is to be. */
  replicas: number;
  replicaWaitMs: number;
  /** What is subscribed at any time, where the newest tick of each instrument is to be kept. */
  keepsLastOf: { has(token: number): boolean } | undefined;
  /** Somebody asks a channel for an item, for the first time. */
  onFirstRead: () => void;
  /** Whether anybody wants frames, from now on. */
  onFramesWanted: (areWanted: boolean) => void;
  /** A listener has failed. */
  onListenerFailed: (cause: unknown, type: string, apiKeyId: string) => void;
}

type TicksMessage = EventOf<'ticks'>;

type MessageChannel = MessageConsumer & { readonly kind: string; readonly stuckSince: number | undefined };

/**
 * Where the messages of all accounts come together and fan out, to listeners and channels: each tick of a replicated
 * instrument once, and everything with its account.
 */
export class UnifiedFeed {
  /** Which accounts bring copies of the same instruments. */
  readonly replicas: Replicas<FeedAccount>;
  readonly #options: UnifiedFeedOptions;
  readonly #listeners: Listeners<FeedEvents>;
  /** Lists that are replaced, never changed: channels come and go while they are gone through. */
  #channels: readonly MessageChannel[] = [];
  #frameChannels: readonly FramesChannel[] = [];
  /** Where a channel's loss is counted: accounts that are still here. */
  readonly #accounts = new Map<SourceTag, FeedAccount>();
  readonly #lastTicks: LastTicks | undefined;
  readonly #lazyTicksOf: ReturnType<typeof lazyTicksWith>;
  /** Whose message is being delivered, for a listener that fails. */
  #delivering = '';

  constructor(options: UnifiedFeedOptions) {
    this.#options = options;
    this.#lazyTicksOf = lazyTicksWith(options.config.divisors);
    this.replicas = new Replicas({
      ...options,
      hand: (account, message) => {
        this.#hand(account, message);
      },
    });
    this.#lastTicks = options.keepsLastOf && new LastTicks(options.keepsLastOf);
    this.#listeners = new Listeners((cause, type) => {
      // A listener of issues that fails would be told of its own failure, without end.
      if (type !== 'issue') options.onListenerFailed(cause, type, this.#delivering);
    });
  }

  /** Whether anybody wants ticks decoded. */
  get takesTicks(): boolean {
    if (this.#options.config.rawOnly) return false;
    if (this.#lastTicks || this.#listeners.has('ticks')) return true;
    for (const channel of this.#channels) if (channel.takesTicks) return true;
    return false;
  }

  /**
   * In which form accounts are to bring ticks. Copies of replicas are compared field by field: plain ticks, for which lazy
   * ones are made of packets that are encoded again.
   */
  get form(): 'plain' | 'lazy' {
    if (this.#options.replicas > 1) return 'plain';
    for (const channel of this.#channels) if (channel.form === 'lazy') return 'lazy';
    return 'plain';
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks` where nothing is decoded */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    if (type === 'ticks') assertDecoding(this.#options.config);
    const off = this.#listeners.on(type, listener);
    if (type !== 'frame') return off;
    this.#framesWanted();
    return () => {
      off();
      this.#framesWanted();
    };
  }

  messages(options: ChannelOptions = {}): Channel<TickerMessage> {
    const { config } = this.#options;
    const resolved = resolveMessageOptions(options, config);
    return this.#open((context) => new MessagesChannel(resolved, context, !config.rawOnly));
  }

  /** {@link messages} in the shape of the crate. */
  unified(options: ChannelOptions = {}): Channel<AccountMessage> {
    const { config } = this.#options;
    const resolved = resolveMessageOptions(options, config);
    const present = (message: TickerMessage, { apiKeyId }: SourceTag): AccountMessage => ({
      apiKeyId: apiKeyId!,
      message,
    });
    return this.#open((context) => new MessagesChannel(resolved, context, !config.rawOnly, present));
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  ticks(options: ChannelOptions = {}): Channel<TickBatch> {
    const { config } = this.#options;
    assertDecoding(config);
    const resolved = resolveChannelOptions(options, config);
    return this.#open((context) => new TicksChannel(resolved, context));
  }

  /** Of each account as it brought them, copies included. */
  rawFrames(options: RawChannelOptions = {}): Channel<RawFrame> {
    const { connectionBufferSize: capacity, capacityBytes } = this.#options.config;
    const resolved = resolveRawChannelOptions(options, { capacity, capacityBytes });
    const channel: FramesChannel = new FramesChannel(
      resolved,
      this.#context(() => {
        this.#frameChannels = this.#frameChannels.filter((one) => one !== channel);
        this.#framesWanted();
      }),
    );
    this.#frameChannels = [...this.#frameChannels, channel];
    this.#framesWanted();
    return channel;
  }

  deliver(account: FeedAccount, message: TickerMessage): void {
    this.replicas.message(account, message);
  }

  frame(account: FeedAccount, frame: RawFrame): void {
    const { apiKeyId } = account;
    this.#delivering = apiKeyId;
    this.#listeners.emit('frame', { ...frame, apiKeyId });
    if (this.#frameChannels.length === 0) return;
    const source = this.#sourceOf(account, frame.channelId);
    for (const channel of this.#frameChannels) {
      if (frame.gap) channel.gap(frame.gap, source);
      if (frame.dropped > 0)
        channel.droppedBefore({ frames: frame.dropped, ticks: 0, fullTicks: 0 }, source, frame.receivedAt);
      channel.frame(frame.bytes, source, frame.receivedAt);
    }
  }

  /** @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` */
  lastTick(token: number): LastTick | undefined {
    return lastTickOf(this.#lastTicks, token);
  }

  /** These are no longer subscribed. */
  forget(tokens: Iterable<number>): void {
    this.#lastTicks?.forget(tokens);
  }

  /** The account is gone. */
  left(account: FeedAccount): void {
    this.replicas.left(account);
    for (const source of account.sources) this.#accounts.delete(source);
  }

  /** Ends every channel; with an error where that is why nothing more can come. */
  end(error?: KiteError): void {
    for (const channel of [...this.#channels, ...this.#frameChannels]) channel.end(error);
  }

  /** What the channels are of that have been full, and not read, for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    const since = this.#options.clock.monotonic() - ms;
    const stuck = [...this.#channels, ...this.#frameChannels].filter(
      ({ stuckSince }) => stuckSince !== undefined && stuckSince <= since,
    );
    return [...new Set(stuck.map(({ kind }) => kind))];
  }

  #open<C extends MessageChannel>(make: (context: ConsumerContext) => C): C {
    const channel: C = make(
      this.#context(() => {
        this.#channels = this.#channels.filter((one) => one !== channel);
      }),
    );
    this.#channels = [...this.#channels, channel];
    return channel;
  }

  #context(onClosed: () => void): ConsumerContext {
    const { clock, onFirstRead } = this.#options;
    return {
      clock,
      onFirstRead,
      onClosed,
      onLost: (source, weight, isFirst) => {
        this.#accounts.get(source)?.countDropped(source.channelId, weight, isFirst);
      },
    };
  }

  #framesWanted(): void {
    this.#options.onFramesWanted(this.#listeners.has('frame') || this.#frameChannels.length > 0);
  }

  #sourceOf(account: FeedAccount, channelId: SourceTag['channelId']): SourceTag {
    const source = account.sources[channelId]!;
    this.#accounts.set(source, account);
    return source;
  }

  /** Hands on what is new. */
  #hand(account: FeedAccount, message: TickerMessage): void {
    this.#delivering = account.apiKeyId;
    if (message.type === 'ticks') this.#handTicks(account, message);
    else this.#handAll(account, { ...message, apiKeyId: account.apiKeyId });
  }

  #handAll(account: FeedAccount, tagged: TickerMessage): void {
    this.#lastTicks?.message(tagged);
    this.#listeners.emit(tagged.type, tagged);
    const source = this.#sourceOf(account, tagged.channelId);
    for (const channel of this.#channels) channel.message(tagged, source);
  }

  /** To each in the form that it takes; in another one than they came in, they are made for the first that wants them. */
  #handTicks(account: FeedAccount, message: TicksMessage): void {
    let plain: TicksMessage | undefined;
    let lazy: TicksMessage | undefined;
    const inPlain = (): TicksMessage => (plain ??= { ...plainTicksOf(message), apiKeyId: account.apiKeyId });
    if (this.#lastTicks) this.#lastTicks.message(inPlain());
    if (this.#listeners.has('ticks')) this.#listeners.emit('ticks', inPlain());
    const source = this.#sourceOf(account, message.channelId);
    for (const channel of this.#channels) {
      if (!channel.takesTicks) continue;
      channel.message(channel.form === 'lazy' ? (lazy ??= this.#lazyTicksOf(message)) : inPlain(), source);
    }
  }
}
