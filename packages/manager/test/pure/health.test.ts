import { describe, expect, test } from 'vitest';
import type { ChannelId, ConnectionStats } from '@kite/manager';

import { assessHealth, type HealthFacts } from '../../src/health.js';

function connection(connectionId: ChannelId, facts: Partial<ConnectionStats> = {}): ConnectionStats {
  const isConnected = (facts.state ?? 'open') === 'open';
  return {
    connectionId,
    state: 'open',
    isConnected,
    symbolCount: 10,
    messagesReceived: 100,
    messagesParsed: 90,
    ticksReceived: 1000,
    bytesReceived: 5000,
    errorsCount: 2,
    reconnects: 0,
    droppedTicks: 0,
    lastMessageAt: 1,
    lastFrameAgeMs: 20,
    messagesPerSecond: 10,
    averageLatencyMs: 0.1,
    connectionUptimeMs: isConnected ? 60_000 : null,
    ...facts,
  };
}

function assess(connections: readonly ConnectionStats[], facts: Partial<HealthFacts> = {}) {
  return assessHealth({
    connections,
    troubles: new Map(),
    totalSymbols: 30,
    unplacedSymbols: 0,
    darkSymbols: 0,
    silentConnections: [],
    muteConnections: [],
    failedListeners: [],
    stuckChannels: [],
    livenessThresholdMs: 1000,
    uptimeMs: 5,
    isolation: 'worker',
    workerTroubles: [],
    ...facts,
  });
}

describe('health', () => {
  test('is healthy, without a reason, when every connection is open and every instrument placed', () => {
    expect(assess([connection(0), connection(1), connection(2)])).toEqual({
      status: 'healthy',
      healthPercentage: 100,
      healthyConnections: 3,
      unhealthyConnections: [],
      totalSymbols: 30,
      unplacedSymbols: 0,
      darkSymbols: 0,
      totalMessages: 300,
      totalErrors: 6,
      activeMessageFlows: 3,
      uptimeMs: 5,
      isolation: 'worker',
      reasons: [],
    });
  });

  test.each([
    ['one of three is down', ['open', 'waiting', 'open'], 'degraded', 2, [1]],
    ['one of three is open', ['connecting', 'failed', 'open'], 'degraded', 1, [0, 1]],
    ['none is open', ['waiting', 'failed', 'connecting'], 'critical', 0, [0, 1, 2]],
    ['a single one is open', ['open'], 'healthy', 1, []],
    ['a single one is down', ['waiting'], 'critical', 0, [0]],
    ['it was stopped', ['closed', 'closed', 'closed'], 'critical', 0, [0, 1, 2]],
  ] as const)('when %s', (_, states, status, healthyConnections, unhealthyConnections) => {
    const health = assess(states.map((state, index) => connection(index as ChannelId, { state })));
    expect(health).toMatchObject({ status, healthyConnections, unhealthyConnections });
    expect(health.healthPercentage).toBeCloseTo((100 * healthyConnections) / states.length);
    const named = health.reasons.flatMap((reason) =>
      [...reason.matchAll(/\d+/g)].map(([id]) => Number(id) - 1),
    );
    expect(named.sort()).toEqual([...unhealthyConnections].sort());
  });

  test('says once what several connections are down for', () => {
    const states = ['failed', 'failed', 'waiting', 'failed'] as const;
    const connections = states.map((state, index) => connection(index as ChannelId, { state }));
    const troubles = new Map<ChannelId, string>(
      [0, 1, 3].map((id) => [id as ChannelId, 'HTTP 403: the token has expired']),
    );
    expect(assess(connections, { troubles }).reasons).toEqual([
      'connections 1, 2 and 4 are failed: HTTP 403: the token has expired',
      'connection 3 is waiting',
    ]);
  });

  test('says why a connection is down, where that is known', () => {
    const connections = [
      connection(0),
      connection(1, { state: 'waiting' }),
      connection(2, { state: 'failed' }),
    ];
    const troubles = new Map<ChannelId, string>([[2, 'the server answered 403']]);
    expect(assess(connections, { troubles }).reasons).toEqual([
      'connection 2 is waiting',
      'connection 3 is failed: the server answered 403',
    ]);
  });

  test.each([
    [7, '7 instruments are unplaced'],
    [1, '1 instrument is unplaced'],
  ])('tells how many instruments are unplaced: %d', (unplacedSymbols, reason) => {
    const health = assess([connection(0), connection(1, { state: 'failed' })], { unplacedSymbols });
    expect(health).toMatchObject({ status: 'degraded', unplacedSymbols });
    expect(health.reasons).toContain(reason);
  });

  test.each([
    ['that something came over just now', { lastFrameAgeMs: 999 }, 1],
    ['that is silent', { lastFrameAgeMs: 1001 }, 0],
    ['over which nothing ever came', { lastFrameAgeMs: null }, 0],
    ['that is closed', { state: 'waiting', lastFrameAgeMs: 1 }, 0],
  ] as const)('counts as a flow a connection %s: %#', (_, facts, flows) => {
    expect(assess([connection(0, facts)]).activeMessageFlows).toBe(flows);
  });

  test('is degraded by an open connection over which nothing arrives', () => {
    const silent = assess([connection(0), connection(1, { lastFrameAgeMs: 2500 })], {
      silentConnections: [1],
    });
    expect(silent).toMatchObject({ status: 'degraded', healthyConnections: 2, activeMessageFlows: 1 });
    expect(silent.reasons).toEqual(['connection 2 is open, and nothing arrives over it']);
  });

  test('goes by what a connection says of itself, not by the age of its last frame', () => {
    expect(assess([connection(0, { lastFrameAgeMs: 90_000 })]).status).toBe('healthy');
    expect(assess([connection(0, { lastFrameAgeMs: null })]).status).toBe('healthy');
  });
});
