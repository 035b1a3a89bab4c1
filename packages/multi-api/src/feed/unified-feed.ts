import type { Channel, ChannelOptions, RawChannelOptions } from '@kite/connection';
import { Listeners } from '@kite/kit';
import type { LastTick } from '@kite/manager';
import type { Clock, EventOf, KiteError, RawFrame, TickBatch, TickerMessage } from '@kite/protocol';

import {
  assertDecoding,
  type FeedEvents,
  type FrameConsumer,
  lastTickOf,
  LastTicks,
  lazyTicksWith,
  type MessageConsumer,
  Outlets,
  plainTicksOf,
  type ResolvedManagerConfig,
  type SourceTag,
} from '../parts.js';
import type { AccountMessage, AccountSources } from './account-message.js';
import { Replicas, type ReplicaSource } from './replicas.js';

/** An account as the feed knows it. */
export interface FeedAccount extends AccountSources, ReplicaSource {}

/** How a unified feed works. */
export interface UnifiedFeedOptions {
  clock: Clock;
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

/**
 * Where the messages of all accounts come together and fan out, to listeners and channels: each tick of a replicated
 * instrument once, and everything with its account.
 */
export class UnifiedFeed {
  /** Which accounts bring copies of the same instruments. */
  readonly replicas: Replicas<FeedAccount>;
  readonly #options: UnifiedFeedOptions;
  readonly #listeners: Listeners<FeedEvents>;
  readonly #outlets: Outlets;
  /** Lists that are replaced, never changed: consumers come and go while they are gone through. */
  #messageConsumers: readonly MessageConsumer[] = [];
  #frameConsumers: readonly FrameConsumer[] = [];
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
    const { clock, config, onFirstRead } = options;
    this.#outlets = new Outlets(
      {
        attach: (channel) => this.attach(channel),
        lost: (source, weight, isFirst) => {
          this.countDropped(source, weight, isFirst);
        },
      },
      { ...config, clock },
      onFirstRead,
    );
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
    for (const { takesTicks } of this.#messageConsumers) if (takesTicks) return true;
    return false;
  }

  /**
   * In which form accounts are to bring ticks. Copies of replicas are compared field by field: plain ticks, for which lazy
   * ones are made of packets that are encoded again.
   */
  get form(): 'plain' | 'lazy' {
    if (this.#options.replicas > 1) return 'plain';
    for (const { form } of this.#messageConsumers) if (form === 'lazy') return 'lazy';
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

  messages(options?: ChannelOptions): Channel<TickerMessage> {
    return this.#outlets.messages(options);
  }

  /** {@link messages} in the shape of the crate. */
  unified(options?: ChannelOptions): Channel<AccountMessage> {
    return this.#outlets.messagesAs((message, { apiKeyId }) => ({ apiKeyId: apiKeyId!, message }), options);
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` */
  ticks(options?: ChannelOptions): Channel<TickBatch> {
    return this.#outlets.ticks(options);
  }

  /** Of each account as it brought them, copies included. */
  rawFrames(options?: RawChannelOptions): Channel<RawFrame> {
    return this.#outlets.rawFrames(options);
  }

  /** From now on the consumer gets what comes of every account. Returns how it gets nothing more. */
  attach(consumer: MessageConsumer | FrameConsumer): () => void {
    if ('frame' in consumer) {
      this.#frameConsumers = [...this.#frameConsumers, consumer];
      this.#framesWanted();
    } else this.#messageConsumers = [...this.#messageConsumers, consumer];
    return () => {
      if ('frame' in consumer) {
        this.#frameConsumers = this.#frameConsumers.filter((one) => one !== consumer);
        this.#framesWanted();
      } else this.#messageConsumers = this.#messageConsumers.filter((one) => one !== consumer);
    };
  }

  /** Who gets what comes. */
  get consumers(): readonly (MessageConsumer | FrameConsumer)[] {
    return [...this.#messageConsumers, ...this.#frameConsumers];
  }

  deliver(account: FeedAccount, message: TickerMessage): void {
    this.replicas.message(account, message);
  }

  frame(account: FeedAccount, frame: RawFrame): void {
    const { apiKeyId } = account;
    this.#delivering = apiKeyId;
    this.#listeners.emit('frame', { ...frame, apiKeyId });
    if (this.#frameConsumers.length === 0) return;
    const source = this.#sourceOf(account, frame.channelId);
    for (const consumer of this.#frameConsumers) {
      if (frame.gap) consumer.gap(frame.gap, source);
      if (frame.dropped > 0)
        consumer.droppedBefore({ frames: frame.dropped, ticks: 0, fullTicks: 0 }, source, frame.receivedAt);
      consumer.frame(frame.bytes, source, frame.receivedAt);
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

  /** A consumer has lost so many ticks, or raw items, of this source; `isFirst` since it had last kept up. */
  countDropped(source: SourceTag, weight: number, isFirst: boolean): void {
    this.#accounts.get(source)?.countDropped(source.channelId, weight, isFirst);
  }

  /** The account is gone. */
  left(account: FeedAccount): void {
    this.replicas.left(account);
    for (const source of account.sources) this.#accounts.delete(source);
  }

  /** Ends every channel; with an error where that is why nothing more can come. */
  end(error?: KiteError): void {
    for (const consumer of this.consumers) consumer.end(error);
  }

  /** What the channels are of that have been full, and not read, for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    const since = this.#options.clock.monotonic() - ms;
    const stuck = this.consumers.filter(({ stuckSince }) => stuckSince !== undefined && stuckSince <= since);
    return [...new Set(stuck.map(({ kind = 'items' }) => kind))];
  }

  #framesWanted(): void {
    this.#options.onFramesWanted(this.#listeners.has('frame') || this.#frameConsumers.length > 0);
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
    for (const consumer of this.#messageConsumers) consumer.message(tagged, source);
  }

  /** To each in the form that it takes; in another one than they came in, they are made for the first that wants them. */
  #handTicks(account: FeedAccount, message: TicksMessage): void {
    let plain: TicksMessage | undefined;
    let lazy: TicksMessage | undefined;
    const inPlain = (): TicksMessage => (plain ??= { ...plainTicksOf(message), apiKeyId: account.apiKeyId });
    if (this.#lastTicks) this.#lastTicks.message(inPlain());
    if (this.#listeners.has('ticks')) this.#listeners.emit('ticks', inPlain());
    const source = this.#sourceOf(account, message.channelId);
    for (const consumer of this.#messageConsumers) {
      if (!consumer.takesTicks) continue;
      consumer.message(consumer.form === 'lazy' ? (lazy ??= this.#lazyTicksOf(message)) : inPlain(), source);
    }
  }
}
