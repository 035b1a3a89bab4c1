import type { ChannelId, ChannelOptions } from '@kite/connection';
import { groupBy, Listeners } from '@kite/kit';
import type { RawFrame, Tick, TickerMessage } from '@kite/protocol';

import type { UnifiedEvents } from '../events.js';
import { assertDecoding, type ConsumerContext, lastTickOf, LastTicks } from '../parts.js';
import type { ReplicaFilter } from './replica-filter.js';
import { type AccountMessage, type AccountNumber, UnifiedChannel } from './unified-channel.js';

/** An account as the feed knows it. */
export interface FeedAccount extends AccountNumber {
  /** What its open connections hold, and on which of them. */
  streamed(): ReadonlyMap<number, ChannelId>;
}

/** How a unified feed works. */
export interface UnifiedFeedOptions {
  clock: ConsumerContext['clock'];
  rawOnly: boolean;
  parserBufferSize: number;
  replicas: ReplicaFilter;
  /** What is subscribed at any time, where the newest tick of each instrument is to be kept. */
  keepsLastOf: { has(token: number): boolean } | undefined;
  /** Whether anybody listens to frames, from now on. */
  onFramesWanted: (areWanted: boolean) => void;
  /** A listener has failed. */
  onListenerFailed: (cause: unknown, type: string, apiKeyId: string) => void;
}

/** Where the messages of all accounts come together: each tick of a replicated instrument once. */
export class UnifiedFeed {
  readonly #options: UnifiedFeedOptions;
  readonly #listeners: Listeners<UnifiedEvents>;
  readonly #channels = new Set<UnifiedChannel>();
  readonly #lastTicks: LastTicks | undefined;
  /** Whose message is being delivered, for a listener that fails. */
  #delivering = '';

  constructor(options: UnifiedFeedOptions) {
    this.#options = options;
    this.#lastTicks = options.keepsLastOf && new LastTicks(options.keepsLastOf);
    this.#listeners = new Listeners((cause, type) => {
      // A listener of issues that fails would be told of its own failure, without end.
      if (type !== 'issue') options.onListenerFailed(cause, type, this.#delivering);
    });
  }

  /** Whether anybody wants ticks decoded. */
  get takesTicks(): boolean {
    if (this.#options.rawOnly) return false;
    if (this.#lastTicks || this.#listeners.has('ticks')) return true;
    for (const channel of this.#channels) if (channel.takesTicks) return true;
    return false;
  }

  /** @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks` where nothing is decoded */
  on<Type extends keyof UnifiedEvents>(
    type: Type,
    listener: (event: UnifiedEvents[Type]) => unknown,
  ): () => void {
    if (type === 'ticks') assertDecoding(this.#options);
    const off = this.#listeners.on(type, listener);
    if (type !== 'frame') return off;
    this.#framesWanted();
    return () => {
      off();
      this.#framesWanted();
    };
  }

  channel(options: ChannelOptions = {}): UnifiedChannel {
    const { clock, rawOnly, parserBufferSize } = this.#options;
    const channel: UnifiedChannel = new UnifiedChannel(options, parserBufferSize, !rawOnly, {
      clock,
      onClosed: () => {
        this.#channels.delete(channel);
      },
    });
    this.#channels.add(channel);
    return channel;
  }

  deliver(account: FeedAccount, message: TickerMessage): void {
    if (message.type !== 'ticks') {
      this.#hand(account, message);
      return;
    }
    const ticks = this.#options.replicas.filter(account.apiKeyId, message.ticks);
    if (ticks.length > 0) this.#hand(account, ticks === message.ticks ? message : { ...message, ticks });
  }

  /** Ticks of this account that have waited: now they count as received, on the connections that stream them. */
  release(account: FeedAccount, waited: readonly Tick[]): void {
    const receivedAt = this.#options.clock.now();
    const streamed = account.streamed();
    for (const [channelId, ticks] of groupBy(waited, (tick) => streamed.get(tick.instrumentToken) ?? 0)) {
      this.#hand(account, { type: 'ticks', channelId, receivedAt, ticks });
    }
  }

  frame({ apiKeyId }: FeedAccount, frame: RawFrame): void {
    this.#delivering = apiKeyId;
    this.#listeners.emit('frame', { apiKeyId, frame });
  }

  /** @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` */
  lastTick(token: number): Tick | undefined {
    return lastTickOf(this.#lastTicks, token);
  }

  /** These are no longer subscribed. */
  forget(tokens: Iterable<number>): void {
    this.#lastTicks?.forget(tokens);
  }

  /** The account is gone. */
  left(account: FeedAccount): void {
    for (const channel of this.#channels) channel.left(account);
  }

  /** Ends every channel. */
  end(): void {
    for (const channel of [...this.#channels]) channel.end();
  }

  #framesWanted(): void {
    this.#options.onFramesWanted(this.#listeners.has('frame'));
  }

  /** Hands on what is new. */
  #hand(account: FeedAccount, message: TickerMessage): void {
    const event: AccountMessage = { apiKeyId: account.apiKeyId, message };
    this.#delivering = account.apiKeyId;
    this.#lastTicks?.message(message);
    this.#listeners.emit(message.type, event as never);
    for (const channel of this.#channels) channel.push(account, message);
  }
}
