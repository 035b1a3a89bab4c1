import { describe, expect, test } from 'vitest';

import { judgeStream } from '../../src/oracle/judge-stream.js';
import { broken, cut, FOUR } from '../support/judged-stream.js';
import { dropped, gap, OTHER, recordOf, tick, ticks, TOKEN, World } from '../support/streams.js';

describe('a stream breaks a rule', () => {
  test('where a state is missing, and nothing says so', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101]), ticks(2001, [102]), ticks(4001, [104])])).toEqual([
      'lost',
    ]);
  });

  test('where the last states never come', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101]), ticks(2001, [102])])).toEqual(['lost', 'lost']);
  });

  test('where the gap comes after something newer', () => {
    expect(broken(cut(), [ticks(1001, [101]), ticks(4001, [104]), gap(1001, 3600)])).toEqual([
      'lost',
      'lost',
    ]);
  });

  test('where the gap concerns another instrument, begins too late or ends too early', () => {
    expect(
      broken(cut(), [ticks(1001, [101]), gap(1001, 3600, { instrumentTokens: [OTHER] }), ticks(4001, [104])]),
    ).toEqual(['lost', 'lost']);
    expect(broken(cut(), [ticks(1001, [101]), gap(1002, 3600), ticks(4001, [104])])).toEqual([
      'lost',
      'lost',
    ]);
    expect(broken(cut(), [ticks(1001, [101]), gap(1001, 2500), ticks(4001, [104])])).toEqual(['lost']);
  });

  test('where a drop counts what never came', () => {
    expect(broken(cut(), [ticks(1001, [101]), dropped(2), ticks(4001, [104])])).toEqual([
      'lost',
      'lost',
      'drop-overcounted',
    ]);
  });

  test('where a gap covers the last state before it, which came', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102 },
        { at: 4000, price: 103, connection: 2 },
      ],
      { 1: { opened: 0, left: 3500 }, 2: { opened: 3600 } },
    );
    expect(broken(world, [ticks(1001, [101]), gap(2001, 3600), ticks(4001, [103])])).toEqual(['lost']);
  });

  test('where a gap begins in the millisecond in which the last state before it came', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102, comes: 2001.6 },
        { at: 4000, price: 104, connection: 2 },
      ],
      { 1: { opened: 0, left: 3500 }, 2: { opened: 3600 } },
    );
    expect(broken(world, [ticks(1001, [101]), gap(2001, 3600), ticks(4001, [104])])).toEqual(['lost']);
  });

  test('where fewer were counted as dropped than are missing', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101]), dropped(1), ticks(4001, [104])])).toEqual(['lost']);
  });

  test('where the dropped are counted before or behind the place where they are missing', () => {
    expect(
      broken(new World(FOUR), [dropped(1), ticks(1001, [101]), ticks(3001, [103]), ticks(4001, [104])]),
    ).toEqual(['drop-misplaced']);
    expect(
      broken(new World(FOUR), [ticks(1001, [101]), ticks(3001, [103]), dropped(1), ticks(4001, [104])]),
    ).toEqual(['drop-misplaced']);
  });

  test('where something newer of the connection came first, though of another instrument', () => {
    const world = new World([...FOUR.slice(0, 2), { at: 2500, price: 7, token: OTHER }, FOUR[2]!]);
    const other = ticks(2501, [tick(7, OTHER)]);
    expect(broken(world, [ticks(1001, [101]), other, dropped(1), ticks(3001, [103])])).toEqual([
      'drop-misplaced',
    ]);
    expect(broken(world, [ticks(1001, [101]), dropped(1), other, ticks(3001, [103])])).toEqual([]);
    // Where only the newest states are kept, a batch is in no such order.
    const conflated = { plan: { overflow: 'conflate' as const } };
    expect(broken(world, [ticks(1001, [101]), other, dropped(1), ticks(3001, [103])], conflated)).toEqual([]);
  });

  test('where the dropped are counted for another connection', () => {
    const world = new World([...FOUR, { at: 3500, price: 7, token: OTHER, connection: 2 }], {
      1: { opened: 0 },
      2: { opened: 0, channel: 1 },
    });
    const other = ticks(3501, [tick(7, OTHER)], 1);
    const rest = [other, ticks(4001, [104])];
    expect(broken(world, [ticks(1001, [101]), dropped(2, 1), ...rest])).toEqual([
      'drop-source',
      'drop-source',
    ]);
    expect(broken(world, [ticks(1001, [101]), dropped(2, 0), ...rest])).toEqual([]);
  });

  test('where more were counted as dropped than are missing', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101]), dropped(3), ticks(4001, [104])])).toEqual([
      'drop-overcounted',
    ]);
  });

  test('and where some instruments are read, more than that and than what was lost on the way', () => {
    const told = (lost: number): string[] => {
      const { facts } = new World(FOUR);
      const items = [ticks(1001, [101]), dropped(3), ticks(4001, [104])];
      const record = recordOf(
        items.map((item) => [4001, item]),
        { plan: { tokens: [TOKEN] } },
      );
      const lostOnTheWay = [{ at: 3000, count: lost }];
      return judgeStream(record, { ...facts, lostOnTheWay }).failures.map(({ rule }) => rule);
    };
    expect(told(1)).toEqual([]);
    expect(told(0)).toEqual(['drop-overcounted']);
  });

  test('where a state comes twice, or after a newer one', () => {
    const all = [ticks(1001, [101]), ticks(2001, [102]), ticks(3001, [103]), ticks(4001, [104])];
    expect(broken(new World(FOUR), [...all.slice(0, 2), all[1]!, ...all.slice(2)])).toEqual(['repeated']);
    expect(broken(new World(FOUR), [...all.slice(0, 3), all[0]!, all[3]!])).toEqual(['turned-back']);
  });

  test('where a state comes that was never sent, or before it reached the client', () => {
    const invented = [
      ticks(1001, [101]),
      ticks(2001, [102]),
      ticks(2500, [102.5]),
      ticks(3001, [103]),
      ticks(4001, [104]),
    ];
    expect(broken(new World(FOUR), invented)).toEqual(['invented']);
    expect(
      broken(cut(), [ticks(1001, [101]), ticks(2001, [102]), gap(1001, 3600), ticks(4001, [104])]),
    ).toEqual(['invented']);
  });

  test('where ticks say that they came at another time', () => {
    expect(
      broken(new World(FOUR), [
        ticks(1001, [101]),
        ticks(2002, [102]),
        ticks(3001, [103]),
        ticks(4001, [104]),
      ]),
    ).toEqual(['origin-wrong']);
  });
});
