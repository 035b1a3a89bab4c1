import { describe, expect, test } from 'vitest';

import { ReplicaMerge } from '../../src/feed/replica-merge.js';
import { handedOn, MergeBench, numbers, type Outcome, showsPrice, WAIT_MS } from '../support/merge-bench.js';

describe('copies of one instrument', () => {
  test('a price that comes back is not swallowed', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.stop('b');
    expect([10, 11, 10, 10].flatMap((price) => handedOn(bench.bring('a', price, 0)))).toEqual([
      10, 11, 10, 10,
    ]);
    expect([10, 11, 10, 10].flatMap((price) => bench.bring('b', price, 0))).toEqual([]);
  });

  test('a state that comes back within its second is new for a source that has brought another one since, and comes once', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    const told: Outcome[] = [];
    for (const item of [3, 4, 3, 4, 5]) told.push(...bench.bring('a', item, 0), ...bench.bring('b', item, 1));
    expect(told).toEqual([3, 4, 3, 4, 5].map((item) => ({ type: 'new', item })));
  });

  test('a source that is behind does not repeat states that came back within their second', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    for (const item of [3, 4, 3, 4]) bench.bring('a', item, 0);
    for (const item of [3, 4, 3, 4]) expect(bench.bring('b', item, 500)).toEqual([]);
    expect(bench.bring('b', 3, 600)).toEqual([{ type: 'new', item: 3 }]);
  });

  test('a source that begins alone brings what has come back since; beside another one it leaves that to it', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    for (const item of [3, 4]) bench.bring('a', item, 0);
    bench.stop('b');
    bench.join('b');
    expect(bench.bring('b', 3, 1)).toEqual([]);
    expect(bench.bring('a', 3, 2)).toEqual([{ type: 'new', item: 3 }]);
    bench.bring('a', 4, 3);
    bench.stop('a');
    bench.stop('b');
    bench.join('b');
    expect(bench.bring('b', 3, 4)).toEqual([{ type: 'new', item: 3 }]);
  });

  test('a source that joins with a price that was there before is up to date all the same', () => {
    const bench = new MergeBench();
    bench.join('a');
    for (const price of [10, 11, 10]) bench.bring('a', price, 0);
    bench.join('b');
    expect(bench.bring('b', 10, 1)).toEqual([]);
    expect(bench.bring('b', 12, 2)).toEqual([{ type: 'new', item: 12 }]);
    expect(bench.bring('b', 11, 3)).toEqual([{ type: 'new', item: 11 }]);
  });

  test('a dated state that is newer passes at once, one that is older is too late at once', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    bench.bring('a', 3, 0);
    expect(bench.bring('b', 9, 1)).toEqual([{ type: 'new', item: 9 }]);
    expect(bench.bring('a', 6, 2)).toEqual([{ type: 'too-late', item: 6 }]);
  });

  test('a dated state passes at once also behind one that has to wait, which is too late then', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    bench.bring('a', 3, 0);
    bench.bring('a', 4, 0);
    expect(bench.bring('b', 5, 1)).toEqual([]);
    expect(bench.bring('b', 6, 2)).toEqual([
      { type: 'too-late', item: 5 },
      { type: 'new', item: 6 },
    ]);
    expect(bench.merge.dueAt).toBeUndefined();
  });

  test('a source that joins begins with the newest state: what was handed on before is older', () => {
    const bench = new MergeBench();
    bench.join('a');
    for (const item of [1, 2]) bench.bring('a', item, 0);
    bench.join('b');
    expect(bench.bring('b', 1, 10)).toEqual([{ type: 'new', item: 1 }]);
    // It is not known when the other one brings these in the end.
    expect(bench.bring('a', 3, 20)).toEqual([]);
    expect(bench.bring('a', 1, 30)).toEqual([{ type: 'too-late', item: 3 }]);
    expect(bench.bring('b', 4, 40)).toEqual([{ type: 'new', item: 4 }]);
    expect(bench.bring('a', 4, 50)).toEqual([]);
  });

  test('an undated state of a source that is behind waits until it is known, and never longer than it may', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    expect(handedOn(bench.bring('a', 1, 0))).toEqual([1]);
    expect(bench.bring('b', 2, 10)).toEqual([]);
    expect(bench.merge.dueAt).toBe(10 + WAIT_MS);
    expect(bench.bring('a', 2, 20)).toEqual([{ type: 'new', item: 2 }]);
    expect(bench.merge.dueAt).toBeUndefined();
    expect(bench.bring('b', 5, 30)).toEqual([]);
    expect(bench.expire(30 + WAIT_MS - 1)).toEqual([]);
    expect(bench.expire(30 + WAIT_MS)).toEqual([{ type: 'too-late', item: 5 }]);
  });

  test('a price that comes back later than any source is behind is new, though its source seemed to be far behind', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    expect(bench.bring('b', 1, 20_000)).toEqual([]);
    for (const item of [2, 3]) bench.bring('a', item, 22_000);
    expect(bench.bring('b', 3, 56_000)).toEqual([{ type: 'new', item: 3 }]);
  });

  test('a source that begins with the price delivered last, however long ago, repeats it, and its next one is new', () => {
    const bench = new MergeBench();
    bench.join('a');
    for (const price of [1, 2]) bench.bring('a', price, 0);
    bench.stop('a');
    bench.join('b');
    expect(bench.bring('b', 2, 600_000)).toEqual([]);
    expect(bench.bring('b', 3, 600_001)).toEqual([{ type: 'new', item: 3 }]);
    expect(bench.bring('b', 2, 700_000)).toEqual([{ type: 'new', item: 2 }]);
  });

  test('a price that only another source was shown, and that comes much later, is new', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const source of ['a', 'b']) bench.bring(source, 1, 0);
    bench.bring('a', 2, 1);
    expect(bench.bring('b', 2, 60_000)).toEqual([{ type: 'new', item: 2 }]);
  });

  test('a price that another source shows again in another form is not between a source and its next price', () => {
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b', 'c');
    for (const source of ['a', 'b', 'c']) bench.bring(source, 1, 0);
    bench.stop('c');
    bench.join('c');
    expect(handedOn(bench.bring('c', 1.5, 10))).toEqual([1.5]);
    bench.bring('c', 1, 11);
    expect(handedOn(bench.bring('a', 2, 12))).toEqual([2]);
    expect(bench.bring('b', 2, 6000)).toEqual([]);
  });

  test('a source that begins with a quote and then its price brings one state, however old', () => {
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b');
    bench.bring('a', 1.5, 0);
    bench.bring('a', 1, 1);
    bench.stop('b');
    bench.join('b');
    expect(bench.bring('b', 1.5, 60_000)).toEqual([]);
    expect(bench.bring('b', 1, 60_001)).toEqual([]);
  });

  test('the price that was handed on last is not handed on again for a source that was behind', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const item of [1, 2, 3]) bench.bring('a', item, 0);
    expect(bench.bring('b', 3, 4000)).toEqual([]);
  });

  test('bursts of prices that differ cost little for each state, and none waits without a bound', () => {
    let compared = 0;
    let told = 0;
    const merge = new ReplicaMerge<string, number>(
      {
        covers: (a, b) => {
          compared++;
          return a === b;
        },
        timestampOf: () => null,
        volumeOf: () => undefined,
      },
      { fresh: () => undefined, tooLate: () => told++ },
      WAIT_MS,
    );
    for (const source of ['a', 'b']) merge.join(source, 0);
    for (const source of ['a', 'b']) merge.bring(source, 0, undefined, 0);
    const each = 2000;
    for (let count = 1; count <= each; count++) merge.bring('a', count, undefined, 1);
    for (let count = 1; count <= each; count++) merge.bring('b', -count, undefined, 2);
    for (let count = 1; count <= each; count++) merge.bring('a', each + count, undefined, 3);
    expect(compared / (3 * each)).toBeLessThan(40_000);
    expect(told).toBeGreaterThanOrEqual(each - 256);
  });

  test('nobody waits for a source that has stopped', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    expect(bench.bring('b', 3, 10)).toEqual([]);
    expect(bench.stop('a')).toEqual([{ type: 'too-late', item: 3 }]);
    expect(bench.merge.dueAt).toBeUndefined();
  });

  test('one that is left alone is not behind for long', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    bench.stop('a');
    expect(bench.bring('b', 2, 10)).toEqual([{ type: 'too-late', item: 2 }]);
    expect(bench.bring('b', 3, 3100)).toEqual([{ type: 'new', item: 3 }]);
    expect(bench.bring('b', 4, 3101)).toEqual([{ type: 'new', item: 4 }]);
  });

  test('a quiet instrument whose source returns is not repeated, after however long', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    bench.bring('b', 1, 1);
    bench.stop('b');
    bench.join('b');
    expect(bench.bring('b', 1, 3_600_000)).toEqual([]);
  });

  test('what a source brings after it was silent for long is recognised, on the same socket', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const item of [1, 2, 3, 4]) bench.bring('a', item, item);
    bench.do((merge) => {
      merge.stop('b', 4, true);
    });
    for (const item of [1, 2, 3, 4]) expect(bench.bring('b', item, 9000)).toEqual([]);
  });

  test('what waits at a source that leaves is told, or comes as soon as another one brings it', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const item of [1, 2]) bench.bring('a', item, 5);
    for (const item of [3, 4]) expect(bench.bring('b', item, 10)).toEqual([]);
    const leaving = bench.do((merge) => {
      merge.leave('b', 10);
    });
    expect(leaving).toEqual([]);
    expect(bench.bring('a', 3, 20)).toEqual([{ type: 'new', item: 3 }]);
    expect(bench.expire(10 + WAIT_MS)).toEqual([{ type: 'too-late', item: 4 }]);
  });

  test('what waits at a source that brings it for itself from now on is told', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    bench.bring('b', 2, 10);
    const outcomes = bench.do((merge) => {
      merge.remove('b', 10);
    });
    expect(outcomes).toEqual([{ type: 'too-late', item: 2 }]);
  });

  test('the lesser form of a state that was handed on is a copy, and the greater form of the newest is new', () => {
    // A quote is the whole number of its state; the full packet has a fraction.
    const bench = new MergeBench('never', showsPrice);
    bench.join('a');
    bench.bring('a', 7.5, 0);
    bench.join('b');
    expect(bench.bring('b', 7, 1)).toEqual([]);
    expect(bench.bring('b', 7.5, 2)).toEqual([]);
    expect(bench.bring('b', 8, 3)).toEqual([{ type: 'new', item: 8 }]);
    expect(bench.bring('a', 8, 4)).toEqual([]);
    expect(bench.bring('a', 8.5, 4)).toEqual([{ type: 'new', item: 8.5 }]);
    expect(bench.bring('b', 8.5, 5)).toEqual([]);
    expect(bench.bring('b', 8.5, 6)).toEqual([{ type: 'new', item: 8.5 }]);
  });

  test('a price that comes again is new, also after an account that joined has shown more of it', () => {
    const bench = new MergeBench('never', showsPrice);
    bench.join('a');
    for (const item of [7, 7]) expect(bench.bring('a', item, 0)).toEqual([{ type: 'new', item }]);
    bench.join('b');
    // A server begins with more than was asked for.
    expect(bench.bring('b', 7.5, 1)).toEqual([{ type: 'new', item: 7.5 }]);
    expect(bench.bring('b', 7, 1)).toEqual([]);
    expect(bench.bring('b', 7, 2)).toEqual([{ type: 'new', item: 7 }]);
    expect(bench.bring('a', 7, 3)).toEqual([]);
    expect(bench.bring('a', 7, 4)).toEqual([{ type: 'new', item: 7 }]);
  });

  test('a newest state that was wanted once more, in a lesser form, comes once from sources that begin with more of it', () => {
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b', 'c');
    for (const source of ['a', 'b', 'c']) bench.bring(source, 7.5, 0);
    bench.do((merge) => {
      for (const source of ['a', 'b', 'c']) merge.leave(source, 5000);
      merge.ask();
      for (const source of ['a', 'b', 'c']) merge.join(source, 10_000);
    });
    expect(bench.bring('a', 7, 10_001)).toEqual([{ type: 'new', item: 7 }]);
    expect(bench.bring('b', 7, 10_002)).toEqual([]);
    for (const item of [7.5, 7]) expect(bench.bring('c', item, 13_000)).toEqual([]);
    // Prices that come again are new.
    expect(bench.bring('c', 7, 14_000)).toEqual([{ type: 'new', item: 7 }]);
  });

  test('what was between two states that look alike is too late once the second one was brought, wanted anew', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    for (const source of ['a', 'b']) bench.bring(source, 3, 0);
    bench.do((merge) => {
      for (const source of ['a', 'b']) merge.leave(source, 5000);
      merge.ask();
      for (const source of ['a', 'b']) merge.join(source, 10_000);
    });
    expect(bench.bring('a', 3, 10_001)).toEqual([{ type: 'new', item: 3 }]);
    expect(bench.bring('b', 4, 10_002)).toEqual([]);
    expect(bench.bring('b', 3, 10_003)).toEqual([{ type: 'too-late', item: 4 }]);
    expect(bench.bring('b', 5, 10_004)).toEqual([{ type: 'new', item: 5 }]);
  });

  test('a price that a source brings long after what it began with came too late is new', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of [10, 11]) for (const source of ['a', 'b']) bench.bring(source, price, 0);
    bench.do((merge) => {
      merge.leave('b', 0);
      merge.join('b', 100);
    });
    bench.bring('a', 12, 110);
    expect(bench.bring('b', 9, 120)).toEqual([]);
    expect(bench.expire(120 + WAIT_MS)).toEqual([{ type: 'too-late', item: 9 }]);
    expect(bench.bring('b', 11, 20_000)).toEqual([{ type: 'new', item: 11 }]);
  });

  test('what a source brings once more after it was asked again over its socket is not new', () => {
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b');
    for (const item of [7.5, 7]) expect(bench.bring('a', item, 0)).toEqual([{ type: 'new', item }]);
    for (const item of [7.5, 7, 7.5, 7]) expect(bench.bring('b', item, 1)).toEqual([]);
    expect(bench.bring('b', 8, 2)).toEqual([{ type: 'new', item: 8 }]);
  });

  test('a state that comes back later than any source is behind is new, and comes once', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    expect(bench.bring('a', 5, 0)).toEqual([{ type: 'new', item: 5 }]);
    expect(bench.bring('b', 5, 0)).toEqual([]);
    for (const item of [3, 4])
      expect(bench.bring('a', item + 3, 10)).toEqual([{ type: 'new', item: item + 3 }]);
    expect(bench.bring('b', 6, 40_000)).toEqual([{ type: 'new', item: 6 }]);
    expect(bench.bring('a', 6, 40_001)).toEqual([]);
  });

  test('a source that is behind and brings an old look-alike first repeats nothing that it had left out', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b', 'c');
    for (const source of ['a', 'b', 'c']) bench.bring(source, 1, 0);
    for (const item of [3, 4]) for (const source of ['a', 'b']) bench.bring(source, item, 10);
    for (const item of [4, 3, 4]) expect(bench.bring('c', item, 1500)).toEqual([]);
    expect(bench.bring('c', 5, 1600)).toEqual([{ type: 'new', item: 5 }]);
  });

  test('a source that has shown only a lesser form of the newest state brings an older one too late', () => {
    interface State {
      readonly volume: number;
      readonly second?: number;
    }
    const told: string[] = [];
    const merge = new ReplicaMerge<string, State>(
      {
        covers: (a, b) => a.volume === b.volume && (b.second === undefined || a.second === b.second),
        timestampOf: ({ second }) => (second === undefined ? null : second * 1000),
        volumeOf: ({ volume }) => volume,
      },
      {
        fresh: (source) => told.push(`new of ${source}`),
        tooLate: (source) => told.push(`too late of ${source}`),
      },
      WAIT_MS,
    );
    for (const source of ['a', 'b']) merge.join(source, 0);
    merge.bring('a', { volume: 7, second: 12 }, undefined, 0);
    merge.bring('b', { volume: 7 }, undefined, 1);
    merge.bring('b', { volume: 7, second: 10 }, undefined, 2);
    expect(told).toEqual(['new of a', 'too late of b']);
  });

  test('a quiet instrument whose price came after its quote is not repeated, after however long', () => {
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b');
    for (let item = 1; item <= 20; item++) bench.bring('a', item, 0);
    for (const item of [21.5, 21]) bench.bring('a', item, 0);
    for (const source of ['a', 'b', 'a']) {
      bench.stop(source);
      bench.join(source);
      for (const item of [21.5, 21]) expect(bench.bring(source, item, 3_600_000)).toEqual([]);
    }
  });

  test('what a source that is always behind brings after a moment of silence is recognised', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    bench.bring('a', 1, 0);
    expect(bench.bring('b', 1, 400)).toEqual([]);
    for (const item of [2, 3]) bench.bring('a', item, 1000);
    expect(bench.bring('b', 3, 4400)).toEqual([]);
  });

  test.each([
    ['prices that stay', [1, 2, ...Array<number>(20).fill(3)], [5, ...Array<number>(20).fill(3)]],
    [
      'others between the prices',
      numbers(1, 20),
      [...numbers(3, 8), 50, ...numbers(9, 14), 51, ...numbers(15, 20)],
    ],
    ['some of the prices', numbers(1, 30), [...numbers(3, 9), ...numbers(11, 19), ...numbers(21, 30)]],
    ['prices that equal the next one of the log by chance', [1, 2, 1, 2], [9, 1, 2, 1, 2]],
  ])('%s, shown by a source that is astray, do not make the next one new', (_, prices, others) => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of prices) bench.bring('a', price, 0);
    expect(others.flatMap((price) => handedOn(bench.bring('b', price, 1)))).toEqual([]);
    expect(bench.bring('b', 70, 2)).toEqual([]);
  });

  test('a source that was astray is up to date once the price has changed twelve times in a row as the others have shown', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of numbers(1, 30)) bench.bring('a', price, 0);
    for (const price of numbers(19, 30)) expect(bench.bring('b', price, 1)).toEqual([]);
    expect(bench.bring('b', 31, 2)).toEqual([{ type: 'new', item: 31 }]);
  });

  test('so is one that brings each price before the others do', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of numbers(1, 10)) bench.bring('a', price, 0);
    expect(bench.bring('b', 5, 1)).toEqual([]);
    for (const price of numbers(11, 22)) {
      expect(bench.bring('b', price, price)).toEqual([]);
      expect(bench.bring('a', price, price)).toEqual([{ type: 'new', item: price }]);
    }
    expect(bench.bring('b', 23, 23)).toEqual([{ type: 'new', item: 23 }]);
  });

  test('where the only source that was up to date goes, one that has brought the last four changes is up to date', () => {
    const bench = new MergeBench();
    bench.join('a', 'b', 'c');
    for (const price of numbers(1, 9)) bench.bring('a', price, 0);
    for (const price of [3, ...numbers(5, 9)])
      for (const source of ['b', 'c']) expect(bench.bring(source, price, 1)).toEqual([]);
    expect(bench.stop('a')).toEqual([]);
    expect(bench.bring('b', 3, 2)).toEqual([{ type: 'new', item: 3 }]);
    expect(bench.bring('c', 3, 3)).toEqual([]);
  });

  test('sources that are astray do not leave it to each other to bring what is new', () => {
    const bench = new MergeBench();
    bench.join('a', 'b', 'c');
    for (const price of numbers(1, 9)) bench.bring('a', price, 0);
    for (const source of ['b', 'c']) expect(bench.bring(source, 3, 1)).toEqual([]);
    bench.stop('a');
    for (const source of ['b', 'c'])
      expect(bench.bring(source, 8, 2)).toEqual([{ type: 'too-late', item: 8 }]);
  });

  test('a source whose first quote was too late is up to date once it has brought the newest price', () => {
    // One quote of the price has the fraction .5, another one .25.
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b');
    bench.bring('a', 7.5, 0);
    expect(bench.bring('b', 7.25, 1000)).toEqual([]);
    expect(bench.bring('b', 7, 1000)).toEqual([{ type: 'too-late', item: 7.25 }]);
    expect(bench.bring('b', 8, 1001)).toEqual([{ type: 'new', item: 8 }]);
  });

  test('a price that was taken for a copy is told as too late when nobody is left who might bring it', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of [1, 2, 3]) bench.bring('a', price, 0);
    expect(bench.bring('b', 2, 100)).toEqual([]);
    expect(bench.bring('b', 3, 2000)).toEqual([]);
    expect(bench.bring('a', 4, 3500)).toEqual([{ type: 'new', item: 4 }]);
    // What is older the other one has brought long ago.
    expect(bench.stop('a')).toEqual([{ type: 'too-late', item: 3 }]);
    expect(bench.bring('b', 3, 3501)).toEqual([{ type: 'too-late', item: 3 }]);
  });

  test('so is one that comes late, where nothing shows that its source is that far behind', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const source of ['b', 'a']) bench.bring(source, 1, 0);
    bench.bring('a', 2, 1000);
    bench.bring('a', 3, 9000);
    expect(bench.bring('b', 2, 10_000)).toEqual([]);
    expect(bench.stop('a')).toEqual([{ type: 'too-late', item: 2 }]);
  });

  test('a price that a source brings late is a copy, however late, where it left out none of the others before', () => {
    const bench = new MergeBench();
    bench.join('a', 'b');
    for (const price of numbers(1, 13))
      for (const source of ['a', 'b']) bench.bring(source, price, price * 1000);
    for (const price of [14, 15]) bench.bring('a', price, price * 1000);
    for (const price of [14, 15]) expect(bench.bring('b', price, 20_000)).toEqual([]);
    expect(bench.bring('b', 16, 20_001)).toEqual([{ type: 'new', item: 16 }]);
  });

  test('a quote whose place nothing tells waits, though its source has brought the price of the newest one', () => {
    // One quote of the price has the fraction .5, another one .25.
    const bench = new MergeBench('fraction', showsPrice);
    bench.join('a', 'b');
    for (const source of ['a', 'b']) bench.bring(source, 7, 0);
    expect(bench.bring('a', 7.5, 1000)).toEqual([{ type: 'new', item: 7.5 }]);
    expect(bench.bring('b', 7.25, 1400)).toEqual([]);
    expect(bench.bring('b', 7.5, 1400)).toEqual([{ type: 'too-late', item: 7.25 }]);
    expect(bench.bring('b', 8.5, 1401)).toEqual([{ type: 'new', item: 8.5 }]);
  });

  test('who was first, and by how much, and who alone', () => {
    const told: string[] = [];
    const merge = new ReplicaMerge<string, number>(
      { covers: (a, b) => a === b, timestampOf: () => null, volumeOf: (item) => item },
      {
        fresh: () => undefined,
        tooLate: () => undefined,
        copied: (first, leadMs) => told.push(`${first} ${leadMs}`),
        alone: (only) => told.push(`${only} alone`),
      },
      WAIT_MS,
    );
    merge.join('a', 0);
    merge.join('b', 0);
    for (let item = 0; item < 8; item++) merge.bring('a', item, undefined, 0);
    merge.bring('b', 7, undefined, 12);
    merge.bring('b', 8, undefined, 20);
    merge.bring('a', 8, undefined, 25);
    expect(told).toEqual(['a 12', 'b 5']);
    for (let item = 9; item < 20; item++) merge.bring('a', item, undefined, 60_000);
    expect(told.filter((line) => line === 'a alone')).toHaveLength(7);
  });

  test('an instrument is not silenced by a state that was dated ahead, nor by a new day', () => {
    const bench = new MergeBench('second');
    bench.join('a', 'b');
    for (const item of [3_000_000, 3, 6]) {
      expect(bench.bring('a', item, 0)).toEqual([{ type: 'new', item }]);
      expect(bench.bring('b', item, 1)).toEqual([]);
    }
    expect(bench.bring('b', 9, 2)).toEqual([{ type: 'new', item: 9 }]);
  });
});
