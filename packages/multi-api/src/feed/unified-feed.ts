import type { Channel, ChannelOptions, RawChannelOptions } from '@kite/connection';
import type { LastTick } from '@kite/manager';
import type { Clock, KiteError, RawFrame, TickBatch, TickerMessage } from '@kite/protocol';

import {
  assertDecoding,
  FanOut,
  type FeedEvents,
  type FrameConsumer,
  lastTickOf,
  LastTicks,
  type MessageConsumer,
  Outlets,
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
  /** How many accounts hold each instrument. */
  replicas: number;
  replicaWaitMs: number;
  /** What is subscribed at any time, to keep the newest tick of each instrument. */
  keepsLastOf: { has(token: number): boolean } | undefined;
  /** Somebody asks a channel for an item, for the first time. */
  onFirstRead: () => void;
  /** Whether anybody wants frames, from now on. */
  onFramesWanted: (areWanted: boolean) => void;
  /** A listener has failed. */
  onListenerFailed: (cause: unknown, type: string, apiKeyId: string) => void;
}

/**
 * Where the messages of all accounts come together and fan out, to listeners and channels: each tick of a replicated
 * instrument once, and everything with its account.
 */
export class UnifiedFeed {
  /** Which accounts bring copies of the same instruments. */
  readonly replicas: Replicas<FeedAccount>;
  readonly #options: UnifiedFeedOptions;
  readonly #fanOut: FanOut;
  readonly #outlets: Outlets;
  /** Where a channel's loss is counted: accounts that are still here. */
  readonly #accounts = new Map<SourceTag, FeedAccount>();
  readonly #lastTicks: LastTicks | undefined;
  /** Whose message is being delivered, for a listener that fails. */
  #delivering = '';

  constructor(options: UnifiedFeedOptions) {
    this.#options = options;
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
    const lastTicks = options.keepsLastOf && new LastTicks(options.keepsLastOf);
    this.#lastTicks = lastTicks;
    this.#fanOut = new FanOut({
      clock,
      divisors: config.divisors,
      onTicks:
        lastTicks &&
        ((message) => {
          lastTicks.message(message);
        }),
      onFramesWanted: options.onFramesWanted,
      onListenerFailed: (cause, type) => {
        // A listener of issues that fails would be told of its own failure, without end.
        if (type !== 'issue') options.onListenerFailed(cause, type, this.#delivering);
      },
    });
  }

  /** Whether anybody wants ticks decoded. */
  get takesTicks(): boolean {
    if (this.#options.config.rawOnly) return false;
    if (this.#lastTicks || this.#fanOut.isHeard('ticks')) return true;
    return this.#fanOut.messageConsumers.some(({ takesTicks }) => takesTicks);
  }

  /**
   * In which form accounts are to bring ticks. Copies of replicas are compared field by field: plain ticks, for which lazy
   * ones are made of packets that are encoded again.
   */
  get form(): 'plain' | 'lazy' {
    if (this.#options.replicas > 1) return 'plain';
    return this.#fanOut.messageConsumers.some(({ form }) => form === 'lazy') ? 'lazy' : 'plain';
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks` where nothing is decoded */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    if (type === 'ticks') assertDecoding(this.#options.config);
    return this.#fanOut.on(type, listener);
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
    return this.#fanOut.attach(consumer);
  }

  deliver(account: FeedAccount, message: TickerMessage): void {
    this.replicas.message(account, message);
  }

  frame(account: FeedAccount, { bytes, channelId, receivedAt, gap, dropped }: RawFrame): void {
    this.#delivering = account.apiKeyId;
    const source = this.#sourceOf(account, channelId);
    if (gap) this.#fanOut.frameGap(gap, source);
    if (dropped > 0)
      this.#fanOut.framesDropped({ frames: dropped, ticks: 0, fullTicks: 0 }, source, receivedAt);
    this.#fanOut.frame(bytes, source, receivedAt);
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
    this.#fanOut.end(error);
  }

  /** What the channels are of that have been full, and not read, for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    return this.#fanOut.stuckFor(ms);
  }

  #sourceOf(account: FeedAccount, channelId: SourceTag['channelId']): SourceTag {
    const source = account.sources[channelId]!;
    this.#accounts.set(source, account);
    return source;
  }

  /** Hands on what is new. */
  #hand(account: FeedAccount, message: TickerMessage): void {
    this.#delivering = account.apiKeyId;
    const source = this.#sourceOf(account, message.channelId);
    if (message.type === 'ticks') {
      this.#fanOut.message(message, source);
      return;
    }
    const tagged = { ...message, apiKeyId: account.apiKeyId };
    this.#lastTicks?.message(tagged);
    this.#fanOut.message(tagged, source);
  }
}
