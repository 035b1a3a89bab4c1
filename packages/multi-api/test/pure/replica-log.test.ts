import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tick } from '@kite/multi-api';
import { fullTick, indexTick, ltpTick, quoteTick } from '@kite/testkit';

import { ReplicaLog } from '../../src/feed/replica-log.js';

/** What comes out of a log for these accounts, from what is brought one after another: the account and its tick. */
function through(ids: string[], brought: [id: string, tick: Tick][], msBetween = 1): Tick[] {
  const log = new ReplicaLog();
  log.sync(ids, 0);
  return brought.flatMap(([id, tick], at) => log.accept(id, tick, at * msBetween));
}

function prices(ticks: readonly Tick[]): number[] {
  return ticks.map(({ lastPrice }) => lastPrice);
}

describe('a log of replicas', () => {
  test('gives three ticks when one brings 10, 11, 10 before the other brings the same', () => {
    const ticks = [ltpTick(10), ltpTick(11), ltpTick(10)];
    const brought = ['a', 'b'].flatMap((id) => ticks.map((tick): [string, Tick] => [id, tick]));
    expect(prices(through(['a', 'b'], brought))).toEqual([10, 11, 10]);
  });

  test('keeps a price that comes twice in a row', () => {
    const brought: [string, Tick][] = [
      ['a', ltpTick(10)],
      ['a', ltpTick(10)],
      ['b', ltpTick(10)],
      ['b', ltpTick(10)],
      ['b', ltpTick(10)],
      ['a', ltpTick(10)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([10, 10, 10]);
  });

  test('lets through at once what the faster one brings, whichever that is', () => {
    const brought: [string, Tick][] = [
      ['a', ltpTick(1)],
      ['b', ltpTick(1)],
      ['b', ltpTick(2)],
      ['a', ltpTick(2)],
      ['a', ltpTick(3)],
      ['b', ltpTick(3)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([1, 2, 3]);
  });

  test('does not turn time back for a laggard that samples the market differently: by the exchange time', () => {
    const brought: [string, Tick][] = [
      ['a', fullTick(1, 10, 1)],
      ['b', fullTick(1, 10, 1)],
      ['a', fullTick(3, 10, 3)],
      ['b', fullTick(2, 10, 2)],
      ['b', fullTick(4, 10, 4)],
      ['a', fullTick(5, 10, 5)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([1, 3, 4, 5]);
  });

  test('nor by the volume, where there is no time or the same', () => {
    for (const at of [
      (price: number, volume: number) => quoteTick(price, volume),
      (p: number, v: number) => fullTick(p, v, 1),
    ]) {
      const brought: [string, Tick][] = [
        ['a', at(1, 10)],
        ['b', at(1, 10)],
        ['a', at(3, 30)],
        ['b', at(2, 20)],
        ['b', at(4, 40)],
      ];
      expect(prices(through(['a', 'b'], brought))).toEqual([1, 3, 4]);
    }
  });

  test('takes a volume that begins again as a new day', () => {
    const brought: [string, Tick][] = [
      ['a', quoteTick(10, 5000)],
      ['b', quoteTick(10, 5000)],
      ['a', quoteTick(11, 5)],
      ['b', quoteTick(11, 5)],
      ['b', quoteTick(12, 6)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([10, 11, 12]);
    expect(
      prices(
        through(
          ['a', 'b'],
          [
            ['a', fullTick(10, 5000, 0)],
            ['b', fullTick(11, 5, 86_400)],
          ],
        ),
      ),
    ).toEqual([10]);
  });

  test('follows an indexTick by its time', () => {
    const brought: [string, Tick][] = [
      ['a', indexTick(100, 1)],
      ['b', indexTick(100, 1)],
      ['a', indexTick(103, 3)],
      ['b', indexTick(102, 2)],
      ['b', indexTick(103, 3)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([100, 103]);
  });

  test('prefers silence to a guess where nothing tells old from new, as long as the other one leads', () => {
    const brought: [string, Tick][] = [
      ['a', ltpTick(1)],
      ['b', ltpTick(1)],
      ['a', ltpTick(3)],
      ['b', ltpTick(2)],
      ['a', ltpTick(5)],
      ['b', ltpTick(4)],
    ];
    expect(prices(through(['a', 'b'], brought))).toEqual([1, 3, 5]);
  });

  test('goes on with the other one as soon as the one that leads is lost', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    const out = [
      log.accept('a', ltpTick(1), 0),
      log.accept('b', ltpTick(1), 1),
      log.accept('a', ltpTick(3), 2),
    ];
    log.lost('a', 0);
    out.push(log.accept('b', ltpTick(4), 3));
    expect(prices(out.flat())).toEqual([1, 3, 4]);
  });

  test('or has been silent for five seconds', () => {
    const brought: [string, Tick][] = [
      ['a', ltpTick(1)],
      ['b', ltpTick(1)],
      ['a', ltpTick(3)],
      ['b', ltpTick(4)],
      ['b', ltpTick(5)],
    ];
    expect(prices(through(['a', 'b'], brought, 3000))).toEqual([1, 3, 5]);
  });

  test('does not give twice what a late joiner begins with', () => {
    const log = new ReplicaLog();
    log.sync(['a'], 0);
    const out = [log.accept('a', ltpTick(1), 0), log.accept('a', ltpTick(2), 1)];
    log.sync(['a', 'b'], 0);
    out.push(
      log.accept('b', quoteTick(2, 1), 2),
      log.accept('b', ltpTick(2), 2),
      log.accept('b', ltpTick(3), 3),
    );
    out.push(log.accept('a', ltpTick(3), 4));
    expect(prices(out.flat())).toEqual([1, 2, 3]);
  });

  test('loses nothing to a late joiner that is ahead, and is ahead with it once it knows', () => {
    const log = new ReplicaLog();
    log.sync(['a'], 0);
    const out = [log.accept('a', ltpTick(1), 0)];
    log.sync(['a', 'b'], 0);
    out.push(log.accept('b', ltpTick(4), 1), log.accept('b', ltpTick(5), 2));
    expect(prices(out.flat())).toEqual([1]);
    out.push(log.accept('a', ltpTick(2), 3), log.accept('a', ltpTick(3), 4), log.accept('a', ltpTick(4), 5));
    expect(prices(out.flat())).toEqual([1, 2, 3, 4, 5]);
    out.push(log.accept('b', ltpTick(6), 6), log.accept('a', ltpTick(5), 7), log.accept('a', ltpTick(6), 8));
    expect(prices(out.flat())).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('finds a late joiner that samples differently by what is older and newer', () => {
    const log = new ReplicaLog();
    log.sync(['a'], 0);
    const out = [log.accept('a', fullTick(1, 1, 1), 0)];
    log.sync(['a', 'b'], 0);
    out.push(log.accept('b', fullTick(2, 2, 2), 1), log.accept('b', fullTick(4, 4, 4), 2));
    out.push(log.accept('a', fullTick(3, 3, 3), 3), log.accept('b', fullTick(6, 6, 6), 4));
    expect(prices(out.flat())).toEqual([1, 3, 4, 6]);
  });

  test('begins anew with a replica that comes back, and gives nothing twice', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    const out = [log.accept('a', ltpTick(1), 0), log.accept('b', ltpTick(1), 1)];
    log.lost('b', 0);
    for (const price of [2, 1, 2, 1]) out.push(log.accept('a', ltpTick(price), 2));
    log.joined('b');
    out.push(log.accept('b', ltpTick(1), 3), log.accept('b', ltpTick(2), 4), log.accept('a', ltpTick(2), 5));
    expect(prices(out.flat())).toEqual([1, 2, 1, 2, 1, 2]);
  });

  test('is silenced by a tick that is dated ahead for five seconds at most', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    const out = [log.accept('a', fullTick(1, 10, 1), 0), log.accept('a', fullTick(2, 20, 3600), 1)];
    out.push(log.accept('a', fullTick(3, 30, 2), 2));
    expect(prices(out.flat())).toEqual([1, 2]);
    out.push(log.accept('a', fullTick(4, 40, 7), 5002), log.accept('a', fullTick(5, 50, 8), 5003));
    expect(prices(out.flat())).toEqual([1, 2, 4, 5]);
  });

  test('does not turn back to what has waited, when the one that led is lost', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    const out = [log.accept('a', quoteTick(100, 100), 0), log.accept('b', quoteTick(100, 100), 0)];
    log.lost('b', 1);
    log.joined('b');
    out.push(log.accept('b', quoteTick(90, 90), 2));
    out.push(log.lost('a', 3).flatMap(({ ticks }) => ticks));
    expect(prices(out.flat())).toEqual([100]);
  });

  test('that begins with an account which streams already, lets that one finish what is under way to it', () => {
    const log = new ReplicaLog(['a'], 0);
    log.sync(['a', 'b'], 0);
    const out = [log.accept('b', quoteTick(3, 30), 1), log.accept('b', fullTick(3, 30, 3), 1)];
    expect(out.flat()).toEqual([]);
    out.push(log.accept('a', fullTick(1, 10, 1), 2), log.accept('a', fullTick(2, 20, 2), 3));
    out.push(log.accept('a', fullTick(3, 30, 3), 4), log.accept('b', fullTick(4, 40, 4), 5));
    expect(prices(out.flat())).toEqual([1, 2, 3, 4]);
  });

  test('waits for an account that streams already for five seconds at most', () => {
    const log = new ReplicaLog(['a'], 0);
    log.sync(['a', 'b'], 0);
    expect(log.accept('b', ltpTick(1), 1)).toEqual([]);
    expect(prices(log.accept('b', ltpTick(2), 5001))).toEqual([1, 2]);
  });

  test.each<[string, (log: ReplicaLog) => unknown]>([
    ['is lost', (log) => log.lost('a', 2)],
    ['leaves', (log) => log.sync(['b'], 2)],
  ])('gives at once what has waited for an account that %s', (_how, end) => {
    const log = new ReplicaLog(['a'], 0);
    log.sync(['a', 'b'], 0);
    expect([log.accept('b', ltpTick(1), 1), log.accept('b', ltpTick(2), 1)].flat()).toEqual([]);
    expect(end(log)).toEqual([{ id: 'b', ticks: [ltpTick(1), ltpTick(2)] }]);
    expect(log.accept('b', ltpTick(3), 3)).toEqual([ltpTick(3)]);
  });

  test('keeps waiting when somebody else is lost', () => {
    const log = new ReplicaLog(['a'], 0);
    log.sync(['a', 'b', 'c'], 0);
    log.accept('b', ltpTick(1), 1);
    expect(log.lost('c', 2)).toEqual([]);
  });

  test('passes on what an account brings that is no replica', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    expect(log.accept('c', ltpTick(1), 0)).toEqual([ltpTick(1)]);
  });

  test('keeps a bounded number of ticks for a replica that brings nothing, and recovers', () => {
    const log = new ReplicaLog();
    log.sync(['a', 'b'], 0);
    let count = 0;
    for (let price = 1; price <= 5000; price++) count += log.accept('a', ltpTick(price), 0).length;
    expect(count).toBe(5000);
    expect(log.accept('b', ltpTick(4990), 1)).toEqual([]);
    expect(log.hasAll('b')).toBe(false);
    expect(log.accept('b', ltpTick(5000), 1)).toEqual([]);
    expect(log.accept('b', ltpTick(5001), 1)).toHaveLength(1);
  });
});

/** How the states of an instrument look in each mode: time and volume do not run back. */
const KINDS: [name: string, make: (price: number, step: number) => Tick, isDated: boolean][] = [
  ['ltp', (price) => ltpTick(price), false],
  ['quote', (price, step) => quoteTick(price, step >> 1), false],
  ['full', (price, step) => fullTick(price, step >> 1, step >> 2), true],
  ['index', (price, step) => indexTick(price, step >> 1), true],
];

type Move = { kind: 'emit' } | { kind: 'bring'; who: number; count: number } | { kind: 'die'; who: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Move>({ kind: 'emit' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('bring' as const),
      who: fc.nat(2),
      count: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), who: fc.nat(2) }) },
);

describe('identical streams, interleaved in any way, with bursts and replicas that die', () => {
  test.each(KINDS)('give the stream itself, each tick once and in order: %s', (_name, make) => {
    fc.assert(
      fc.property(
        fc.array(move, { minLength: 10, maxLength: 200 }),
        fc.array(fc.integer({ min: 10, max: 12 }), { minLength: 200, maxLength: 200 }),
        (moves, market) => {
          const log = new ReplicaLog();
          const ids = ['a', 'b', 'c'];
          log.sync(ids, 0);
          const queues = new Map(ids.map((id) => [id, [] as Tick[]]));
          const emitted: Tick[] = [];
          const out: Tick[] = [];
          const bring = (id: string, count: number): void => {
            for (const tick of queues.get(id)?.splice(0, count) ?? []) out.push(...log.accept(id, tick, 0));
          };
          for (const step of moves) {
            if (step.kind === 'emit') {
              // Like the server's, each state is another object for each of them.
              const { length } = emitted;
              emitted.push(make(market[length]!, length));
              for (const queue of queues.values()) queue.push(structuredClone(emitted.at(-1)!));
            } else if (step.kind === 'bring') bring(ids[step.who]!, step.count);
            else if (queues.size > 1 && queues.delete(ids[step.who]!)) {
              for (const { ticks } of log.lost(ids[step.who]!, 0)) out.push(...ticks);
            }
          }
          for (const id of ids) bring(id, Infinity);
          expect(out).toEqual(emitted);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a replica that joins at any time', () => {
  test.each(
    KINDS.flatMap(([name, make]) => [
      [name, 'a log that begins with it', make, true] as const,
      [name, 'a log that was there', make, false] as const,
    ]),
  )('takes nothing and doubles nothing, ahead or behind: %s, in %s', (_name, _when, make, isNew) => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.nat(20),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 })), { minLength: 40, maxLength: 60 }),
        (joinedAt, lag, turns) => {
          const log = new ReplicaLog(isNew ? ['a'] : [], 0);
          if (!isNew) log.sync(['a'], 0);
          const market = Array.from({ length: 60 }, (_, step) => make(100 + step, step));
          const queues = { a: market.map((tick) => structuredClone(tick)), b: [] as Tick[] };
          const out: Tick[] = [];
          const bring = (id: 'a' | 'b', count: number): void => {
            for (const tick of queues[id].splice(0, count))
              out.push(...(isNew && !isJoined ? [tick] : log.accept(id, tick, 0)));
          };
          let isJoined = false;
          // What the first has not brought by then is under way to it; the second begins with the newest state.
          bring('a', Math.max(1, joinedAt - lag));
          log.sync(['a', 'b'], 0);
          isJoined = true;
          queues.b = market.slice(joinedAt).map((tick) => structuredClone(tick));
          for (const [isFirst, count] of turns) bring(isFirst ? 'a' : 'b', count);
          bring('a', Infinity);
          bring('b', Infinity);
          expect(out).toEqual(market);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('replicas that sample the market differently', () => {
  test.each(KINDS)(
    'give each distinct state at most once, and in order where it is dated: %s',
    (_name, make, isDated) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 10, maxLength: 80 }),
          fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 6 })), { minLength: 40, maxLength: 40 }),
          (samples, turns) => {
            const log = new ReplicaLog();
            const ids = ['a', 'b'];
            log.sync(ids, 0);
            const states = samples.map((_, step) => make(100 + step, step * 4));
            const queues = ids.map((_, who) =>
              states
                .filter((__, step) => step === 0 || samples[step]![who])
                .map((tick) => structuredClone(tick)),
            );
            const out: Tick[] = [];
            const bring = (who: number, count: number): void => {
              for (const tick of queues[who]!.splice(0, count)) out.push(...log.accept(ids[who]!, tick, 0));
            };
            for (const [who, count] of turns) bring(who, count);
            bring(0, Infinity);
            bring(1, Infinity);
            const seen = prices(out);
            expect(new Set(seen).size).toBe(seen.length);
            if (isDated) expect(seen).toEqual([...seen].sort((a, b) => a - b));
            expect(out.length).toBeGreaterThanOrEqual(1);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
