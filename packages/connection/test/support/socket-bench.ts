import { expect } from 'vitest';
import { type Channel, KiteTicker, type TickerMessage, type TickerOptions } from '@kite/connection';
import { type Simulator, type SimulatorOptions, startSimulator } from '@kite/simulator';
import { eventually } from '@kite/testkit';

export const INFY = 408065;
export const RELIANCE = 738561;
export const NIFTY = 256265;

export const API_KEY = 'key-of-the-account';
export const TOKEN = 'a-day+s/token=';

/** A day's delays in milliseconds; liveness is left at its default, so that a busy machine is not taken for a silent peer. */
const FAST = {
  apiKey: API_KEY,
  accessToken: TOKEN,
  reconnectDelayMs: 5,
  maxReconnectDelayMs: 20,
  rateLimitDelayMs: 20,
  unauthorizedRetryDelayMs: 20,
  stableAfterMs: 30,
} as const satisfies Partial<TickerOptions>;

/** What a channel has given so far, read as fast as it comes. */
export function collect<T>(channel: Channel<T>): T[] {
  const items: T[] = [];
  void (async () => {
    for await (const item of channel) items.push(item);
  })();
  return items;
}

export type MessageOf<Type extends TickerMessage['type']> = Extract<TickerMessage, { type: Type }>;

export function ofType<Type extends TickerMessage['type']>(
  messages: readonly TickerMessage[],
  type: Type,
): MessageOf<Type>[] {
  return messages.filter((message): message is MessageOf<Type> => message.type === type);
}

/** The names of the states that a connection went through. */
export function states(messages: readonly TickerMessage[]): string[] {
  return ofType(messages, 'state').map(({ state }) => state);
}

/** The requests of one connection as text, since it opened. */
export function requestsOf(simulator: Simulator, connection = -1): string[] {
  const requests = simulator.connections.at(connection)?.requests ?? [];
  return requests.map((request) => {
    if (request.action === 'invalid') return `invalid ${request.text}`;
    const what = request.action === 'mode' ? `mode ${request.mode}` : request.action;
    return `${what} ×${request.tokens.length}`;
  });
}

/**
 * A simulator and the tickers of one test. Disposing ends all of them, and fails where a promise was rejected and nobody
 * had handled it.
 */
export class SocketBench implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #tickers: KiteTicker[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #onUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    process.on('unhandledRejection', this.#onUnhandled);
  }

  /** A ticker with fast delays; it has said nothing yet. */
  ticker(options: Partial<TickerOptions> = {}): KiteTicker {
    const ticker = new KiteTicker({ url: this.simulator.url, ...FAST, ...options });
    this.#tickers.push(ticker);
    return ticker;
  }

  /** An open ticker with INFY and RELIANCE, and everything that it says. */
  async open(
    options: Partial<TickerOptions> = {},
  ): Promise<{ ticker: KiteTicker; messages: TickerMessage[] }> {
    const ticker = this.ticker(options);
    const messages = collect(ticker.messages());
    await ticker.subscribe([INFY, RELIANCE]);
    await ticker.connect();
    await eventually(() => expect(ofType(messages, 'ticks')).not.toHaveLength(0));
    return { ticker, messages };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#tickers.map((ticker) => ticker.close()));
    await this.simulator.stop();
    // Rejections are reported after the microtasks of the turn in which they happened.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', this.#onUnhandled);
    expect(this.#unhandled).toEqual([]);
  }
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(options: SimulatorOptions = {}): Promise<SocketBench> {
  return new SocketBench(await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 10, ...options }));
}
