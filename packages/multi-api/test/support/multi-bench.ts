import { expect } from 'vitest';
import {
  type AccountMessage,
  type Channel,
  decodeFrame,
  isKiteError,
  type Mode,
  MultiApiKiteTickerManager,
  type MultiApiOptions,
  type Tick,
  type TickerMessage,
} from '@kite/multi-api';
import { encodeFrame } from '@kite/protocol';
import {
  type SentTick,
  type SimulatedConnection,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@kite/simulator';
import { eventually } from '@kite/testkit';

export const INFY = 408065;
export const RELIANCE = 738561;

/** A day's delays in milliseconds; liveness is left at its default, so that a busy machine is not taken for a silent peer. */
const FAST = {
  enableDedicatedParsers: false,
  reconnectDelayMs: 5,
  maxReconnectDelayMs: 20,
  rateLimitDelayMs: 20,
  unauthorizedRetryDelayMs: 20,
  stableAfterMs: 30,
  failoverAfterMs: 50,
} as const satisfies MultiApiOptions;

export function keyOf(id: string): string {
  return `key-of-${id}`;
}

/** These accounts, each with a token that is good on the simulator. */
export function accounts(...ids: string[]): { id: string; apiKey: string; accessToken: string }[] {
  return ids.map((id) => ({ id, apiKey: keyOf(id), accessToken: `token-of-${id}` }));
}

/** The same, as the simulator's list of who may log in. */
export function logins(...ids: string[]): { apiKey: string; accessToken: string }[] {
  return accounts(...ids).map(({ apiKey, accessToken }) => ({ apiKey, accessToken }));
}

/** What a channel has given so far, read as fast as it comes. */
export function collect<T>(channel: Channel<T>): T[] {
  const items: T[] = [];
  void (async () => {
    for await (const item of channel) items.push(item);
  })();
  return items;
}

export function ofType<Type extends TickerMessage['type']>(
  messages: readonly AccountMessage[],
  type: Type,
): { apiKeyId: string; message: Extract<TickerMessage, { type: Type }> }[] {
  return messages.filter(
    (item): item is { apiKeyId: string; message: Extract<TickerMessage, { type: Type }> } =>
      item.message.type === type,
  );
}

export function ticksOf(messages: readonly AccountMessage[]): Tick[] {
  return ofType(messages, 'ticks').flatMap(({ message }) => message.ticks);
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

/** What the server sent, decoded. */
export function decoded({ packet }: SentTick): Tick {
  return decodeFrame(encodeFrame([packet]))[0]!;
}

/** The refusal's code; undefined when there was none. */
export function codeOf(request: Promise<unknown>): Promise<string | undefined> {
  return request.then(
    () => undefined,
    (error: unknown) => (isKiteError(error) ? error.code : Promise.reject(error as Error)),
  );
}

/** A map's entries by token: two that print the same hold the same. */
export function sorted<V>(books: Iterable<[number, V]>): [number, V][] {
  return [...books].sort(([a], [b]) => a - b);
}

/**
 * A simulator and the managers of one test. Disposing stops all of them, and fails where a promise was rejected and nobody
 * had handled it.
 */
export class MultiBench implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #managers: MultiApiKiteTickerManager[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #onUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    process.on('unhandledRejection', this.#onUnhandled);
  }

  /** A manager with fast delays, which has not been started. */
  manager(options: MultiApiOptions): MultiApiKiteTickerManager {
    const manager = new MultiApiKiteTickerManager({ url: this.simulator.url, ...FAST, ...options });
    this.#managers.push(manager);
    return manager;
  }

  /** A manager that has been started, and everything that it says. */
  async start(
    options: MultiApiOptions,
  ): Promise<{ manager: MultiApiKiteTickerManager; messages: AccountMessage[] }> {
    const manager = this.manager(options);
    const messages = collect(manager.getUnifiedChannel({ capacity: 1_000_000 }));
    await manager.start();
    return { manager, messages };
  }

  /** The server's ends of an account's connections. */
  connectionsOf(id: string): SimulatedConnection[] {
    return this.simulator.connections.filter(({ apiKey }) => apiKey === keyOf(id));
  }

  /** What the server streams to an account, over all its connections. */
  bookOf(id: string): [number, Mode][] {
    return sorted(this.connectionsOf(id).flatMap(({ book }) => [...book]));
  }

  /** Resolves when the server streams to each account exactly what the manager says that it holds. */
  async agrees(manager: MultiApiKiteTickerManager): Promise<void> {
    await eventually(() => {
      for (const [id, connections] of Object.entries(manager.getSymbolDistribution())) {
        const books = this.connectionsOf(id).map(({ book }) => [...book.keys()]);
        expect(inWords(books)).toEqual(inWords(Object.values(connections)));
      }
    });
  }

  /** No connection of this account opens until {@link revive}; those that are open are cut. */
  kill(id: string, status = 503): void {
    this.simulator.refuse(Infinity, status, keyOf(id));
    this.simulator.drop(keyOf(id));
  }

  /** Every account's connections open again. */
  revive(): void {
    this.simulator.heal();
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

/** What connections hold that hold anything, whichever they are. */
function inWords(books: readonly number[][]): string[] {
  return books
    .filter((book) => book.length > 0)
    .map((book) => [...book].sort(byNumber).join())
    .sort();
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(options: SimulatorOptions = {}): Promise<MultiBench> {
  return new MultiBench(await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 10, ...options }));
}
