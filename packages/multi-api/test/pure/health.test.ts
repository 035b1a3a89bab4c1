import { describe, expect, test } from 'vitest';
import type { ChannelId, HealthSummary } from '@kite/multi-api';

import { assessMultiApiHealth, type MultiApiHealthFacts } from '../../src/health.js';

function health(open: number, reasons: string[] = [], of = 3): HealthSummary {
  return {
    status: open === 0 ? 'critical' : reasons.length > 0 ? 'degraded' : 'healthy',
    healthPercentage: (open / of) * 100,
    healthyConnections: open,
    unhealthyConnections: ([0, 1, 2] as ChannelId[]).slice(open, of),
    totalSymbols: 10,
    unplacedSymbols: 0,
    darkSymbols: 0,
    totalMessages: 5,
    totalErrors: 2,
    activeMessageFlows: open,
    uptimeMs: 1,
    isolation: 'worker',
    reasons,
  };
}

const FACTS: Omit<MultiApiHealthFacts, 'accounts'> = {
  ...{
    totalSymbols: 20,
    unplacedSymbols: 0,
    darkSymbols: 0,
    stuckChannels: [],
    failedListeners: [],
    listenerErrors: 0,
    uptimeMs: 0,
  },
};

describe('the health of all accounts', () => {
  test.each<[string, Record<string, HealthSummary>, number, string, number]>([
    ['is healthy when all are', { a: health(3), b: health(3) }, 0, 'healthy', 100],
    ['is degraded when one is', { a: health(2, ['down']), b: health(3) }, 0, 'degraded', 500 / 6],
    [
      'is degraded when one is critical and data flows',
      { a: health(0, ['403']), b: health(3) },
      0,
      'degraded',
      50,
    ],
    ['is degraded when instruments are unplaced', { a: health(3) }, 4, 'degraded', 100],
    [
      'is critical when no connection of any is open',
      { a: health(0, ['x']), b: health(0, ['y']) },
      0,
      'critical',
      0,
    ],
    ['is critical without accounts', {}, 0, 'critical', 0],
  ])('%s', (_title, byId, unplacedSymbols, status, healthPercentage) => {
    const accounts = Object.entries(byId).map(([id, own]) => ({ id, health: own }));
    const all = assessMultiApiHealth({
      accounts,
      totalSymbols: 20,
      unplacedSymbols,
      darkSymbols: 0,
      stuckChannels: [],
      failedListeners: [],
      listenerErrors: 0,
      uptimeMs: 7,
    });
    expect(all).toMatchObject({
      status,
      totalSymbols: 20,
      unplacedSymbols,
      uptimeMs: 7,
      totalMessages: accounts.length * 5,
      totalErrors: accounts.length * 2,
    });
    expect(all.healthPercentage).toBeCloseTo(healthPercentage);
    expect(all.accounts.map(({ id }) => id)).toEqual(Object.keys(byId));
    expect(all.reasons).toEqual([
      ...accounts.flatMap(({ id, health: own }) => own.reasons.map((reason) => `${id}: ${reason}`)),
      ...(unplacedSymbols > 0 ? [`${unplacedSymbols} instruments are unplaced`] : []),
    ]);
  });

  test('says of unplaced instruments once how many there are, whatever each account says of its own', () => {
    const a = { ...health(2, ['connection 3 is failed', '3 instruments are unplaced']), unplacedSymbols: 3 };
    const b = { ...health(2, ['1 instrument is unplaced']), unplacedSymbols: 1 };
    const accounts = [
      { id: 'a', health: a },
      { id: 'b', health: b },
    ];
    const reasons = (unplacedSymbols: number): string[] =>
      assessMultiApiHealth({ ...FACTS, accounts, unplacedSymbols }).reasons;
    expect(reasons(4)).toEqual(['a: connection 3 is failed', '4 instruments are unplaced']);
    expect(reasons(1)).toEqual(['a: connection 3 is failed', '1 instrument is unplaced']);
    // Each has a copy on another account.
    expect(reasons(0)).toEqual([
      'a: connection 3 is failed',
      'a: 3 instruments are unplaced',
      'b: 1 instrument is unplaced',
    ]);
  });

  test('names each connection that is not open with its account', () => {
    const accounts = [
      { id: 'a', health: health(2, ['x']) },
      { id: 'b', health: health(1, ['y']) },
    ];
    expect(assessMultiApiHealth({ ...FACTS, accounts }).unhealthyConnections).toEqual([
      { apiKeyId: 'a', channelId: 2 },
      { apiKeyId: 'b', channelId: 1 },
      { apiKeyId: 'b', channelId: 2 },
    ]);
  });

  test('names a channel over all accounts that is full and not read', () => {
    const accounts = [{ id: 'a', health: health(3) }];
    expect(assessMultiApiHealth({ ...FACTS, accounts, stuckChannels: ['messages'] })).toMatchObject({
      status: 'degraded',
      reasons: ['a channel of messages is full, and nobody has read it for 10 s'],
    });
  });
});
