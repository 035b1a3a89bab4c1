import { describe, expect, test } from 'vitest';
import type { Gap } from '@kite/protocol';
import { fullTick, INFY, ltpTick, quoteTick, VirtualClock } from '@kite/testkit';

import { Merger } from '../../src/feed/merger.js';

/** A merger of the sources a and b, which has handed on the price 1, and what it hands on. */
function openMerger() {
  const clock = new VirtualClock();
  const prices: number[] = [];
  const late: Gap[] = [];
  const apart = new Set<string>();
  const merger = new Merger<string>({
    clock,
    waitMs: 300,
    handOn: (_, { ticks }) => {
      prices.push(...ticks.map(({ lastPrice }) => lastPrice));
    },
    tooLate: (_, gap) => {
      late.push(gap);
    },
    copied: () => undefined,
    alone: () => undefined,
  });
  const bring = (source: string, price: number): void => {
    merger.ticks(source, { type: 'ticks', ticks: [ltpTick(price)], channelId: 0, receivedAt: clock.now() });
  };
  const set = (...sources: string[]): void => {
    merger.set(INFY, sources, { isKept: true, leads: () => false, isApart: (source) => apart.has(source) });
  };
  set('a', 'b');
  merger.join('a', [INFY], clock.now());
  merger.join('b', [INFY], clock.now());
  bring('a', 1);
  return { clock, merger, prices, late, apart, bring, set };
}

describe('a source whose socket is slow', () => {
  test('repeats no price as late as it has brought those of other instruments', () => {
    const { clock, merger, prices, bring } = openMerger();
    const other = INFY + 256;
    merger.set(other, ['a', 'b'], { isKept: true, leads: () => false, isApart: () => false });
    const bringOther = (source: string, price: number): void => {
      const ticks = [{ ...ltpTick(price), instrumentToken: other }];
      merger.ticks(source, { type: 'ticks', ticks, channelId: 0, receivedAt: clock.now() });
    };
    bring('b', 1);
    for (const price of [5, 6]) bring('a', price);
    for (const price of [7, 8, 9, 10]) bringOther('a', price);
    clock.pass(5000);
    for (const price of [7, 8, 9, 10]) bringOther('b', price);
    for (const price of [5, 6]) bring('b', price);
    expect(prices).toEqual([1, 5, 6, 7, 8, 9, 10]);
  });
});

describe('an instrument that nobody wants any more', () => {
  test('is not repeated by a source that was behind', () => {
    const { clock, prices, bring, set } = openMerger();
    set();
    bring('b', 1);
    clock.pass(2000);
    bring('b', 1);
    expect(prices).toEqual([1]);
  });

  test('comes as it is over a source that brought no copies of it', () => {
    const { prices, bring, set } = openMerger();
    set();
    bring('c', 1);
    expect(prices).toEqual([1, 1]);
  });

  test('comes again once it is wanted again, merged or over one source alone', () => {
    const { prices, bring, set } = openMerger();
    set();
    set('a', 'b');
    bring('b', 1);
    bring('b', 2);
    expect(prices).toEqual([1, 1, 2]);
  });

  test('turns nothing back with what was under way, though it is wanted again at once', () => {
    const { clock, merger, prices, bring, set } = openMerger();
    const inFull = (source: string, price: number): void => {
      const ticks = [fullTick(price, price, price)];
      merger.ticks(source, { type: 'ticks', ticks, channelId: 0, receivedAt: clock.now() });
    };
    bring('a', 2);
    bring('a', 3);
    set();
    set('b', 'c');
    for (const price of [1, 2, 3]) bring('b', price);
    expect(prices).toEqual([1, 2, 3, 3]);
    inFull('c', 6);
    set();
    set('b', 'd');
    inFull('b', 4);
    inFull('d', 6);
    inFull('b', 6);
    inFull('b', 7);
    expect(prices).toEqual([1, 2, 3, 3, 6, 6, 7]);
  });

  test('comes as it is over a source that brings it for itself, from before or since', () => {
    const { prices, apart, bring, set } = openMerger();
    apart.add('a');
    set();
    bring('a', 2);
    expect(prices).toEqual([1, 2]);
    apart.add('b');
    set();
    bring('b', 3);
    expect(prices).toEqual([1, 2, 3]);
  });

  test('is forgotten when nothing of it can be under way any more', () => {
    const { clock, prices, bring, set } = openMerger();
    set();
    clock.pass(31_000);
    bring('b', 2);
    expect(prices).toEqual([1, 2]);
  });

  test('leaves no timer once it is forgotten, or everything is stopped', () => {
    const { clock, merger, set } = openMerger();
    set();
    clock.pass(40_000);
    expect(clock.pending).toBe(0);
    set('a', 'b');
    set();
    merger.clear();
    expect(clock.pending).toBe(0);
  });
});

describe('after the event loop was blocked', () => {
  test('a price that waited in the kernel is a copy, however long ago another source brought it', () => {
    const { clock, prices, bring } = openMerger();
    bring('b', 1);
    for (const price of [2, 3, 4]) bring('a', price);
    clock.block(8000);
    for (const price of [3, 4]) bring('b', price);
    expect(prices).toEqual([1, 2, 3, 4]);
  });

  test('a price that may have waited is not taken for a new one by the few before it, though the monotonic clock stood still', () => {
    const { clock, merger, prices, bring } = openMerger();
    const log = [2, 3, 2, 3, 2];
    bring('b', 9);
    clock.pass(400);
    for (const price of log) bring('a', price);
    merger.stop('a', [INFY], false);
    clock.setBack(-60_000);
    for (const price of [...log, 7]) bring('b', price);
    expect(prices).toEqual([1, ...log]);
    clock.pass(4000);
    bring('b', 8);
    expect(prices).toEqual([1, ...log, 8]);
  });

  test('the first state of a new socket that waited is not taken for a new one', () => {
    const { clock, merger, prices, bring } = openMerger();
    bring('b', 1);
    merger.stop('b', [INFY], false);
    clock.pass(1000);
    merger.join('b', [INFY], clock.now());
    clock.pass(500);
    bring('a', 2);
    clock.block(5000);
    merger.ticks('b', { type: 'ticks', ticks: [quoteTick(1, 10)], channelId: 0, receivedAt: clock.now() });
    clock.pass(1000);
    expect(prices).toEqual([1, 2]);
  });

  test('no timer is left a moment after the last tick', () => {
    const { clock, bring } = openMerger();
    clock.pass(500);
    bring('a', 2);
    clock.pass(2000);
    expect(clock.pending).toBe(0);
  });
});

test('a price is new where its source was never as far behind as the copy of it would be', () => {
  const { clock, merger, prices, bring } = openMerger();
  const pass = (price: number, lagMs: number): void => {
    bring('a', price);
    clock.pass(lagMs);
    bring('b', price);
  };
  bring('b', 1);
  pass(2, 100);
  pass(3, 100);
  // It was shown another moment with this price.
  pass(2, 5500);
  clock.pass(2000);
  bring('a', 4);
  bring('a', 5);
  clock.pass(9000);
  merger.stop('a', [INFY], false);
  bring('b', 4);
  expect(prices).toEqual([1, 2, 3, 2, 4, 5, 4]);
});

describe('a source that is lost while others stream', () => {
  test('was behind them if it had not come to what they began with', () => {
    const { clock, merger, bring } = openMerger();
    bring('b', 1);
    merger.stop('a', [INFY], false);
    clock.pass(1000);
    merger.join('a', [INFY], clock.now());
    expect([...merger.behindOthers('b', [INFY])]).toEqual([INFY]);
    bring('a', 5);
    expect([...merger.behindOthers('b', [INFY])]).toEqual([INFY]);
    expect([...merger.behindOthers('a', [INFY])]).toEqual([]);
    bring('b', 5);
    expect([...merger.behindOthers('b', [INFY])]).toEqual([]);
  });

  test('was not behind one that began with what it had brought, or began long ago', () => {
    const { clock, merger, bring } = openMerger();
    bring('b', 1);
    bring('b', 2);
    merger.stop('a', [INFY], false);
    merger.join('a', [INFY], clock.now());
    bring('a', 2);
    expect([...merger.behindOthers('b', [INFY])]).toEqual([]);
    merger.stop('a', [INFY], false);
    merger.join('a', [INFY], clock.now());
    bring('a', 3);
    clock.pass(31_000);
    expect([...merger.behindOthers('b', [INFY])]).toEqual([]);
  });
});

test('the full form of an older state is too late, though its price alone was brought before the newer one came in full', () => {
  const { clock, merger, prices, late, bring } = openMerger();
  bring('b', 1);
  const inFull = (source: string, volume: number, seconds: number): void => {
    const ticks = [fullTick(1, volume, seconds)];
    merger.ticks(source, { type: 'ticks', ticks, channelId: 0, receivedAt: clock.now() });
  };
  inFull('b', 20, 25);
  inFull('a', 10, 22);
  expect(prices).toEqual([1, 1]);
  expect(late).toHaveLength(1);
});

test('what came over a connection that the instrument had left is told as too late, unless a source has shown it', () => {
  const { clock, merger, prices, late, bring } = openMerger();
  const straggle = (price: number): void => {
    const ticks = [ltpTick(price)];
    merger.straggled('a', { type: 'ticks', ticks, channelId: 0, receivedAt: clock.now() });
  };
  bring('a', 2);
  straggle(2);
  expect(late).toEqual([]);
  straggle(3);
  expect(late).toMatchObject([{ from: clock.now(), to: clock.now(), instrumentTokens: [INFY] }]);
  expect(prices).toEqual([1, 2]);
});

describe('a source from which an instrument has moved away', () => {
  test('repeats nothing and turns nothing back with what was under way', () => {
    const { prices, bring, set } = openMerger();
    bring('b', 1);
    set('b', 'c');
    bring('b', 2);
    bring('c', 2);
    bring('b', 3);
    bring('c', 3);
    bring('a', 2);
    bring('a', 3);
    expect(prices).toEqual([1, 2, 3]);
  });

  test('brings what is new all the same', () => {
    const { prices, bring, set } = openMerger();
    set('b', 'c');
    bring('a', 2);
    expect(prices).toEqual([1, 2]);
  });

  test('repeats nothing where one source is left, or where the instrument was wanted again since', () => {
    const { prices, bring, set } = openMerger();
    set('b');
    bring('b', 1);
    bring('b', 2);
    bring('a', 2);
    set();
    set('b');
    bring('b', 3);
    bring('a', 2);
    bring('a', 3);
    expect(prices).toEqual([1, 2, 3]);
  });

  test('comes as it is where it brings the instrument for itself', () => {
    const { prices, apart, bring, set } = openMerger();
    apart.add('a');
    bring('b', 1);
    set('b', 'c');
    bring('b', 2);
    bring('a', 2);
    expect(prices).toEqual([1, 2, 2]);
  });

  test('is forgotten when nothing of it can be under way any more', () => {
    const { clock, prices, bring, set } = openMerger();
    set('b', 'c');
    bring('b', 1);
    clock.pass(31_000);
    bring('b', 2);
    set('b', 'd');
    bring('b', 3);
    bring('a', 3);
    expect(prices).toEqual([1, 2, 3, 3]);
  });
});
