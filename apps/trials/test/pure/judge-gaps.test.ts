import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { judgeGaps } from '../../src/oracle/judge-gaps.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { gap, OTHER, recordOf, tick, ticks, TOKEN, WALL, World } from '../support/streams.js';

/** A connection that ends at 2000, half a second after its last data, and another one that opens at 3000. */
const world = (channel = 0): World =>
  new World(
    [
      { at: 1499, price: 101 },
      { at: 3500, price: 102, connection: 2 },
    ],
    { 1: { opened: 0, left: 2000 }, 2: { opened: 3000, channel } },
  );

/** Ticks are read as they come. */
const timeOf = (item: Item): number => (item.type === 'ticks' ? item.receivedAt - WALL : 0);

function broken(items: readonly Item[], { facts } = world()): string[] {
  const record = recordOf(items.map((item) => [item.type === 'gap' ? 3000 : timeOf(item), item]));
  return judgeGaps(judgeStream(record, facts), facts).map(({ rule }) => rule);
}

const [before, after] = [ticks(1500, [101]), ticks(3501, [102])];

describe('gaps are sound', () => {
  test('where one reaches from the last data of the old connection to the opening of the new one, or further', () => {
    expect(broken([before, gap(1500, 3000), after])).toEqual([]);
    expect(broken([before, gap(1500, 3100), after])).toEqual([]);
    expect(broken([before, gap(1500, 3000, { instrumentTokens: [TOKEN] }), after])).toEqual([]);
  });

  test('where an instrument has moved, and the gap is one of its new connection', () => {
    const moved = world(1);
    expect(
      broken([before, gap(1500, 3000, { instrumentTokens: [TOKEN] }, 1), ticks(3501, [102], 1)], moved),
    ).toEqual([]);
  });

  test('where nobody wanted the instrument meanwhile', () => {
    const unwanted = world();
    unwanted.facts.wanted.note([TOKEN], 1600, false);
    unwanted.facts.wanted.note([TOKEN], 3400, true);
    expect(broken([before, after], unwanted)).toEqual([]);
  });

  test('where the clock was set back, and had shown the time of the gap before', () => {
    const { facts } = new World(
      [
        { at: 999, price: 7, token: OTHER },
        { at: 1499, price: 101 },
        { at: 3500, price: 102, connection: 2 },
      ],
      { 1: { opened: 0, left: 2000 }, 2: { opened: 3000 } },
    );
    const first = facts.sent.of(OTHER)[0]!;
    Object.assign(first, { arrival: { ...first.arrival!, wall: WALL + 2500 } });
    facts.wire.wall.saw(0, WALL + 1500);
    facts.wire.wall.saw(1200, WALL + 1200);
    const items = [ticks(2500, [tick(7, OTHER)]), ticks(1500, [101]), gap(1500, 3000), ticks(3501, [102])];
    const times = [1000, 1500, 3000, 3501];
    const record = recordOf(items.map((item, index) => [times[index]!, item]));
    expect(judgeGaps(judgeStream(record, facts), facts)).toEqual([]);
  });

  test('where the old connection has not ended', () => {
    const both = new World(
      [
        { at: 1499, price: 101 },
        { at: 3500, price: 102, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 3000, channel: 1 } },
    );
    expect(broken([before, ticks(3501, [102], 1)], both)).toEqual([]);
  });
});

describe('a gap after a silence', () => {
  /** Nothing comes from 1500 to 6500, then a state, and the connection ends at 7000. */
  const silent = (from: number, to: number): World => {
    const one = new World(
      [
        { at: 1499, price: 101 },
        { at: 6499, price: 102 },
        { at: 9500, price: 103, connection: 2 },
      ],
      { 1: { opened: 0, left: 7000 }, 2: { opened: 9000 } },
    );
    one.facts.wire.sockets[0]!.silences.push({ from, to });
    return one;
  };
  const rules = (begins: number, { facts }: World): string[] => {
    const record = recordOf([
      [1500, ticks(1500, [101])],
      [6500, ticks(6500, [102])],
      [9000, gap(begins, 9000)],
      [9501, ticks(9501, [103])],
    ]);
    return judgeGaps(judgeStream(record, facts), facts).map(({ rule }) => rule);
  };

  test('may begin with the last data before it, for what waited meanwhile may not all have come', () => {
    expect(rules(1500, silent(1500, 6500))).toEqual([]);
  });

  test('is wrong where it begins earlier, or where something came meanwhile', () => {
    expect(rules(1400, silent(1500, 6500))).toEqual(['gap-wrong']);
    expect(rules(1500, silent(3000, 6500))).toEqual(['gap-wrong']);
  });
});

describe('gaps break a rule', () => {
  test('where there is none, or none about the instrument', () => {
    expect(broken([before, after])).toEqual(['gap-missing']);
    expect(broken([before, gap(1500, 3000, { instrumentTokens: [OTHER] }), after])).toEqual(['gap-missing']);
    expect(broken([before, gap(1500, 3000, {}, 2), after])).toEqual(['gap-missing']);
  });

  test('where one is a millisecond short at either end', () => {
    expect(broken([before, gap(1501, 3000), after])).toEqual(['gap-short']);
    expect(broken([before, gap(1500, 2999), after])).toEqual(['gap-short']);
  });

  test('where one claims a time in which the instrument came', () => {
    expect(broken([before, gap(1400, 3000), after])).toEqual(['gap-wrong']);
  });
});

describe('where the wall clock was set meanwhile', () => {
  /** The clock is set at 2500, by so much. */
  const set = (ms: number): World => {
    const one = world();
    one.facts.wire.wall.saw(2500, WALL + 2500 + ms);
    one.facts.wire.sockets[1]!.openedWall = WALL + 3000 + ms;
    return one;
  };

  test('a gap has the length of the outage, and ends with it', () => {
    expect(broken([before, gap(1500 - 5000, 3000 - 5000), after], set(-5000))).toEqual([]);
    expect(broken([before, gap(1500, 3000 + 5000), after], set(5000))).toEqual([]);
    expect(broken([before, gap(1500 + 5000, 3000 + 5000), after], set(5000))).toEqual([]);
  });

  test('a gap may reach from the end of the outage to its beginning, by the clock of then', () => {
    const back = set(-5000);
    expect(broken([before, gap(3000 - 5000, 1500), after], back)).toEqual([]);
    expect(broken([before, gap(3000 - 5000, 1400), after], back)).toEqual(['gap-wrong']);
  });

  test('a gap is short that is shorter than the outage, whatever the clock said', () => {
    expect(broken([before, gap(1500, 2000), after], set(-1000))).toEqual(['gap-short']);
    expect(broken([before, gap(500, 2000), after], set(-1000))).toEqual([]);
    expect(broken([before, gap(1200, 1500), after], set(-1800))).toEqual(['gap-short']);
    expect(broken([before, gap(-300, 1500), after], set(-1800))).toEqual([]);
  });

  test('a gap of a move reaches to the end of the old connection, by the clock of when it is told', () => {
    const moved = new World(
      [
        { at: 1499, price: 101 },
        { at: 3500, price: 102, connection: 2 },
      ],
      { 1: { opened: 0, left: 2000 }, 2: { opened: 500, channel: 1 } },
    );
    moved.facts.wire.wall.saw(2500, WALL + 2500 - 5000);
    const told = (ends: number): Item => gap(-3500, ends, { instrumentTokens: [TOKEN] }, 1);
    expect(broken([before, told(1500), ticks(3501, [102], 1)], moved)).toEqual([]);
    expect(broken([before, told(-3100), ticks(3501, [102], 1)], moved)).toEqual(['gap-short']);
  });

  test('a gap that ends as it begins, in the future, is short', () => {
    expect(broken([before, gap(1500, 1500), after], set(-5000))).toEqual(['gap-short']);
  });
});
