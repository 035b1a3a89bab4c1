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
  /** The options of its channels. */
  config: Pick<
    ResolvedManagerConfig,
    'parserBufferSize' | 'connectionBufferSize' | 'capacityTicks' | 'capacityBytes' | 'rawOnly' | 'divisors'
  >;
  /** How many accounts hold each instrument. */
  replicas: number;
  replicaWaitMs: number;
  /** A live view of what is subscribed, to keep the newest tick of each instrument. */
  keepsLastOf: { has(token: number): boolean } | undefined;
  /** Why nothing can come any more; undefined while something can. */
  failure: () => KiteError | undefined;
  /** A channel is read for the first time. */
  onFirstRead: () => void;
  /** Whether frames are wanted, from now on. */
  onFramesWanted: (areWanted: boolean) => void;
  /** A listener has failed. */
  onListenerFailed: (cause: unknown, type: string, apiKeyId: string) => void;
}

/**
 * Merges the messages of all accounts and fans them out to listeners and channels: each tick of a replicated instrument
 * once, and everything with its account.
 */
export class UnifiedFeed {
  /** Merges the accounts' copies of the same instruments. */
  readonly replicas: Replicas<FeedAccount>;
  readonly #options: UnifiedFeedOptions;
  readonly #fanOut: FanOut;
  readonly #outlets: Outlets;
  /** The accounts that count a channel's losses: those that are still here. */
  readonly #accounts = new Map<SourceTag, FeedAccount>();
  readonly #lastTicks: LastTicks | undefined;
  /** The account whose message is being delivered, to name it if a listener fails. */
  #delivering = '';
  /** A message is being delivered, or an act of {@link after} is under way: what comes now waits. */
  #isBusy = false;
  #later: (readonly [FeedAccount, TickerMessage])[] = [];

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
        ((message, source) => {
          lastTicks.message(message, source);
        }),
      failure: options.failure,
      onFramesWanted: options.onFramesWanted,
      onListenerFailed: (cause, type) => {
        options.onListenerFailed(cause, type, this.#delivering);
      },
    });
  }

  /** Whether ticks must be decoded. */
  get takesTicks(): boolean {
    if (this.#options.config.rawOnly) return false;
    if (this.#lastTicks || this.#fanOut.isHeard('ticks')) return true;
    return this.#fanOut.messageConsumers.some(({ takesTicks }) => takesTicks);
  }

  /**
   * The form in which accounts deliver ticks. Copies of replicas are compared field by field, so these are plain ticks;
   * lazy ones are then made by encoding the packets again.
   */
  get form(): 'plain' | 'lazy' {
    if (this.#options.replicas > 1) return 'plain';
    return this.#fanOut.messageConsumers.some(({ form }) => form === 'lazy') ? 'lazy' : 'plain';
  }

  /** Whether this event has a listener. */
  isHeard(type: keyof FeedEvents): boolean {
    return this.#fanOut.isHeard(type);
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

  /** As each account delivered them, copies included. */
  rawFrames(options?: RawChannelOptions): Channel<RawFrame> {
    return this.#outlets.rawFrames(options);
  }

  /** Attaches the consumer to every account. Returns a function that detaches it. */
  attach(consumer: MessageConsumer | FrameConsumer): () => void {
    return this.#fanOut.attach(consumer);
  }

  /** Runs the act, and delivers after it what it brings: a listener that calls back finds everything in place. */
  after(act: () => void): void {
    if (this.#isBusy) {
      act();
      return;
    }
    this.#isBusy = true;
    try {
      act();
    } finally {
      this.#deliverLater();
    }
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

  /** What subscribers begin with; undefined where last ticks are not kept. */
  known(token: number): ReturnType<LastTicks['known']> {
    return this.#lastTicks?.known(token);
  }

  /** @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` */
  lastTick(token: number): LastTick | undefined {
    return lastTickOf(this.#lastTicks, token);
  }

  /** These are no longer subscribed. */
  forget(tokens: Iterable<number>): void {
    this.#lastTicks?.forget(tokens);
  }

  /** A consumer has lost this many ticks, or raw items, of this source; `isFirst`: the first since it last kept up. */
  countDropped(source: SourceTag, weight: number, isFirst: boolean): void {
    this.#accounts.get(source)?.countDropped(source.channelId, weight, isFirst);
  }

  /** The account is gone. */
  left(account: FeedAccount): void {
    this.replicas.left(account);
    for (const source of account.sources) this.#accounts.delete(source);
  }

  /** Ends every channel, with an error if that is why nothing more can come. */
  end(error?: KiteError): void {
    this.#fanOut.end(error);
  }

  /** How to end the channels of now; those that come later stay. */
  ending(): () => void {
    return this.#fanOut.ending();
  }

  /** The kinds of channels that have been full and not read for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    return this.#fanOut.stuckFor(ms);
  }

  #sourceOf(account: FeedAccount, channelId: SourceTag['channelId']): SourceTag {
    const source = account.sources[channelId]!;
    this.#accounts.set(source, account);
    return source;
  }

  /** Takes what is new: delivers one message after the other, whatever a listener does meanwhile. */
  #hand(account: FeedAccount, message: TickerMessage): void {
    if (this.#isBusy) {
      this.#later.push([account, message]);
      return;
    }
    this.#isBusy = true;
    try {
      this.#handOver(account, message);
    } finally {
      this.#deliverLater();
    }
  }

  #deliverLater(): void {
    while (this.#later.length > 0) {
      const waiting = this.#later;
      this.#later = [];
      for (const [account, message] of waiting) this.#handOver(account, message);
    }
    this.#isBusy = false;
  }

  #handOver(account: FeedAccount, message: TickerMessage): void {
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
