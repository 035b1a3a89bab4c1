import { describe, expect, test } from 'vitest';
import {
  type AccountMessage,
  type ConnectionStats,
  type MultiApiKiteTickerManager,
  systemClock,
} from '@kite/multi-api';
import { collect, eventually, instruments } from '@kite/testkit';

import { accounts, keyOf, ofType, openBench, ticksOf } from '../support/multi-bench.js';

const byNumber = (a: number, b: number): number => a - b;

/** The instruments that an account's gaps name, and where in the stream the first of its gaps stands. */
function missedAt(messages: readonly AccountMessage[], id: string): { tokens: number[]; first: number } {
  const isGap = ({ apiKeyId, message }: AccountMessage): boolean => apiKeyId === id && message.type === 'gap';
  const tokens = ofType(messages.filter(isGap), 'gap').flatMap(
    ({ message }) => message.instrumentTokens ?? [],
  );
  return { tokens: tokens.sort(byNumber), first: messages.findIndex(isGap) };
}

function heldBy(manager: MultiApiKiteTickerManager, id: string): number[] {
  return Object.values(manager.getSymbolDistribution()[id]!).flat().sort(byNumber);
}

async function add(manager: MultiApiKiteTickerManager, id: string): Promise<void> {
  const [{ apiKey, accessToken }] = accounts(id) as [ReturnType<typeof accounts>[number]];
  await manager.addApiKey(id, apiKey, accessToken);
}

async function streamed(messages: readonly AccountMessage[], count: number): Promise<void> {
  await eventually(() =>
    expect(new Set(ticksOf(messages).map((tick) => tick.instrumentToken)).size).toBe(count),
  );
}

/**
 * Waits until each connection has brought all that it holds, and something after that: a copy covers nothing of the
 * time before it has begun.
 */
async function allCover(manager: MultiApiKiteTickerManager): Promise<void> {
  const connections = (): ConnectionStats[] =>
    manager.getApiKeys().flatMap((id) => manager.getApiStats(id).connectionStats);
  await eventually(() => {
    for (const { ticksReceived, symbolCount } of connections())
      expect(ticksReceived).toBeGreaterThanOrEqual(symbolCount);
  });
  const begun = systemClock.now();
  await eventually(() => {
    for (const { lastMessageAt } of connections()) expect(lastMessageAt).toBeGreaterThan(begun);
  });
}

describe('what an account has lost and another takes over', () => {
  test('is told there as a gap, before its first tick', async () => {
    await using bench = await openBench();
    // A refusal for good moves them at once; what is only down has to wait.
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      failoverAfterMs: 600_000,
    });
    await manager.subscribeSymbols(instruments(20), 'full');
    await streamed(messages, 20);
    const moving = heldBy(manager, 'a');
    bench.kill('a', 403);
    await eventually(() => expect(missedAt(messages, 'b').tokens).toEqual(moving));
    const isMoving = new Set(moving);
    const first = await eventually(() => {
      const index = messages.findIndex(
        (item) => item.apiKeyId === 'b' && ticksOf([item]).some((tick) => isMoving.has(tick.instrumentToken)),
      );
      expect(index).toBeGreaterThanOrEqual(0);
      return index;
    });
    expect(missedAt(messages, 'b').first).toBeLessThan(first);
    expect(ofType(messages, 'gap')[0]!.message.reason).toMatch(/403/);
  });

  test('is no gap where a replica has gone on meanwhile', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b', 'c'), replicas: 2 });
    await manager.subscribeSymbols(instruments(12), 'full');
    await streamed(messages, 12);
    await allCover(manager);
    bench.kill('a', 403);
    await eventually(() => {
      expect(heldBy(manager, 'b')).toHaveLength(12);
      expect(heldBy(manager, 'c')).toHaveLength(12);
    });
    await bench.agrees(manager);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('is told when it finds room at last, though its account is gone by then', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      maxSymbolsPerConnection: 4,
    });
    await manager.subscribeSymbols(instruments(16), 'full');
    await streamed(messages, 16);
    const held = heldBy(manager, 'a');
    await manager.removeApiKey('a');
    const unplaced = held.filter((token) => !heldBy(manager, 'b').includes(token));
    expect(manager.getHealth().unplacedSymbols).toBe(4);
    expect(unplaced).toHaveLength(4);
    expect(ofType(messages, 'gap')).toEqual([]);
    await add(manager, 'c');
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(0));
    await eventually(() => expect(missedAt(messages, 'c').tokens).toEqual(unplaced));
    expect(ofType(messages, 'gap').map(({ message }) => message.reason)).toContain('a was removed');
    expect(missedAt(messages, 'b').tokens).toEqual([]);
  });

  test('is told of an account that is removed while it is lost', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      failoverAfterMs: 600_000,
    });
    await manager.subscribeSymbols(instruments(20), 'full');
    await streamed(messages, 20);
    const moving = heldBy(manager, 'a');
    bench.kill('a');
    await eventually(() => expect(manager.getHealth().status).toBe('degraded'));
    await manager.removeApiKey('a');
    await eventually(() => expect(missedAt(messages, 'b').tokens).toEqual(moving));
  });

  test('is told when an account that was down streams, and not before', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a'), failoverAfterMs: 600_000 });
    await manager.subscribeSymbols(instruments(9), 'full');
    await streamed(messages, 9);
    bench.simulator.refuse(Infinity, 503, keyOf('b'));
    await add(manager, 'b');
    bench.kill('a', 403);
    // An account that is down gets nothing.
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(9));
    expect(heldBy(manager, 'b')).toEqual([]);
    const before = systemClock.now();
    bench.revive();
    await eventually(() => expect(missedAt(messages, 'b').tokens).toEqual(instruments(9)));
    for (const { message } of ofType(messages, 'gap')) {
      expect(message.to).toBeGreaterThanOrEqual(before);
      expect(message.from).toBeLessThan(before);
      expect(message.reason).toMatch(/403/);
    }
  });

  test('outlasts an account that never opened, and goes to the next', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a'), failoverAfterMs: 600_000 });
    await manager.subscribeSymbols(instruments(9), 'full');
    await streamed(messages, 9);
    bench.simulator.refuse(Infinity, 503, keyOf('b'));
    await add(manager, 'b');
    bench.kill('a', 403);
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(9));
    const before = systemClock.now();
    bench.revive();
    bench.simulator.refuse(Infinity, 403, keyOf('a'));
    bench.simulator.refuse(Infinity, 403, keyOf('b'));
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(9));
    await add(manager, 'c');
    await eventually(() => expect(missedAt(messages, 'c').tokens).toEqual(instruments(9)));
    for (const { message } of ofType(messages, 'gap')) expect(message.from).toBeLessThan(before);
  });

  test('counts from the last copy on, where each copy was lost in its turn', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      replicas: 2,
      failoverAfterMs: 600_000,
    });
    await manager.subscribeSymbols(instruments(6), 'full');
    await streamed(messages, 6);
    await allCover(manager);
    bench.kill('a', 503);
    await eventually(() => expect(manager.getApiStats('a').activeConnections).toBe(0));
    const before = systemClock.now();
    await eventually(() => {
      for (const { lastMessageAt } of manager.getApiStats('b').connectionStats)
        expect(lastMessageAt).toBeGreaterThan(before);
    });
    await add(manager, 'c');
    bench.kill('b', 403);
    await eventually(() => expect(missedAt(messages, 'c').tokens).toEqual(instruments(6)));
    for (const { message } of ofType(messages, 'gap')) expect(message.from).toBeGreaterThan(before);
  });

  test('is told where the caller takes it over by hand', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      distributionStrategy: 'manual',
      failoverAfterMs: 600_000,
    });
    await manager.subscribeSymbolsToApi('a', instruments(6), 'full');
    await streamed(messages, 6);
    bench.kill('a');
    await eventually(() => expect(manager.getApiStats('a').activeConnections).toBe(0));
    await manager.subscribeSymbolsToApi('b', instruments(9), 'full');
    await streamed(messages, 9);
    expect(missedAt(messages, 'b').tokens).toEqual(instruments(6));
  });

  test('is no gap where the caller adds a copy of what is streamed', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', instruments(6), 'full');
    await streamed(messages, 6);
    await manager.subscribeSymbolsToApi('b', instruments(6), 'full');
    await bench.agrees(manager);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('is told of an account that is removed while the other has not opened (the 2 s of a handover)', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a'), failoverAfterMs: 600_000 });
    await manager.subscribeSymbols(instruments(6), 'full');
    await streamed(messages, 6);
    bench.simulator.refuse(Infinity, 503, keyOf('b'));
    await add(manager, 'b');
    await manager.removeApiKey('a');
    expect(ofType(messages, 'gap')).toEqual([]);
    bench.revive();
    await eventually(() => expect(missedAt(messages, 'b').tokens).toEqual(instruments(6)));
    expect(ofType(messages, 'gap')[0]!.message.reason).toBe('a was removed');
  });

  test('is none where an account that is removed can wait until the other has opened', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a') });
    await manager.subscribeSymbols(instruments(6), 'full');
    await streamed(messages, 6);
    bench.simulator.slowHandshake(400);
    const added = add(manager, 'b');
    await manager.removeApiKey('a');
    await added;
    await bench.agrees(manager);
    expect(heldBy(manager, 'b')).toHaveLength(6);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('is forgotten by a stop', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxSymbolsPerConnection: 4 });
    const first = collect(manager.getUnifiedChannel());
    await manager.subscribeSymbols(instruments(16), 'full');
    await streamed(first, 16);
    await manager.removeApiKey('a');
    expect(manager.getHealth().unplacedSymbols).toBe(4);
    await manager.stop();
    const messages = collect(manager.getUnifiedChannel());
    await manager.start();
    await add(manager, 'c');
    await streamed(messages, 16);
    expect(ofType(messages, 'gap')).toEqual([]);
  });
});
