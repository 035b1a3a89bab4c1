import { expect, test } from 'vitest';
import { type Gap, MultiApiKiteTickerManager } from '@kite/multi-api';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import { accounts } from '../support/multi-bench.js';

/** Two accounts that share the instruments of the day, after five seconds of ticks. */
async function streaming(day: VirtualDay, failoverAfterMs: number): Promise<MultiApiKiteTickerManager> {
  const manager = new MultiApiKiteTickerManager({
    ...day.options,
    accounts: accounts('one', 'other'),
    enableDedicatedParsers: false,
    maxConnections: 1,
    failoverAfterMs,
  });
  const tokens = day.simulator.instruments.map(({ instrumentToken }) => instrumentToken);
  await day.runUntil(Promise.all([manager.subscribeSymbols(tokens), manager.start()]));
  await day.run(5000);
  return manager;
}

test('an account whose open connection is silent streams nothing: who takes its instruments over reports the gap', async () => {
  await using day = simulateDay({ from: '09:20', instruments: 4 });
  const manager = await streaming(day, 2000);
  const told: (Gap & { apiKeyId?: string })[] = [];
  manager.on('gap', (gap) => told.push(gap));
  const [first] = day.simulator.connections;
  const held = [...first!.book.keys()];
  const lostAt = day.options.clock.now();
  day.inject({ kind: 'cut-silently', who: 0, serverNoticesAfterMs: 60_000 });
  await day.run(9000);
  expect(told).toHaveLength(1);
  expect(new Set(told[0]!.instrumentTokens)).toEqual(new Set(held));
  expect(told[0]!.apiKeyId).toBe('other');
  expect(told[0]!.from).toBeLessThanOrEqual(lostAt);
  expect(told[0]!.to).toBeGreaterThan(lostAt + 4000);
  await day.runUntil(manager.stop());
});

test('an account whose open connection is silent is a health reason at once, and no longer when it speaks again', async () => {
  await using day = simulateDay({ from: '09:20', instruments: 4 });
  const manager = await streaming(day, 20_000);
  const told: string[] = [];
  manager.on('health', ({ status, darkSymbols }) => told.push(`${status}: ${darkSymbols}`));
  day.inject({ kind: 'clog', who: 0, direction: 'both', forMs: 5000 });
  await day.run(4500);
  expect(told).toEqual(['degraded: 2']);
  await day.run(600);
  expect(told).toEqual(['degraded: 2', 'healthy: 0']);
  await day.runUntil(manager.stop());
});
