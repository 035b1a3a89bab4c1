import { describe, expect, test } from 'vitest';
import {
  type Channel,
  type Mode,
  MultiApiKiteTickerManager,
  type MultiApiOptions,
  type TickBatch,
} from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';

import { accounts } from '../support/multi-bench.js';

/** Two accounts in virtual time, a few minutes after the open, with an I/O worker each. */
async function bench(options: Partial<MultiApiOptions> = {}) {
  const day = simulateDay({ from: '09:20', instruments: 12 });
  const manager = new MultiApiKiteTickerManager({
    ...{ ...day.options, accounts: accounts('one', 'other') },
    ...options,
  });
  await day.runUntil(manager.start());
  return {
    day,
    manager,
    tokens: day.simulator.instruments.map(({ instrumentToken }) => instrumentToken),
    async [Symbol.asyncDispose](): Promise<void> {
      await day.runUntil(manager.stop());
      await day[Symbol.asyncDispose]();
    },
  };
}

/** Each tick that can be read: whose, and what it says. */
function ticksOf(channel: Channel<TickBatch>): [token: number, mode: Mode, price: number][] {
  const read: [number, Mode, number][] = [];
  for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv())
    for (const { instrumentToken, mode, lastPrice } of batch.ticks)
      read.push([instrumentToken, mode, lastPrice]);
  return read;
}

describe('a subscriber of several accounts', () => {
  test.each([1, 2])(
    'with %i copies, gets what the unified stream shows of its own instruments',
    async (replicas) => {
      await using it = await bench({ replicas });
      const [own, common, rest] = [it.tokens.slice(0, 3), it.tokens.slice(3, 6), it.tokens.slice(6)];
      const subscriber = it.manager.subscriber('pairs');
      const [all, mine] = [it.manager.ticks(), subscriber.ticks()];
      await subscriber.subscribeSymbols([...own, ...common], 'full');
      await it.manager.subscribeSymbols([...common, ...rest], 'full');
      await it.day.run(20_000);
      const wanted = new Set([...own, ...common]);
      const read = ticksOf(mine);
      expect(read.length).toBeGreaterThan(20);
      expect(read).toEqual(ticksOf(all).filter(([token]) => wanted.has(token)));
      expect(it.manager.subscriptions.size).toBe(12);
    },
  );

  test.each([1, 2])(
    'that is the first begins with the last tick of what streams already, with %i copies, where last ticks are kept',
    async (replicas) => {
      await using it = await bench({ replicas, lastTicks: true });
      await it.manager.subscribeSymbols(it.tokens, 'full');
      await it.day.run(20_000);
      it.day.simulator.setTicksPerSecond(0);
      await it.day.run(1000);
      const subscriber = it.manager.subscriber('late');
      const ticks = subscriber.ticks();
      await subscriber.subscribeSymbols(it.tokens, 'full');
      await it.day.run(1000);
      const known = it.tokens.map((token) => [token, 'full', it.manager.getLastTick(token)!.tick.lastPrice]);
      expect(ticksOf(ticks).sort(([one], [other]) => one - other)).toEqual(
        known.sort(([one], [other]) => Number(one) - Number(other)),
      );
    },
  );

  test('begins with the last tick of an instrument that was pinned since the first subscriber came, as long as it streams', async () => {
    await using it = await bench();
    const [token] = it.tokens as [number];
    it.manager.subscriber('first');
    await it.manager.subscribeSymbolsToApi('one', [token], 'full');
    const channel = it.manager.ticks();
    await it.day.run(20_000);
    it.day.simulator.setTicksPerSecond(0);
    await it.day.run(1000);
    const last = ticksOf(channel).at(-1);
    for (let time = 0; time < 2; time++) {
      const late = it.manager.subscriber('late');
      const ticks = late.ticks();
      await late.subscribeSymbols([token], 'full');
      await it.day.run(1000);
      expect(ticksOf(ticks)).toEqual([last]);
      await late.close();
    }
    await it.manager.unsubscribeSymbols([token]);
    expect(it.manager.subscriptions.size).toBe(0);
  });

  test('with 2 copies, gets what was pinned to one account from two of them', async () => {
    await using it = await bench({ replicas: 2 });
    const [token] = it.tokens as [number];
    await it.manager.subscribeSymbolsToApi('one', [token], 'full');
    const subscriber = it.manager.subscriber();
    await subscriber.subscribeSymbols([token], 'full');
    await it.day.run(1000);
    const streamed = it.day.simulator.connections.filter(({ book }) => book.has(token));
    expect(new Set(streamed.map(({ apiKey }) => apiKey)).size).toBe(2);
    expect(streamed).toHaveLength(2);
  });

  test('keeps its instruments when the calls of the manager drop them, also those that are pinned', async () => {
    await using it = await bench();
    const [token] = it.tokens as [number];
    const subscriber = it.manager.subscriber();
    await it.manager.subscribeSymbolsToApi('one', [token], 'full');
    await subscriber.subscribeSymbols([token], 'ltp');
    expect(it.manager.subscriptions.get(token)).toBe('full');
    await it.manager.unsubscribeSymbols([token]);
    expect([...it.manager.subscriptions]).toEqual([[token, 'ltp']]);
    await it.manager.subscribeSymbolsToApi('other', [token], 'quote');
    await subscriber.close();
    expect([...it.manager.subscriptions]).toEqual([[token, 'quote']]);
  });

  test('follows its instruments over a failover, and hears of the gap', async () => {
    await using it = await bench({ failoverAfterMs: 1000 });
    const subscriber = it.manager.subscriber();
    await subscriber.subscribeSymbols(it.tokens, 'full');
    await it.day.run(5000);
    const messages = subscriber.messages();
    it.day.simulator.refuse(Infinity, 503);
    it.day.simulator.drop();
    await it.day.run(5000);
    it.day.simulator.heal();
    await it.day.run(60_000);
    const missed = new Set<number>();
    for (let message = messages.tryRecv(); message; message = messages.tryRecv())
      if (message.type === 'gap')
        for (const token of message.instrumentTokens ?? it.tokens) missed.add(token);
    expect([...missed].sort()).toEqual([...it.tokens].sort());
  });

  test('replaces every instrument at full capacity in one call', async () => {
    await using it = await bench({ maxConnectionsPerApi: 1, maxSymbolsPerConnection: 3 });
    const before = it.tokens.slice(0, 6);
    const after = it.tokens.slice(6);
    await it.manager.subscribeSymbols(before, 'full');
    await it.day.run(1000);
    const modes = new Map(after.map((token) => [token, 'full' as const]));
    await it.manager.replaceSymbols(modes);
    await it.day.run(1000);
    const streamed = it.day.simulator.connections.flatMap(({ book }) => [...book]);
    expect(new Map(streamed)).toEqual(modes);
    await expect(
      it.manager.replaceSymbols(new Map(it.tokens.slice(0, 7).map((token) => [token, 'full']))),
    ).rejects.toMatchObject({
      ...{ code: 'KITE_MULTI_API_CAPACITY', requested: 6, available: 5 },
    });
    expect(new Map(it.manager.subscriptions)).toEqual(modes);
  });
});
