import type { AccountMessage, MultiApiKiteTickerManager } from '@kite/multi-api';
import { describe, expect, it } from 'vitest';

import { accounts, eventually, instruments, ofType, openBench, ticksOf } from './support/multi-bench.js';

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

async function streamed(messages: readonly AccountMessage[], count: number): Promise<void> {
  await eventually(() =>
    expect(new Set(ticksOf(messages).map((tick) => tick.instrumentToken)).size).toBe(count),
  );
}

describe('what an account has lost and another takes over', () => {
  it('is told there as a gap, before its first tick', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
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

  it('is no gap where a replica has gone on meanwhile', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b', 'c'), replicas: 2 });
    await manager.subscribeSymbols(instruments(12), 'full');
    await streamed(messages, 12);
    bench.kill('a', 403);
    await eventually(() => {
      expect(heldBy(manager, 'b')).toHaveLength(12);
      expect(heldBy(manager, 'c')).toHaveLength(12);
    });
    await bench.agrees(manager);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  it('is told when it finds room at last, though its account is gone by then', async () => {
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
    await manager.addApiKey('c', accounts('c')[0]!.apiKey, accounts('c')[0]!.accessToken);
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(0));
    expect(missedAt(messages, 'c').tokens).toEqual(unplaced);
    expect(ofType(messages, 'gap').map(({ message }) => message.reason)).toContain('a was removed');
    expect(missedAt(messages, 'b').tokens).toEqual([]);
  });

  it('is told of an account that is removed while it is lost', async () => {
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
});
