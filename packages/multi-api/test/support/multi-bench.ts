import { expect } from 'vitest';
import {
  type AccountMessage,
  decodeFrame,
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
import { collect, eventually, FAST_DELAYS, SocketBench, sorted, STILL_MARKET } from '@kite/testkit';

const FAST = {
  ...FAST_DELAYS,
  enableDedicatedParsers: false,
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

/** What the server sent, decoded. */
export function decoded({ packet }: SentTick): Tick {
  return decodeFrame(encodeFrame([packet]))[0]!;
}

/** A simulator and the managers of one test. */
export class MultiBench extends SocketBench<Simulator, MultiApiKiteTickerManager> {
  /** A manager with fast delays, which has not been started. */
  manager(options: MultiApiOptions): MultiApiKiteTickerManager {
    return this.keep(new MultiApiKiteTickerManager({ url: this.simulator.url, ...FAST, ...options }));
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
  streamedTo(id: string): [number, Mode][] {
    return sorted(this.connectionsOf(id).flatMap(({ book }) => [...book]));
  }

  /** Resolves when the server streams to each account exactly what the manager says that it holds. */
  async agrees(manager: MultiApiKiteTickerManager): Promise<void> {
    await eventually(() => {
      for (const [id, connections] of Object.entries(manager.getSymbolDistribution())) {
        const held = this.connectionsOf(id).map(({ book }) => [...book.keys()]);
        expect(inWords(held)).toEqual(inWords(Object.values(connections)));
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

  protected override end(manager: MultiApiKiteTickerManager): Promise<void> {
    return manager.stop();
  }
}

/** What connections hold that hold anything, whichever they are. */
function inWords(connections: readonly number[][]): string[] {
  return connections
    .filter((tokens) => tokens.length > 0)
    .map((tokens) => [...tokens].sort(byNumber).join())
    .sort();
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(options: SimulatorOptions = {}): Promise<MultiBench> {
  return new MultiBench(await startSimulator({ ...STILL_MARKET, ...options }));
}
