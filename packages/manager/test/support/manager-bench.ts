import { expect } from 'vitest';
import {
  type Channel,
  type ChannelId,
  KiteTickerManager,
  type ManagerOptions,
  type Mode,
  type TickerMessage,
} from '@kite/manager';
import {
  type SimulatedConnection,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@kite/simulator';
import { eventually } from '@kite/testkit';

export const INFY = 408065;
export const RELIANCE = 738561;
export const NIFTY = 256265;

export const API_KEY = 'key-of-the-account';
export const TOKEN = 'a-day+s/token=';

/** Both ways in which the connections can run: every guarantee holds in each. */
export const WAYS = [
  { way: 'in the main thread', enableDedicatedParsers: false },
  { way: 'in an I/O worker', enableDedicatedParsers: true },
] as const;

/** A day's delays in milliseconds; liveness is left at its default, so that a busy machine is not taken for a silent peer. */
const FAST = {
  apiKey: API_KEY,
  accessToken: TOKEN,
  reconnectDelayMs: 5,
  maxReconnectDelayMs: 20,
  rateLimitDelayMs: 20,
  unauthorizedRetryDelayMs: 20,
  stableAfterMs: 30,
} as const satisfies Partial<ManagerOptions>;

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

/** The tokens of all ticks, in order. */
export function tokensOf(messages: readonly TickerMessage[]): number[] {
  return ofType(messages, 'ticks').flatMap(({ ticks }) =>
    ticks.map(({ instrumentToken }) => instrumentToken),
  );
}

/** So many tokens that have a market: NSE instruments, from the `first` one on. */
export function instruments(count: number, first = 20_000): number[] {
  return Array.from({ length: count }, (_, index) => (first + index) * 256 + 1);
}

/** A connection's requests in words, in order. */
export function requestsOf({ requests }: SimulatedConnection): string[] {
  return requests.map((request) => {
    if (request.action === 'invalid') return `invalid ${request.text}`;
    const what = request.action === 'mode' ? `mode ${request.mode}` : request.action;
    return `${what} ×${request.tokens.length}`;
  });
}

/** What the server streams, over all connections. */
export function streamed(simulator: Simulator): Map<number, Mode> {
  return new Map(simulator.connections.flatMap(({ book }) => [...book]));
}

/** A map's entries by token: two that print the same hold the same. */
export function sorted<V>(books: ReadonlyMap<number, V>): [number, V][] {
  return [...books].sort(([a], [b]) => a - b);
}

/**
 * A simulator and the managers of one test. Disposing stops all of them, and fails where a promise was rejected and nobody
 * had handled it.
 */
export class ManagerBench implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #options: Partial<ManagerOptions>;
  readonly #managers: KiteTickerManager[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #onUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);

  constructor(simulator: Simulator, options: Partial<ManagerOptions>) {
    this.simulator = simulator;
    this.#options = options;
    process.on('unhandledRejection', this.#onUnhandled);
  }

  /** A manager with fast delays, which has not been started. */
  manager(options: Partial<ManagerOptions> = {}): KiteTickerManager {
    const manager = new KiteTickerManager({ url: this.simulator.url, ...FAST, ...this.#options, ...options });
    this.#managers.push(manager);
    return manager;
  }

  /** A manager whose connections are all open, and everything that it says. */
  async start(
    options: Partial<ManagerOptions> = {},
  ): Promise<{ manager: KiteTickerManager; messages: TickerMessage[] }> {
    const manager = this.manager(options);
    const messages = collect(manager.getUnifiedChannel());
    await manager.start();
    return { manager, messages };
  }

  /** The server's end of this connection: they are told apart by an instrument. */
  server(manager: KiteTickerManager, channelId: ChannelId): SimulatedConnection {
    const [token] = manager.getSymbolDistribution()[channelId];
    const connection = this.simulator.connections.find(({ book }) => token !== undefined && book.has(token));
    if (!connection) throw new Error(`connection ${channelId} streams nothing`);
    return connection;
  }

  /** Resolves when the server streams exactly what the manager says that it holds, each on its own connection. */
  async agrees(manager: KiteTickerManager): Promise<void> {
    await eventually(() => {
      const held = this.simulator.connections.reduce((sum, { book }) => sum + book.size, 0);
      expect(sorted(streamed(this.simulator))).toEqual(sorted(manager.subscriptions));
      expect(held).toBe(manager.subscriptions.size);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#managers.map((manager) => manager.stop()));
    await this.simulator.stop();
    // Rejections are reported after the microtasks of the turn in which they happened.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', this.#onUnhandled);
    expect(this.#unhandled).toEqual([]);
  }
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(
  managerOptions: Partial<ManagerOptions> = {},
  options: SimulatorOptions = {},
): Promise<ManagerBench> {
  const simulator = await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 10, ...options });
  return new ManagerBench(simulator, managerOptions);
}
