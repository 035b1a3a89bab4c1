import type { Channel, ChannelId, ChannelOptions } from '@kite/connection';
import { MAX_CONNECTIONS_PER_KEY, type TickerMessage } from '@kite/protocol';

import { type ConsumerContext, MessageChannelConsumer, resolveChannelOptions } from '../parts.js';

/** A message with the account that it came from. */
export interface AccountMessage {
  /** The account's id. */
  apiKeyId: string;
  /** What one of its connections has to say. */
  message: TickerMessage;
}

/** An account as unified channels know it: a number that is never given again. */
export interface AccountNumber {
  readonly apiKeyId: string;
  readonly number: number;
  /** A channel has lost so much of what one of its connections brought. */
  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void;
}

/**
 * One channel over all accounts. Inside it the connections of all accounts are numbered through, so that one backlog can
 * tell them apart when it conflates and marks losses.
 */
export class UnifiedChannel implements Channel<AccountMessage> {
  readonly #consumer: MessageChannelConsumer;
  readonly #accounts = new Map<number, AccountNumber>();
  /** Of accounts that have left as well: what they brought may still wait. */
  readonly #ids = new Map<number, string>();

  constructor(
    options: ChannelOptions,
    defaultCapacity: number,
    takesTicks: boolean,
    context: Omit<ConsumerContext, 'onLost'>,
  ) {
    this.#consumer = new MessageChannelConsumer(
      resolveChannelOptions(options, defaultCapacity),
      {
        ...context,
        onLost: (channelId, weight, isFirst) => {
          this.#accounts.get(numberOf(channelId))?.countDropped(connectionOf(channelId), weight, isFirst);
        },
      },
      takesTicks,
    );
  }

  get takesTicks(): boolean {
    return this.#consumer.takesTicks;
  }

  get size(): number {
    return this.#consumer.channel.size;
  }

  get capacity(): number {
    return this.#consumer.channel.capacity;
  }

  get dropped(): number {
    return this.#consumer.channel.dropped;
  }

  push(account: AccountNumber, message: TickerMessage): void {
    const { number } = account;
    this.#accounts.set(number, account);
    this.#ids.set(number, account.apiKeyId);
    this.#consumer.message({
      ...message,
      channelId: (number * MAX_CONNECTIONS_PER_KEY + message.channelId) as ChannelId,
    });
  }

  /** It brings nothing more. */
  left({ number }: AccountNumber): void {
    this.#accounts.delete(number);
  }

  async recv(): Promise<AccountMessage | undefined> {
    const message = await this.#consumer.channel.recv();
    if (message === undefined) return undefined;
    const apiKeyId = this.#ids.get(numberOf(message.channelId)) ?? '';
    return { apiKeyId, message: { ...message, channelId: connectionOf(message.channelId) } };
  }

  close(): void {
    this.#consumer.channel.close();
  }

  end(): void {
    this.#consumer.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<AccountMessage, undefined> {
    return {
      next: async () => {
        const value = await this.recv();
        return value === undefined ? { done: true, value: undefined } : { done: false, value };
      },
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function numberOf(channelId: number): number {
  return Math.floor(channelId / MAX_CONNECTIONS_PER_KEY);
}

function connectionOf(channelId: number): ChannelId {
  return (channelId % MAX_CONNECTIONS_PER_KEY) as ChannelId;
}
