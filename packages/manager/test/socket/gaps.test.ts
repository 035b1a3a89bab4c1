import { describe, expect, test } from 'vitest';
import {
  type Gap,
  type KiteTickerManager,
  managerSeam,
  systemClock,
  type TickerMessage,
} from '@kite/manager';
import { collect, eventually, instruments, ofType, WAYS } from '@kite/testkit';

import { openBench, tokensOf } from '../support/manager-bench.js';

const byNumber = (a: number, b: number): number => a - b;

/** The instruments that gaps name. */
function named(messages: readonly TickerMessage[]): number[] {
  return ofType(messages, 'gap')
    .flatMap(({ instrumentTokens }) => [...(instrumentTokens ?? [])])
    .sort(byNumber);
}

/** Each of these instruments as lost elsewhere, so many milliseconds ago. */
function lostElsewhere(tokens: readonly number[], agoMs: number): Map<number, Pick<Gap, 'from' | 'reason'>> {
  const loss = { from: systemClock.now() - agoMs, reason: 'elsewhere' };
  return new Map(tokens.map((token) => [token, loss]));
}

async function streams(messages: readonly TickerMessage[], count: number): Promise<void> {
  await eventually(() => expect(new Set(tokensOf(messages)).size).toBe(count));
}

describe.each(WAYS)('the gap of what has moved, $way', ({ enableDedicatedParsers }) => {
  test('names nobody who was subscribed while the connection was lost, for that is not what was missed', async () => {
    await using bench = await openBench({ enableDedicatedParsers, failoverAfterMs: 600_000 });
    const { manager, messages } = await bench.start();
    await manager.subscribeSymbols(instruments(30), 'full');
    await streams(messages, 30);
    const held = manager.getSymbolDistribution()[1];
    const late = instruments(9, 40_000);
    let heldLate: number[] | undefined;
    manager.on('state', ({ channelId, state }) => {
      if (channelId !== 1 || state !== 'waiting' || heldLate) return;
      void manager.subscribeSymbols(late, 'full');
      heldLate = manager.getSymbolDistribution()[1].filter((token) => late.includes(token));
    });
    bench.simulator.refuse(Infinity, 403);
    bench.simulator.drop(bench.server(manager, 1).id);
    await streams(messages, 39);
    // New instruments go to those that stream.
    expect(heldLate).toEqual([]);
    await eventually(() => expect(manager.getSymbolDistribution()[1]).toEqual([]));
    await eventually(() => expect(named(messages)).toEqual([...held].sort(byNumber)));
  });

  test('is kept for a connection that has not opened yet, and told when it has', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const manager = bench.manager();
    const messages = collect(manager.getUnifiedChannel());
    const tokens = instruments(9);
    await manager.subscribeSymbols(tokens, 'full');
    manager[managerSeam].missed(lostElsewhere(tokens, 5000));
    expect(manager[managerSeam].outagesOf(tokens).size).toBe(9);
    await manager.start();
    await streams(messages, 9);
    expect(named(messages)).toEqual(tokens);
    for (const { channelId, from, to, reason, receivedAt } of ofType(messages, 'gap')) {
      const opened = ofType(messages, 'state').find(
        (message) => message.channelId === channelId && message.state === 'open',
      )!;
      expect(to).toBeGreaterThanOrEqual(opened.receivedAt);
      expect(to).toBeLessThanOrEqual(receivedAt);
      expect(to - from).toBeGreaterThanOrEqual(5000);
      expect(reason).toBe('elsewhere');
    }
    expect(manager[managerSeam].outagesOf(tokens)).toEqual(new Map());
  });

  test('is told once: a loss that comes later is a gap of its own, from then on', async () => {
    await using bench = await openBench({ enableDedicatedParsers, maxConnections: 1 });
    const { manager, messages } = await bench.start();
    const tokens = instruments(3);
    await manager.subscribeSymbols(tokens, 'full');
    manager[managerSeam].missed(lostElsewhere(tokens, 5000));
    await streams(messages, 3);
    expect(named(messages)).toEqual(tokens);
    const before = systemClock.now();
    bench.simulator.drop();
    await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(2));
    const own = ofType(messages, 'gap')[1]!;
    expect(own.instrumentTokens).toBeUndefined();
    expect(own.from).toBeGreaterThan(before - 5000);
  });

  test('is not of what is wanted no more, nor of what is not held', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const manager = bench.manager();
    const messages = collect(manager.getUnifiedChannel());
    const [kept, gone, never] = instruments(3) as [number, number, number];
    await manager.subscribeSymbols([kept, gone], 'full');
    manager[managerSeam].missed(lostElsewhere([kept, gone, never], 100));
    await manager.unsubscribeSymbols([gone]);
    await manager.subscribeSymbols([gone, never], 'full');
    await manager.start();
    await streams(messages, 3);
    expect(named(messages)).toEqual([kept]);
  });

  test('reaches no further back than this start', async () => {
    await using bench = await openBench({ enableDedicatedParsers, maxConnections: 2 });
    const manager = bench.manager({ rateLimitDelayMs: 600_000 });
    await manager.start();
    await manager.subscribeSymbols(instruments(10), 'full');
    await bench.agrees(manager);
    await manager.stop();
    bench.simulator.refuse(1, 429);
    const messages = collect(manager.getUnifiedChannel());
    await manager.start();
    await streams(messages, 10);
    const held = Object.values(manager.getSymbolDistribution()).map((tokens) => tokens.length);
    expect(held.sort(byNumber)).toEqual([0, 10]);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('that no frame has followed yet is forgotten by a stop', async () => {
    await using bench = await openBench(
      { enableDedicatedParsers, maxConnections: 1 },
      { heartbeatIntervalMs: 600_000 },
    );
    const { manager, messages } = await bench.start();
    bench.simulator.drop();
    await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(1));
    await manager.stop();
    await manager.start();
    const first = new Promise<Gap | undefined>((resolve) => {
      manager.on('frame', ({ gap }) => {
        resolve(gap);
      });
    });
    await manager.subscribeSymbols(instruments(1));
    expect(await first).toBeUndefined();
  });
});

describe('what a manager has lost', () => {
  const lossOf = (manager: KiteTickerManager, token: number) =>
    manager[managerSeam].outagesOf([token]).get(token);

  test('is lost since its last message, for the newest reason', async () => {
    await using bench = await openBench({ enableDedicatedParsers: false, maxConnections: 1 });
    const { manager, messages } = await bench.start();
    const [token] = instruments(1) as [number];
    await manager.subscribeSymbols([token]);
    await streams(messages, 1);
    expect(lossOf(manager, token)).toBeUndefined();
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop();
    await eventually(() => expect(lossOf(manager, token)?.reason).toMatch(/503/));
    expect(lossOf(manager, token)!.from).toBe(manager.getStats().connectionStats[0]!.lastMessageAt);
    bench.simulator.heal();
    await eventually(() => expect(lossOf(manager, token)).toBeUndefined());
  });
});
