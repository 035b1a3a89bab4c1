import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RECENT_MS } from '../../src/feed/state-log.js';
import { handedOn, MergeBench, type Outcome } from '../support/merge-bench.js';
import {
  type MarketEvent,
  ReplicatedMarket,
  type SourcePlan,
  WAIT_MS,
} from '../support/replicated-market.js';

const event: fc.Arbitrary<MarketEvent> = fc.record({
  does: fc.constantFrom(
    ...([
      'trade',
      'trade',
      'trade',
      'trade',
      'trade',
      'orders',
      'orders',
      'cut',
      'return',
      'return',
    ] as const),
    ...(['move', 'stall', 'block', 'step', 'leave'] as const),
  ),
  afterMs: fc.constantFrom(0, 1, 5, 20, 100, 400, 1500, 4000),
  sources: fc.subarray([0, 1, 2], { minLength: 1 }),
  amount: fc.integer({ min: 1, max: 2500 }),
});

/** Long enough for the source to be told as silent. */
const withSilence = fc.oneof(
  { weight: 9, arbitrary: event },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('stall' as const),
      afterMs: fc.constant(5),
      sources: fc.subarray([0, 1, 2], { minLength: 1, maxLength: 2 }),
      amount: fc.integer({ min: 3500, max: 9000 }),
    }),
  },
);

const events = fc.array(withSilence, { minLength: 1, maxLength: 80 });

/** Some accounts are shown what others are not. */
const eventsAndBursts = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: withSilence },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('burst' as const),
        afterMs: fc.constantFrom(0, 1, 5, 400),
        sources: fc.subarray([0, 1, 2], { minLength: 1 }),
        amount: fc.integer({ min: 1, max: 200 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 40 },
);

const plans = (delays: readonly number[]): fc.Arbitrary<SourcePlan[]> =>
  fc.array(fc.record({ delayMs: fc.constantFrom(...delays), every: fc.constantFrom(1, 1, 1, 2, 3) }), {
    minLength: 2,
    maxLength: 3,
  });

/**
 * What was brought, and of which the reader was told nothing. As long as an account goes on that was alone, the reader has what
 * that one is shown.
 */
function untold({ brought, told, ledTo }: ReplicatedMarket): number[] {
  const indices = new Set(told.map(({ index }) => index));
  return [...brought.keys()].filter((index) => index > ledTo && !indices.has(index));
}

describe.each([
  ['full', 'from the start', false],
  ['full', 'beside one that was alone', true],
  ['quote', 'from the start', false],
  ['quote', 'beside one that was alone', true],
] as const)('whatever happens to several accounts, in mode %s, %s', (mode, _, startsAlone) => {
  test('each state comes once and in order, or is told as too late; what is surely newer comes at once; none waits longer than it may', () => {
    fc.assert(
      fc.property(plans([0, 0, 5, 40, 400, 2000]), events, (list, happens) => {
        const market = new ReplicatedMarket(mode, list, startsAlone);
        market.run(happens);
        const states = market.told.filter(({ type }) => type === 'fresh');
        for (const [position, { index, mode: form }] of states.entries()) {
          const before = states[position - 1];
          // The full form of what was shown as a quote is no repetition.
          const isForm = before?.index === index && before.mode === 'quote' && form === 'full';
          const isBeginning = before?.index === index && index <= market.aloneTo;
          if (before && !isForm && !isBeginning) expect(index).toBeGreaterThan(before.index);
        }
        expect(untold(market)).toEqual([]);
        expect(market.heldBack).toEqual([]);
        expect(market.longestWaitMs.fresh).toBeLessThanOrEqual(WAIT_MS);
        expect(market.longestWaitMs.late).toBeLessThanOrEqual(WAIT_MS);
        expect(market.waits).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe.each(['full', 'quote'] as const)(
  'whatever happens to several accounts, in mode %s, where orders come and go',
  (mode) => {
    test('the states are those of the market, in order, and end with the newest that an account was sent', () => {
      fc.assert(
        fc.property(plans([0, 0, 5, 40, 400]), events, (list, happens) => {
          const market = new ReplicatedMarket(mode, list, false, true);
          market.run(happens);
          const states = market.told.filter(({ type }) => type === 'fresh');
          let index = 0;
          for (const state of states) {
            index = market.looks.indexOf(market.looks[state.index]!, index);
            expect(index).toBeGreaterThanOrEqual(0);
          }
          const newest = market.newestShown;
          const late = market.told.some(({ type, index: of }) => type === 'late' && of === newest);
          if (newest !== undefined && !late)
            expect(market.looks.slice(newest)).toContain(market.looks[states.at(-1)!.index]);
          expect(market.longestWaitMs.fresh).toBeLessThanOrEqual(WAIT_MS);
          expect(market.waits).toBe(false);
        }),
        { numRuns: 2000 },
      );
    });
  },
);

describe('whatever happens to several accounts, where states show their price alone', () => {
  test.each([
    ['all that happens', events, 2000],
    ['bursts over one alone', eventsAndBursts, 300],
  ])(
    '%s: the prices are those of the market, in order; a price is told as too late or comes; none waits longer than it may',
    (_, some, numRuns) => {
      fc.assert(
        fc.property(plans([0, 0, 5, 40, 400]), some, (list, happens) => {
          const market = new ReplicatedMarket('ltp', list);
          market.run(happens);
          const states = market.told.filter(({ type }) => type === 'fresh');
          let index = -1;
          let before: string | undefined;
          for (const { price, mode } of states) {
            // A server begins with a quote of the state whose price follows, or came.
            const isForm = before !== undefined && before !== mode && market.prices[index] === price;
            if (!isForm) index = market.prices.indexOf(price, index + 1);
            before = mode;
            expect(index).toBeGreaterThanOrEqual(0);
          }
          const prices = new Set(states.map(({ price }) => price));
          expect(untold(market).filter((one) => !prices.has(market.prices[one]!))).toEqual([]);
          expect(market.longestWaitMs.fresh).toBeLessThanOrEqual(WAIT_MS);
          // What was taken for a copy is told when the account is gone that would have brought it otherwise.
          expect(market.longestWaitMs.late).toBeLessThanOrEqual(RECENT_MS);
          expect(market.waits).toBe(false);
        }),
        { numRuns },
      );
    },
  );
});

describe.each(['full', 'quote'] as const)('one that joins an account that was alone, in mode %s', (mode) => {
  test('costs nothing while the two show the same: each state comes once, and none too late', () => {
    const passing = fc.record({
      does: fc.constantFrom(...(['trade', 'trade', 'orders', 'block'] as const)),
      afterMs: fc.constantFrom(0, 1, 5, 20, 100),
      sources: fc.constant([]),
      amount: fc.integer({ min: 1, max: 100 }),
    });
    const delays = fc.tuple(fc.constantFrom(0, 5, 40), fc.constantFrom(0, 5, 40));
    fc.assert(
      fc.property(delays, fc.array(passing, { minLength: 1, maxLength: 80 }), (list, happens) => {
        const market = new ReplicatedMarket(
          mode,
          list.map((delayMs) => ({ delayMs, every: 1 })),
          true,
        );
        market.run(happens);
        expect(market.told.filter(({ type }) => type === 'late')).toEqual([]);
        const shown = market.told.filter(({ index, mode: form }) => index > market.aloneTo && form === mode);
        const all = market.prices.map((_, index) => index).slice(market.aloneTo + 1);
        expect(shown.map(({ index }) => index)).toEqual(all);
      }),
      { numRuns: 1000 },
    );
  });
});

test('while nobody is cut, whatever prices come back and no matter who is behind, the sequence is the market', () => {
  const turns = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 60 }),
      turns,
      (prices, list) => {
        const bench = new MergeBench();
        bench.join('a', 'b', 'c');
        const places = new Map<string, number>();
        const outcomes: Outcome[] = [];
        for (const [source, count] of [...list, ['a', 99], ['b', 99], ['c', 99]] as typeof list) {
          const from = places.get(source) ?? 0;
          for (const price of prices.slice(from, from + count))
            outcomes.push(...bench.bring(source, price, 0));
          places.set(source, from + count);
        }
        expect(outcomes.map(({ type }) => type)).not.toContain('too-late');
        expect(handedOn(outcomes)).toEqual(prices);
      },
    ),
    { numRuns: 500 },
  );
});
