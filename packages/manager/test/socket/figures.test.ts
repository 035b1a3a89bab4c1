import { describe, expect, test } from 'vitest';
import type { HealthSummary } from '@kite/manager';
import {
  API_KEY,
  aWhile,
  collect,
  eventually,
  INFY,
  instruments,
  NIFTY,
  ofType,
  RELIANCE,
  WAYS,
} from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';

/** Everything in a value that JSON would lose or change, by its path. */
function unsafe(value: unknown, path = '$'): string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value}`];
  if (typeof value !== 'object') return [`${path}: ${typeof value}`];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return [`${path}: of a class`];
  return Object.entries(value).flatMap(([key, inner]) => unsafe(inner, `${path}.${key}`));
}

const CONNECTION_FIELDS = [
  ...['connectionId', 'state', 'isConnected', 'symbolCount', 'messagesReceived', 'messagesParsed'],
  ...['ticksReceived', 'bytesReceived', 'errorsCount', 'reconnects', 'droppedTicks', 'lastMessageAt'],
  ...['lastFrameAgeMs', 'messagesPerSecond', 'averageLatencyMs', 'connectionUptimeMs'],
];
const MANAGER_FIELDS = [
  ...['totalSymbols', 'activeConnections', 'totalMessagesReceived', 'totalMessagesParsed', 'totalErrors'],
  ...['uptimeMs', 'isolation', 'connectionStats'],
];
const PROCESSOR_FIELDS = [
  ...[
    'connectionId',
    'messagesProcessed',
    'messagesPerSecond',
    'processingLatencyMs',
    'lastProcessedAt',
    'queueSize',
  ],
  'errorsCount',
];
const HEALTH_FIELDS = [
  ...['status', 'healthPercentage', 'healthyConnections', 'unhealthyConnections', 'totalSymbols'],
  ...[
    'unplacedSymbols',
    'darkSymbols',
    'totalMessages',
    'totalErrors',
    'activeMessageFlows',
    'uptimeMs',
    'isolation',
    'reasons',
  ],
];

const TOKENS = [NIFTY, INFY, RELIANCE];

describe.each(WAYS)('figures, $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('have every field, plain and safe for JSON, before, during and after', async () => {
    await using bench = await open();
    const manager = bench.manager({ lastTicks: true });
    const look = (): void => {
      const stats = manager.getStats();
      expect(Object.keys(stats).sort()).toEqual([...MANAGER_FIELDS].sort());
      for (const one of stats.connectionStats)
        expect(Object.keys(one).sort()).toEqual([...CONNECTION_FIELDS].sort());
      for (const one of manager.getProcessorStats())
        expect(Object.keys(one).sort()).toEqual([...PROCESSOR_FIELDS].sort());
      expect(Object.keys(manager.getHealth()).sort()).toEqual([...HEALTH_FIELDS].sort());
      const everything = [
        stats,
        manager.getProcessorStats(),
        manager.getHealth(),
        manager.getSymbolDistribution(),
        manager.getSilentSymbols(0),
        manager.getUnplacedSymbols(),
        manager.getLastTick(INFY) ?? null,
        manager.toJSON(),
      ];
      expect(unsafe(everything)).toEqual([]);
      expect(JSON.parse(JSON.stringify(everything))).toEqual(everything);
    };
    look();
    await manager.subscribeSymbols([...TOKENS, ...instruments(3)], 'full');
    look();
    await manager.start();
    await eventually(() => expect(manager.getLastTick(INFY)).toBeDefined());
    look();
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().activeConnections).toBeLessThan(3));
    look();
    await manager.stop();
    look();
  });

  test('are the server’s: messages, bytes and ticks of each connection', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(30), 'full');
    await bench.agrees(manager);
    bench.simulator.burst(50);
    bench.simulator.postOrder(API_KEY);
    await eventually(() => {
      const { connectionStats } = manager.getStats();
      for (const { connectionId, ...stats } of connectionStats) {
        const { counters } = bench.server(manager, connectionId);
        expect(stats).toMatchObject({
          symbolCount: 10,
          messagesReceived: counters.framesSent + counters.textsSent,
          messagesParsed: counters.framesSent + counters.textsSent,
          ticksReceived: counters.ticksSent,
          isConnected: true,
          state: 'open',
          errorsCount: 0,
          reconnects: 0,
          droppedTicks: 0,
        });
        expect(stats.bytesReceived).toBeGreaterThan(counters.bytesSent);
      }
    });
    const stats = manager.getStats();
    expect(stats).toMatchObject({ totalSymbols: 30, activeConnections: 3, totalErrors: 0 });
    const received = stats.connectionStats.reduce((sum, { messagesReceived }) => sum + messagesReceived, 0);
    expect(stats.totalMessagesReceived).toBe(received);
    expect(stats.uptimeMs).toBeGreaterThan(0);
    for (const one of stats.connectionStats) {
      expect(one.messagesPerSecond).toBeGreaterThan(0);
      expect(one.averageLatencyMs).toBeGreaterThanOrEqual(0);
      expect(one.lastFrameAgeMs).toBeGreaterThanOrEqual(0);
      expect(Math.abs(one.lastMessageAt! - Date.now())).toBeLessThan(60_000);
      expect(one.connectionUptimeMs).toBeLessThanOrEqual(stats.uptimeMs + 1);
    }
  });

  test('of the processing have a latency distribution and the queues of all consumers', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const waiting = manager.getUnifiedChannel();
    await manager.subscribeSymbols(TOKENS);
    await bench.agrees(manager);
    bench.simulator.burst(10);
    await eventually(() => {
      for (const { connectionId: channelId, ...stats } of manager.getProcessorStats()) {
        const { messagesParsed, lastMessageAt } = manager.getStats().connectionStats[channelId]!;
        expect(stats).toMatchObject({ messagesProcessed: messagesParsed, lastProcessedAt: lastMessageAt });
        const { mean, p50, p99, max } = stats.processingLatencyMs;
        expect(p50).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
        expect(mean).toBeLessThanOrEqual(max);
        expect(mean).toBeGreaterThan(0);
        expect(stats.queueSize).toBeGreaterThanOrEqual(1);
      }
    });
    await eventually(() => expect(waiting.size).toBeGreaterThanOrEqual(3));
    const sizes = manager.getProcessorStats().map(({ queueSize }) => queueSize);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(waiting.size);
    waiting.close();
    expect(manager.getProcessorStats().map(({ queueSize }) => queueSize)).toEqual([0, 0, 0]);
  });

  test('count what went wrong: garbage, the server’s errors, lost connections', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ maxConnections: 1 });
    bench.simulator.sendError('no');
    bench.simulator.sendBinary(Uint8Array.of(0, 1, 0, 99));
    await eventually(() => expect(manager.getStats().totalErrors).toBe(2));
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(1));
    expect(manager.getStats().totalErrors).toBe(3);
    expect(manager.getProcessorStats()[0]!.errorsCount).toBe(3);
    expect(manager.getHealth().totalErrors).toBe(3);
  });

  test('say where every instrument is', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(100));
    await bench.agrees(manager);
    const distribution = manager.getSymbolDistribution();
    expect(Object.values(distribution).map((held) => held.length)).toEqual([34, 33, 33]);
    for (const [channelId, held] of Object.entries(distribution)) {
      const { book } = bench.server(manager, Number(channelId) as 0);
      expect([...book.keys()].sort()).toEqual([...held].sort());
    }
  });

  test('find the instruments that never sent a packet, and no other', async () => {
    const dead = [256 * 77 + 1, 256 * 78 + 1];
    await using bench = await openBench({ enableDedicatedParsers }, { silentTokens: dead });
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY, dead[0]!, RELIANCE, dead[1]!]);
    await eventually(() => expect(manager.getSilentSymbols(20).sort()).toEqual(dead));
    expect(manager.getSilentSymbols(600_000)).toEqual([]);
    await manager.unsubscribeSymbols([dead[0]!]);
    expect(manager.getSilentSymbols(0)).toEqual([dead[1]]);
    await manager.stop();
    expect(manager.getSilentSymbols(0)).toEqual([]);
  });
});

describe.each(WAYS)('health, $way', ({ enableDedicatedParsers }) => {
  test('is told on each change of status after the start, once', async () => {
    await using bench = await openBench({
      enableDedicatedParsers,
      healthCheckIntervalMs: 5,
      failoverAfterMs: 20,
    });
    const manager = bench.manager();
    const told: HealthSummary[] = [];
    manager.on('health', (health) => told.push(health));
    const statuses = () => told.map(({ status }) => status);
    await manager.start();
    // Nothing before the start has settled.
    expect(statuses()).toEqual(['healthy']);
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop(bench.simulator.connections[0]!.id);
    await eventually(() => expect(statuses()).toEqual(['healthy', 'degraded']));
    // Many checks, and a second connection down, are no other status.
    bench.simulator.drop(bench.simulator.connections[0]!.id);
    await eventually(() => expect(manager.getHealth().healthyConnections).toBe(1));
    await aWhile();
    expect(statuses()).toEqual(['healthy', 'degraded']);
    bench.simulator.drop();
    await eventually(() => expect(statuses().at(-1)).toBe('critical'));
    bench.simulator.heal();
    await eventually(() => expect(statuses().at(-1)).toBe('healthy'));
    expect(told.at(-1)).toMatchObject({ healthPercentage: 100, unhealthyConnections: [], reasons: [] });
    expect(statuses().slice(2)).toEqual(['critical', 'degraded', 'healthy']);
  });

  test('says in words what is wrong', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start();
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop(bench.simulator.connections[1]!.id);
    await eventually(() =>
      expect(ofType(messages, 'state').at(-1)?.error?.code).toBe('KITE_CONNECTION_REFUSED'),
    );
    const health = manager.getHealth();
    expect(health.reasons).toEqual([expect.stringMatching(/^connection \d is (waiting|connecting): .*503/)]);
    expect(health.unhealthyConnections).toHaveLength(1);
    expect(health.healthPercentage).toBeCloseTo(200 / 3);
  });

  test('names each event with a listener that failed, not only the last one', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ maxConnections: 1 });
    const types = ['frame', 'issue', 'ticks'] as const;
    for (const type of types)
      manager.on(type, () => {
        throw new Error('of the user');
      });
    await manager.subscribeSymbols(instruments(1));
    await eventually(() =>
      expect(manager.getHealth().reasons).toEqual(
        expect.arrayContaining(types.map((type) => `a listener of '${type}' has failed`)),
      ),
    );
  });

  test('counts the connections over which something arrives', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start();
    await eventually(() => expect(manager.getHealth().activeMessageFlows).toBe(3));
    await manager.stop();
    expect(manager.getHealth().activeMessageFlows).toBe(0);
  });
});

test('a listener of health that was taken away hears nothing more', async () => {
  await using bench = await openBench({ enableDedicatedParsers: false });
  const manager = bench.manager();
  const told: string[] = [];
  const stop = manager.on('health', ({ status }) => told.push(status));
  stop();
  const messages = collect(manager.getUnifiedChannel());
  await manager.start();
  expect(ofType(messages, 'state').length).toBeGreaterThan(0);
  expect(told).toEqual([]);
});
