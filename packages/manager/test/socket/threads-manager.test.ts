import { describe, expect, test } from 'vitest';
import { decodeFrame, KiteTickerManager, type ManagerOptions, Mode, type Tick } from '@kite/manager';
import { encodeFrame } from '@kite/protocol';
import { eventually, instruments } from '@kite/testkit';

import { crash, crashingWorker, hang } from '../support/crash.js';
import { RemoteSimulator } from '../support/remote-simulator.js';
import { block } from '../support/thread-bench.js';

function newManager(url: string, options: Partial<ManagerOptions> = {}): KiteTickerManager {
  return new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url,
    reconnectDelayMs: 5,
    maxReconnectDelayMs: 20,
    ...options,
  });
}

function hear(manager: KiteTickerManager) {
  const heard = {
    newest: new Map<number, Tick>(),
    ticks: 0,
    lagged: 0,
    orders: [] as (string | null)[],
    states: [] as string[],
    issues: [] as unknown[],
  };
  manager.on('ticks', ({ ticks }) => {
    heard.ticks += ticks.length;
    for (const tick of ticks) heard.newest.set(tick.instrumentToken, tick);
  });
  manager.on('lagged', ({ dropped }) => (heard.lagged += dropped));
  manager.on('order', ({ order }) => heard.orders.push(order.tag ?? null));
  manager.on('state', ({ channelId, state }) => heard.states.push(`${channelId} ${state}`));
  manager.on('issue', ({ issue }) => heard.issues.push(issue));
  return heard;
}

describe('a manager with its connections in an I/O worker', () => {
  test('blocked for 5 s under load (as long as its guarantee says): no disconnect on any of three connections, every order once, each newest tick, and the loss counted', async () => {
    await using simulator = await RemoteSimulator.start({
      ticksPerSecond: 20_000,
      stepIntervalMs: 10,
      pingIntervalMs: 100,
    });
    await using manager = newManager(simulator.url, {
      ringBytes: 2 * 1024 * 1024,
      heartbeatLivenessThresholdMs: 2000,
    });
    const heard = hear(manager);
    await manager.start();
    await manager.subscribeSymbols(instruments(3000), Mode.Full);
    await eventually(() => {
      expect(heard.newest.size).toBe(3000);
    });
    heard.states.length = 0;
    await simulator.tell({
      type: 'schedule',
      orders: [
        ...Array.from({ length: 20 }, (_, index) => ({
          afterMs: index * 200,
          order: { type: 'order' } as const,
        })),
        { afterMs: 4500, order: { type: 'snapshot' } },
        { afterMs: 4800, order: { type: 'rate', ticksPerSecond: 0 } },
      ],
    });
    block(5000);
    await simulator.tell({ type: 'order' });

    const server = await eventually(async () => {
      const report = await simulator.report();
      expect(heard.orders).toEqual(report.orders);
      const sent = report.connections.reduce((sum, { counters }) => sum + counters.ticksSent, 0);
      expect(heard.ticks + heard.lagged).toBe(sent);
      return report;
    });
    expect(heard.orders).toHaveLength(21);
    expect(server.closed).toEqual([]);
    expect(heard.states).toEqual([]);
    expect(heard.issues).toEqual([]);
    expect(server.snapshots).toHaveLength(3);
    for (const { pingsSent, pongsReceived } of server.snapshots)
      expect(pongsReceived).toBeGreaterThanOrEqual(pingsSent - 2);
    expect(heard.lagged).toBeGreaterThan(0);
    const newest = Object.values(server.newest).map((hex) => Buffer.from(hex, 'hex'));
    expect(newest).toHaveLength(3000);
    for (const tick of decodeFrame(encodeFrame(newest)))
      expect(heard.newest.get(tick.instrumentToken)).toEqual(tick);
    const { connectionStats } = manager.getStats();
    expect(connectionStats.reduce((sum, { droppedTicks }) => sum + droppedTicks, 0)).toBe(heard.lagged);
  }, 30_000);

  test('has every connection back after its worker has crashed, each with what it held', async () => {
    await using simulator = await RemoteSimulator.start({ ticksPerSecond: 1000 });
    await using manager = newManager(simulator.url, { workerUrl: crashingWorker });
    const heard = hear(manager);
    await manager.start();
    await manager.subscribeSymbols(instruments(300), Mode.Full);
    const distribution = manager.getSymbolDistribution();
    const gaps: number[] = [];
    manager.on('gap', ({ channelId }) => gaps.push(channelId));
    crash();
    await eventually(() => {
      expect([...gaps].sort()).toEqual([0, 1, 2]);
    });
    const ticked = heard.ticks;
    await eventually(() => {
      expect(heard.ticks).toBeGreaterThan(ticked);
    });
    expect(manager.getSymbolDistribution()).toEqual(distribution);
    const { connections } = await simulator.report();
    expect(connections.map(({ book }) => book.length)).toEqual([100, 100, 100]);
    expect(connections.map(({ requests }) => requests)).toEqual(
      Array(3).fill(['subscribe ×100', 'mode full ×100']),
    );
  });

  test('stops though its worker hangs in the system, which nobody can end before the system does (3 s)', async () => {
    await using simulator = await RemoteSimulator.start({ ticksPerSecond: 1000 });
    const manager = newManager(simulator.url, { workerUrl: crashingWorker });
    const heard = hear(manager);
    await manager.start();
    await manager.subscribeSymbols(instruments(3), Mode.Full);
    await eventually(() => {
      expect(heard.ticks).toBeGreaterThan(0);
    });
    let hasReturned = false;
    hang();
    const hung = new Promise<void>((resolve) => setTimeout(resolve, 2900)).then(() => (hasReturned = true));
    await manager.stop();
    expect(hasReturned).toBe(false);
    expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(Array(3).fill('closed'));
    await hung;
  });
});
