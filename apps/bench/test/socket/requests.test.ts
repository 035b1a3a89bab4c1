import { expect, test, vi } from 'vitest';
import { KiteTickerManager, Mode } from '@kite/manager';
import { MultiApiKiteTickerManager } from '@kite/multi-api';
import { startSimulator } from '@kite/simulator';

const tokens = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => 256 * (1000 + index) + 1);
const QUICK = { reconnectDelayMs: 5, maxReconnectDelayMs: 5, enableDedicatedParsers: false };
const TIMEOUT_MS = 30_000;

test(
  '9000 instruments in one mode take two requests a connection, and two again after every connection is lost',
  async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, instruments: 0 });
    const manager = new KiteTickerManager({
      apiKey: 'key',
      accessToken: 'token',
      url: simulator.url,
      ...QUICK,
    });
    await manager.start();
    await manager.subscribeSymbols(tokens(9000), Mode.Full);
    await vi.waitFor(() => {
      expect(simulator.requests).toHaveLength(6);
    }, TIMEOUT_MS);
    simulator.drop();
    await vi.waitFor(() => {
      expect(simulator.requests).toHaveLength(12);
    }, TIMEOUT_MS);
    const held = simulator.connections.map(({ book }) => book);
    expect(held.map(({ size }) => size)).toEqual([3000, 3000, 3000]);
    expect(held.flatMap((modes) => [...modes.values()]).every((mode) => mode === 'full')).toBe(true);
    await manager.stop();
  },
  TIMEOUT_MS,
);

test(
  '45 000 instruments over five accounts take two requests for each of the fifteen connections',
  async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, instruments: 0 });
    const manager = new MultiApiKiteTickerManager({
      accounts: Array.from({ length: 5 }, (_, index) => ({
        id: `account-${index}`,
        apiKey: `key-${index}`,
        accessToken: 'token',
      })),
      url: simulator.url,
      ...QUICK,
    });
    await manager.start();
    await manager.subscribeSymbols(tokens(45_000), Mode.Full);
    await vi.waitFor(() => {
      expect(simulator.connections.map(({ book }) => book.size)).toEqual(Array(15).fill(3000));
    }, TIMEOUT_MS);
    await vi.waitFor(() => {
      expect(simulator.requests).toHaveLength(30);
    }, TIMEOUT_MS);
    await manager.stop();
  },
  TIMEOUT_MS,
);
