import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HealthSummary, KiteTickerManager, Mode, Subscriber } from '@kite/manager';
import { ltpFrame } from '@kite/testkit';

import { A, B, bench, C, read, ticksOf } from '../support/subscriber-bench.js';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/** Two connections that hold at most this many instruments each. The second has given up. */
async function halfDown(maxSymbolsPerConnection: number) {
  const it = await bench({ maxConnections: 2, maxSymbolsPerConnection, failoverAfterMs: 1000 });
  it.market.answer = () => 'drop';
  it.market.connected[1]!.drop();
  for (let time = 0; time < 20; time++) {
    await it.clock.advance(100);
    it.peer.heartbeat();
  }
  expect(it.manager.getHealth().healthyConnections).toBe(1);
  return it;
}

describe('a listener of `unplaced` that calls back', () => {
  test('can drop what it hears of: nothing of it is left', async () => {
    await using it = await halfDown(1);
    await it.manager.subscribeSymbols([A]);
    const heard: (readonly number[])[] = [];
    it.manager.on('unplaced', (tokens) => {
      heard.push(tokens);
      void it.manager.unsubscribeSymbols(tokens);
    });
    await it.manager.subscribeSymbols([B]);
    expect(heard).toEqual([[B], []]);
    expect([...it.manager.subscriptions.keys()]).toEqual([A]);
    expect(it.manager.getUnplacedSymbols()).toEqual([]);
  });

  test('has the last word: its mode holds, and one unsubscribe ends it', async () => {
    await using it = await halfDown(1);
    await it.manager.subscribeSymbols([A]);
    it.manager.once('unplaced', () => void it.manager.subscribeSymbols([B], 'ltp'));
    await it.manager.subscribeSymbols([B], 'quote');
    expect(it.manager.subscriptions.get(B)).toBe('ltp');
    await it.manager.unsubscribeSymbols([B]);
    expect([...it.manager.subscriptions.keys()]).toEqual([A]);
  });

  test('can close the subscriber whose call made it', async () => {
    await using it = await halfDown(1);
    await it.manager.subscribeSymbols([A]);
    const subscriber = it.manager.subscriber();
    it.manager.once('unplaced', () => void subscriber.close());
    await subscriber.subscribeSymbols([B]);
    expect([...it.manager.subscriptions.keys()]).toEqual([A]);
    await expect(subscriber.subscribeSymbols([B])).rejects.toMatchObject({
      code: 'KITE_MANAGER_SUBSCRIBER_CLOSED',
    });
  });

  test('makes a newer list, and the listeners after it hear only that one', async () => {
    await using it = await halfDown(1);
    await it.manager.subscribeSymbols([A]);
    const last: (readonly number[])[] = [];
    it.manager.on('unplaced', (tokens) => void it.manager.unsubscribeSymbols(tokens));
    it.manager.on('unplaced', (tokens) => last.push(tokens));
    await it.manager.subscribeSymbols([B]);
    expect(last).toEqual([[]]);
  });
});

test('a listener of `health` that calls back in the middle of a change finds all of it in place', async () => {
  await using it = await halfDown(2);
  await it.manager.subscribeSymbols([A], 'ltp');
  it.market.connected[0]!.drop();
  const seen: [HealthSummary['status'], number][] = [];
  it.manager.on('health', ({ status, totalSymbols }) => {
    seen.push([status, totalSymbols]);
    void it.manager.replaceSymbols(new Map([[C, 'full']]));
  });
  it.market.answer = () => 'accept';
  await it.clock.advance(10_000);
  expect(seen.length).toBeGreaterThan(0);
  expect([...it.manager.subscriptions]).toEqual([[C, 'full']]);
  await it.manager.unsubscribeSymbols([C]);
  expect(it.manager.subscriptions.size).toBe(0);
});

interface World {
  readonly tokens: readonly number[];
  readonly shares: readonly Subscriber[];
}
type Step = (world: World) => Promise<void>;

const indices = fc.uniqueArray(fc.nat({ max: 7 }), { maxLength: 5 });
const call = fc
  .tuple(fc.nat({ max: 4 }), fc.nat({ max: 2 }), indices, fc.constantFrom(...MODES))
  .map(([which, share, list, mode]): Step => {
    return async ({ tokens, shares }) => {
      const subscriber = shares[share]!;
      const some = list.map((index) => tokens[index]!);
      const modes = new Map(some.map((token) => [token, mode]));
      const calls = [
        () => subscriber.subscribeSymbols(some, mode),
        () => subscriber.assignSymbols(modes),
        () => subscriber.replaceSymbols(modes),
        () => subscriber.unsubscribeSymbols(some),
        () => subscriber.changeMode(some, mode),
      ];
      // What does not fit, or is not held, is refused.
      await calls[which]!().catch(() => undefined);
    };
  });

/** What all of them want, each in the highest mode. */
function unionOf(shares: readonly Subscriber[]): Map<number, Mode> {
  const union = new Map<number, Mode>();
  for (const mode of MODES)
    for (const { subscriptions } of shares)
      for (const [token, held] of subscriptions) if (held === mode) union.set(token, held);
  return union;
}

const sorted = (modes: ReadonlyMap<number, Mode>): Map<number, Mode> => new Map([...modes].sort());

test('whatever listeners call meanwhile, the union of all shares is streamed, and nothing once all are closed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 12 }),
      fc.array(call, { minLength: 1, maxLength: 12 }),
      async (steps, answers) => {
        await using it = await halfDown(3);
        const manager: KiteTickerManager = it.manager;
        const shares = [0, 1, 2].map((number) => manager.subscriber(`${number}`));
        const world: World = {
          tokens: Array.from({ length: 8 }, (_, index) => A + 256 * index),
          shares,
        };
        const left = [...answers];
        manager.on('unplaced', () => left.shift()?.(world));
        manager.on('health', () => left.shift()?.(world));
        for (const step of steps) {
          await step(world);
          expect(sorted(manager.subscriptions)).toEqual(sorted(unionOf(shares)));
        }
        for (const subscriber of shares) await subscriber.close();
        expect(manager.subscriptions.size).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

describe('a listener of one subscriber, in the middle of a frame,', () => {
  /** Two subscribers that both want A and B. */
  async function two() {
    const it = await bench();
    const [first, second] = [it.manager.subscriber('first'), it.manager.subscriber('second')];
    for (const one of [first, second]) await one.subscribeSymbols([A, B], 'ltp');
    await it.turn();
    return Object.assign(it, { first, second });
  }

  test('can close another one, which then hears nothing more of that frame', async () => {
    await using it = await two();
    const heard: string[] = [];
    const channel = it.second.ticks();
    for (const type of ['ticks', 'frame', 'order'] as const) it.second.on(type, () => heard.push(type));
    it.first.on('ticks', () => void it.second.close());
    it.peer.frame(ltpFrame([A, B], 7));
    it.peer.text(JSON.stringify({ type: 'order', data: { order_id: '1', status: 'OPEN' } }));
    expect(heard).toEqual(['frame']);
    expect(read(channel)).toEqual([]);
    heard.length = 0;
    it.peer.frame(ltpFrame([A], 8));
    expect(heard).toEqual([]);
  });

  test('can make another one drop an instrument, which then does not get it in that frame', async () => {
    await using it = await two();
    const channel = it.second.ticks();
    it.first.once('ticks', () => void it.second.unsubscribeSymbols([A]));
    it.peer.frame(ltpFrame([A, B], 7));
    it.peer.frame(ltpFrame([A], 8));
    expect(ticksOf(channel)).toEqual(['B ltp 7']);
  });
});
