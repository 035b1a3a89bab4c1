import {
  MessageChannelConsumer,
  resolveChannelOptions,
  type Channel,
  type ChannelId,
  type ChannelOptions,
  type ConsumerContext,
  type TickerMessage,
} from '@kite/manager';

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
}

/** Connections of one account. */
const CONNECTIONS = 3;

/**
 * One channel over all accounts. Inside it the connections of all accounts are numbered through, so that one backlog can
 * tell them apart when it conflates and marks losses.
 */
export class UnifiedChannel implements Channel<AccountMessage> {
  readonly #consumer: MessageChannelConsumer;
  readonly #accounts = new Map<number, string>();

  constructor(
    options: ChannelOptions,
    defaultCapacity: number,
    takesTicks: boolean,
    context: ConsumerContext,
  ) {
    this.#consumer = new MessageChannelConsumer(
      resolveChannelOptions(options, defaultCapacity),
      context,
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

  push({ apiKeyId, number }: AccountNumber, message: TickerMessage): void {
    this.#accounts.set(number, apiKeyId);
    this.#consumer.message({
      ...message,
      channelId: (number * CONNECTIONS + message.channelId) as ChannelId,
    });
  }

  async recv(): Promise<AccountMessage | undefined> {
    const message = await this.#consumer.channel.recv();
    if (message === undefined) return undefined;
    const apiKeyId = this.#accounts.get(Math.floor(message.channelId / CONNECTIONS)) ?? '';
    return { apiKeyId, message: { ...message, channelId: (message.channelId % CONNECTIONS) as ChannelId } };
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
