import { Listeners, type ChannelOptions, type ConsumerContext, type TickerMessage } from '@kite/manager';

import type { Account } from './account.js';
import type { ReplicaFilter } from './replica-filter.js';
import { UnifiedChannel, type AccountMessage } from './unified-channel.js';

/** What can be listened to, over all accounts: each kind of message with its account. */
export type UnifiedEvents = {
  [Type in TickerMessage['type']]: { apiKeyId: string; message: Extract<TickerMessage, { type: Type }> };
};

/** How a unified feed works. */
export interface UnifiedFeedOptions {
  clock: ConsumerContext['clock'];
  rawOnly: boolean;
  parserBufferSize: number;
  replicas: ReplicaFilter;
  /** A listener has failed. */
  onListenerFailed: (cause: unknown, type: string, account: string) => void;
}

/** Where the messages of all accounts come together: each tick of a replicated instrument once. */
export class UnifiedFeed {
  readonly #options: UnifiedFeedOptions;
  readonly #listeners: Listeners<UnifiedEvents>;
  readonly #channels = new Set<UnifiedChannel>();
  /** Whose message is being delivered, for a listener that fails. */
  #delivering = '';

  constructor(options: UnifiedFeedOptions) {
    this.#options = options;
    this.#listeners = new Listeners((cause, type) => {
      options.onListenerFailed(cause, type, this.#delivering);
    });
  }

  /** Whether anybody wants ticks decoded. */
  get takesTicks(): boolean {
    if (this.#options.rawOnly) return false;
    if (this.#listeners.has('ticks')) return true;
    for (const channel of this.#channels) if (channel.takesTicks) return true;
    return false;
  }

  on<Type extends keyof UnifiedEvents>(
    type: Type,
    listener: (event: UnifiedEvents[Type]) => unknown,
  ): () => void {
    return this.#listeners.on(type, listener);
  }

  channel(options: ChannelOptions = {}): UnifiedChannel {
    const { clock, rawOnly, parserBufferSize } = this.#options;
    const channel: UnifiedChannel = new UnifiedChannel(options, parserBufferSize, !rawOnly, {
      clock,
      onLost: () => undefined,
      onClosed: () => {
        this.#channels.delete(channel);
      },
    });
    this.#channels.add(channel);
    return channel;
  }

  deliver(account: Account, message: TickerMessage): void {
    if (message.type !== 'ticks') {
      this.#hand(account, message);
      return;
    }
    const ticks = this.#options.replicas.filter(account.apiKeyId, message.ticks);
    if (ticks.length > 0) this.#hand(account, ticks === message.ticks ? message : { ...message, ticks });
  }

  /** Ends every channel. */
  end(): void {
    for (const channel of [...this.#channels]) channel.end();
  }

  #hand(account: Account, message: TickerMessage): void {
    const event: AccountMessage = { apiKeyId: account.apiKeyId, message };
    this.#delivering = account.apiKeyId;
    this.#listeners.emit(message.type, event as never);
    for (const channel of this.#channels) channel.push(account, message);
  }
}
