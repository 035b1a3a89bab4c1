import { expect } from 'vitest';
import { type ChannelId, KiteTickerManager, type ManagerOptions, type TickerMessage } from '@kite/manager';
import {
  type SimulatedConnection,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@kite/simulator';
import {
  ACCESS_TOKEN,
  API_KEY,
  collect,
  eventually,
  FAST_DELAYS,
  ofType,
  SocketBench,
  sorted,
  STILL_MARKET,
  streamed,
} from '@kite/testkit';

/** The tokens of all ticks, in order. */
export function tokensOf(messages: readonly TickerMessage[]): number[] {
  return ofType(messages, 'ticks').flatMap(({ ticks }) =>
    ticks.map(({ instrumentToken }) => instrumentToken),
  );
}

/** A simulator and the managers of one test. */
export class ManagerBench extends SocketBench<Simulator, KiteTickerManager> {
  readonly #options: Partial<ManagerOptions>;

  constructor(simulator: Simulator, options: Partial<ManagerOptions>) {
    super(simulator);
    this.#options = options;
  }

  /** A manager with fast delays, which has not been started. */
  manager(options: Partial<ManagerOptions> = {}): KiteTickerManager {
    const account = { url: this.simulator.url, apiKey: API_KEY, accessToken: ACCESS_TOKEN };
    return this.keep(new KiteTickerManager({ ...account, ...FAST_DELAYS, ...this.#options, ...options }));
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

  protected override end(manager: KiteTickerManager): Promise<void> {
    return manager.stop();
  }
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(
  managerOptions: Partial<ManagerOptions> = {},
  options: SimulatorOptions = {},
): Promise<ManagerBench> {
  return new ManagerBench(await startSimulator({ ...STILL_MARKET, ...options }), managerOptions);
}
