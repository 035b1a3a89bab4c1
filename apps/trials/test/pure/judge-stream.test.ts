import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { Reference } from '../../src/oracle/reference.js';
import { broken, cut, FOUR, ofAccount } from '../support/judged-stream.js';
import {
  dropped,
  gap,
  OTHER,
  type RecordChange,
  recordOf,
  tick,
  ticks,
  TOKEN,
  WALL,
  World,
} from '../support/streams.js';

describe('a stream is sound', () => {
  test('where each state came once and in order', () => {
    expect(
      broken(new World(FOUR), [
        ticks(1001, [101]),
        ticks(2001, [102]),
        ticks(3001, [103]),
        ticks(4001, [104]),
      ]),
    ).toEqual([]);
  });

  test('where what did not come lies in a gap that was reported before anything newer', () => {
    expect(broken(cut(), [ticks(1001, [101]), gap(1001, 3600), ticks(4001, [104])])).toEqual([]);
    expect(
      broken(cut(), [ticks(1001, [101]), gap(1001, 3600, { instrumentTokens: [TOKEN] }), ticks(4001, [104])]),
    ).toEqual([]);
  });

  test('where what was lost on its way while a batch was gathered was counted in front of the batch', () => {
    const world = new World(FOUR.slice(0, 3));
    const items = [dropped(1), ticks(1001, [101]), ticks(3001, [103])];
    const conflated: RecordChange = { plan: { overflow: 'conflate' } };
    expect(broken(world, items, conflated)).toEqual(['drop-misplaced']);
    const facts = { ...world.facts, lostOnTheWay: [{ at: 3001, count: 1 }] };
    expect(broken({ facts }, items, conflated)).toEqual([]);
    expect(broken({ facts }, items)).toEqual(['drop-misplaced']);
  });

  test('where what is missing was counted as dropped', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101]), dropped(2), ticks(4001, [104])])).toEqual([]);
    expect(broken(new World(FOUR), [ticks(1001, [101]), ticks(2001, [102]), dropped(2)])).toEqual([]);
  });

  test('where nobody can tell which of two equal states was dropped', () => {
    const twins = new World([
      { at: 1000, price: 101, comes: 1500 },
      { at: 1001, price: 101, comes: 1500 },
      { at: 2000, price: 102 },
    ]);
    expect(broken(twins, [dropped(1), ticks(1500, [101]), ticks(2001, [102])])).toEqual([]);
    expect(broken(twins, [ticks(1500, [101]), dropped(1), ticks(2001, [102])])).toEqual([]);
  });

  test('where that is so though a connection that is dead was sent the same in between', () => {
    const sent = [101, 102, 103, 102, 104].map((price, index) => ({ at: 1000 + index, price, comes: 1500 }));
    const world = new World(
      sent.flatMap((packet) => [packet, { ...packet, connection: 2, comes: false } as const]),
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const items = [101, 102, 104].map((price) => ticks(1500, [price]));
    expect(broken(world, [items[0]!, dropped(2), items[1]!, items[2]!])).toEqual([]);
    expect(broken(world, [items[0]!, items[1]!, dropped(2), items[2]!])).toEqual([]);
    expect(broken(world, [dropped(2), ...items])).toContain('drop-misplaced');
  });

  test('where nobody can tell which of two equal states was handed over with newer ones, until the other one is', () => {
    const world = new World([
      { at: 1000, price: 101 },
      { at: 2000, price: 101 },
      { at: 2000, price: 7, token: OTHER },
      { at: 3000, price: 8, token: OTHER },
    ]);
    const both = [tick(101), tick(7, OTHER)];
    const conflated: RecordChange = { plan: { overflow: 'conflate' } };
    const once = [ticks(2001, both), ticks(3001, [tick(8, OTHER)])];
    const twice = [ticks(2001, both), ticks(3001, [tick(101), tick(8, OTHER)])];
    expect(broken(world, [dropped(1), ...once], conflated)).toEqual([]);
    expect(broken(world, [...once.slice(0, 1), dropped(1), once[1]!], conflated)).toEqual([]);
    expect(broken(world, twice, conflated)).toEqual([]);
    expect(broken(world, [dropped(1), ...twice], conflated)).toEqual(['drop-overcounted']);
    expect(broken(world, [...twice, ticks(3001, [tick(101)])], conflated)).toEqual(['repeated']);
    expect(broken(world, twice)).toContain('repeated');
  });

  test('where what was dropped stands between two equal states, and the first of them was handed over with newer ones', () => {
    const world = new World([
      { at: 1000, price: 101 },
      { at: 2000, price: 102 },
      { at: 2000, price: 101 },
      { at: 2000, price: 7, token: OTHER },
      { at: 3000, price: 8, token: OTHER },
    ]);
    const conflated: RecordChange = { plan: { overflow: 'conflate' } };
    const first = ticks(2001, [tick(101), tick(7, OTHER)]);
    const second = ticks(3001, [tick(101), tick(8, OTHER)]);
    expect(broken(world, [first, dropped(1), second], conflated)).toEqual([]);
    expect(broken(world, [dropped(1), first, second], conflated)).toEqual(['drop-misplaced']);
  });

  test('where what was on its way as its instrument moved came after the gap of the move', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102, comes: 5000 },
        { at: 4000, price: 104, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const moved = (channel: number): Item => gap(1001, 4001, { instrumentTokens: [TOKEN] }, channel);
    expect(broken(world, [ticks(1001, [101]), moved(1), ticks(4001, [104], 1)])).toEqual([]);
    expect(broken(world, [ticks(1001, [101]), moved(0), ticks(4001, [104], 1)])).toEqual(['lost']);
  });

  test('where what was on its way for long as its instrument moved had been sent before the gap begins', () => {
    const next = (item: Item): Item => ofAccount(2, 0, item);
    const world = (comes: number): World =>
      new World(
        [
          { at: 900, price: 101, comes: 1001 },
          { at: 950, price: 102, comes },
          { at: 4000, price: 104, connection: 2 },
        ],
        // The number of the connection is the same, and the account another one.
        { 1: { opened: 0 }, 2: { opened: 0, account: 2 } },
      );
    const items = [
      ticks(1001, [101]),
      next(gap(1001, 4001, { instrumentTokens: [TOKEN] })),
      next(ticks(4001, [104])),
    ];
    expect(broken(world(5000), items)).toEqual([]);
    expect(broken(world(1001), items)).toEqual(['lost']);
  });

  test.each([true, false])(
    'where what was on its way came after the move, in its millisecond, and one gap tells an outage too: %j',
    (isOfAll) => {
      const world = (gaveUp: number): World =>
        new World(
          [
            { at: 1000, price: 101, comes: 4000 },
            { at: 3000, price: 102, comes: 4000 },
            { at: 4000, price: 104, comes: 4000, connection: 2 },
          ],
          { 1: { opened: 0, gaveUp }, 2: { opened: 3999, channel: 1 } },
        );
      const moved = isOfAll ? gap(2000, 4000, {}, 1) : gap(4000, 4000, { instrumentTokens: [TOKEN] }, 1);
      const items = [ticks(4000, [101]), moved, ticks(4000, [104], 1)];
      expect(broken(world(4000), items)).toEqual([]);
      expect(broken(world(4001), items)).toEqual(['lost']);
    },
  );

  test('where both connections of an instrument that moves bring the same, and newer ones are gathered with it', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 1005, price: 101, connection: 2 },
        { at: 1010, price: 7, token: OTHER },
      ],
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const both = [tick(101), tick(7, OTHER)];
    const conflated: RecordChange = { plan: { overflow: 'conflate' } };
    expect(broken(world, [ticks(1011, both)], conflated)).toEqual([]);
    expect(broken(world, [ticks(1011, both, 1)], conflated)).toContain('origin-wrong');
  });

  test('of ticks, where the count of a batch is of several connections', () => {
    const world = new World([...FOUR, { at: 3500, price: 7, token: OTHER, connection: 2 }], {
      1: { opened: 0 },
      2: { opened: 0, channel: 1 },
    });
    const items = [ticks(1001, [101]), dropped(2, 1), ticks(3501, [tick(7, OTHER)], 1), ticks(4001, [104])];
    expect(broken(world, items, { plan: { kind: 'ticks' } })).toEqual([]);
  });

  test('of ticks, where the last batch of a connection counts what the next one of its instrument lost since', () => {
    const world = new World(
      [FOUR[0]!, FOUR[1]!, { ...FOUR[2]!, connection: 2 }, { ...FOUR[3]!, connection: 2 }],
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const items = [ticks(1001, [101]), dropped(1), ticks(2001, [102]), ticks(4001, [104], 1)];
    expect(broken(world, items, { plan: { kind: 'ticks' } })).toEqual([]);
    expect(broken(world, items)).toEqual(['drop-misplaced']);
    expect(broken(new World(FOUR), items, { plan: { kind: 'ticks' } })).toContain('drop-misplaced');
  });

  test('of ticks, where nothing comes behind the last loss that could say so', () => {
    const items = [ticks(1001, [101]), ticks(2001, [102])];
    expect(broken(new World(FOUR), items, { plan: { kind: 'ticks' } })).toEqual([]);
    expect(broken(new World(FOUR), [...items, ticks(4001, [104])], { plan: { kind: 'ticks' } })).toEqual([
      'lost',
    ]);
  });

  test('of ticks, where no batch comes behind the last gap that could have it', () => {
    const items = [ticks(1001, [101])];
    const lastIsLost = (): World =>
      new World(
        [
          { at: 1000, price: 101 },
          { at: 2000, price: 102, comes: false },
          { at: 4000, price: 7, token: OTHER, connection: 2 },
        ],
        { 1: { opened: 0, left: 3500 }, 2: { opened: 3600 } },
      );
    expect(broken(lastIsLost(), items, { plan: { kind: 'ticks', tokens: [TOKEN] } })).toEqual([]);
    const another = [...items, ticks(4001, [tick(7, OTHER)])];
    expect(broken(lastIsLost(), another, { plan: { kind: 'ticks' } })).toEqual(['lost']);
  });

  test('where the clock shows once more, after a stop, what it showed when a state came that is read late', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 1010, price: 7, token: OTHER },
        { at: 2000, price: 101, connection: 2 },
      ],
      { 1: { opened: 0, left: 1500 }, 2: { opened: 1600 } },
    );
    Object.assign(world.facts.wire.sockets[1]!, { dialledAt: 1550, upToAt: new Map([[WALL + 1011, 9]]) });
    const items = [[3000, ticks(1011, [tick(101), tick(7, OTHER)])]] as const;
    const record = recordOf(items, { plan: { overflow: 'conflate' }, stoppedAt: 1500, endedBy: 'stop' });
    const { deliveries, failures } = judgeStream(record, world.facts);
    expect([deliveries[0]?.state.connectionId, failures]).toEqual([1, []]);
  });

  test('where its consumer went before the rest came', () => {
    expect(broken(new World(FOUR), [ticks(1001, [101])], { to: 2500, endedBy: 'consumer' })).toEqual([]);
  });

  test('where the program stopped before the rest came, however late what waited was read', () => {
    const slow = { to: 9000, endedBy: 'stop', stoppedAt: 1500 } as const;
    expect(broken(new World(FOUR), [ticks(1001, [101])], slow)).toEqual([]);
  });

  test('where what came of a worker while the program stopped was handed over, or counted as dropped', () => {
    const stop = { to: 3000, endedBy: 'stop', stoppedAt: 1500 } as const;
    // Half of them were sent before the stop, and half after it.
    const late = Array.from({ length: 40 }, (_, index) => ({ at: 1480 + index, price: index, comes: 2000 }));
    const { facts } = new World([{ at: 1000, price: 101 }, ...late], { 1: { opened: 0, left: 2500 } });
    const first = [1001, ticks(1001, [101])] as const;
    const everything = late.map(({ price }) => [2000, ticks(2000, [price])] as const);
    const slow = { ...stop, plan: { id: 'slow', overflow: 'drop-oldest', capacity: 5 } } as const;
    const judged = (read: typeof everything, items: Parameters<typeof recordOf>[0]): string[] => {
      const reference = new Reference([judgeStream(recordOf([first, ...read], stop), facts)]);
      return judgeStream(recordOf([first, ...items], slow), facts, reference).failures.map(
        ({ rule }) => rule,
      );
    };
    const inside = [[2000, dropped(39)] as const, everything.at(-1)!];
    expect(judged(everything, inside)).toEqual([]);
    expect(judged(everything, [[2000, dropped(40)]])).toEqual([]);
    // Nobody was handed them: the worker was gone.
    expect(judged([], [[2000, dropped(40)]])).toEqual(['drop-overcounted']);
    // The close of each connection may be dropped as well, and nothing else.
    expect(judged(everything, [[2000, dropped(40 + 18)]])).toEqual([]);
    expect(judged(everything, [[2000, dropped(40 + 19)]])).toEqual(['drop-overcounted']);
  });

  test('where an instrument that was not wanted stays away', () => {
    const world = new World(FOUR);
    world.facts.wanted.note([TOKEN], 1500, false);
    world.facts.wanted.note([TOKEN], 3500, true);
    expect(broken(world, [ticks(1001, [101]), ticks(4001, [104])])).toEqual([]);
  });

  test('where a connection that does not hear that its instrument is given up goes on, and another one brings it anew', () => {
    const world = (gaveUp: number): World =>
      new World(
        [
          { at: 1000, price: 101 },
          { at: 3000, price: 102, comes: 4000 },
          { at: 3500, price: 103, connection: 2, comes: 4000 },
        ],
        { 1: { opened: 0, gaveUp }, 2: { opened: 0, channel: 1 } },
      );
    const given = world(1500);
    const moved = world(2600);
    for (const { facts } of [given, moved]) {
      facts.wanted.note([TOKEN], 1500, false);
      facts.wanted.note([TOKEN], 2500, true);
    }
    const read = [ticks(1001, [101]), ticks(4000, [103], 1)];
    expect(broken(given, read)).toEqual([]);
    expect(broken(moved, read)).toEqual(['lost']);
  });

  test('where a state is on its way as its instrument is given up and wanted anew, and comes over another connection', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 1900, price: 102, comes: 2500 },
        { at: 2001, price: 103, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const items = [ticks(1001, [101]), ticks(2002, [103], 1)];
    expect(broken(world, items)).toEqual(['lost']);
    for (const isWanted of [false, true]) world.facts.wanted.note([TOKEN], 2000, isWanted);
    expect(broken(world, items)).toEqual([]);
  });

  test('where the server reads late that an instrument was given up and is wanted anew, and sends what it had asked for before', () => {
    const judged = (readBack?: number): string[] => {
      const packets = [
        { at: 1000, price: 101 },
        { at: 3000, price: 102 },
        { at: 4000, price: 103 },
      ];
      const back = { gaveUp: 2000, cameBack: 2500, ...(readBack !== undefined && { readBack }) };
      const world = new World(packets, { 1: { opened: 0, ...back } });
      world.facts.wanted.note([TOKEN], 2000, false);
      world.facts.wanted.note([TOKEN], 2500, true);
      return broken(world, [ticks(1001, [101]), ticks(4001, [103])]);
    };
    expect(judged()).toEqual(['lost']);
    expect(judged(3500)).toEqual([]);
    expect(judged(2900)).toEqual(['lost']);
  });

  test('where the server still sent what the client had given up, and sent it anew', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 3000, price: 102, comes: false },
        { at: 3001, price: 102, connection: 2 },
      ],
      { 1: { opened: 0, left: 2000 }, 2: { opened: 2500 } },
    );
    expect(broken(world, [ticks(1001, [101]), gap(1001, 2500), ticks(3002, [102])])).toEqual([]);
  });

  test.each([{ comes: 3005 }, { comes: false } as const])(
    'where the connection that an instrument has left is sent the same as its new one, %j',
    ({ comes }) => {
      const world = new World(
        [
          { at: 1000, price: 101 },
          { at: 2000, price: 101, connection: 2 },
          { at: 3000, price: 102, comes },
          { at: 3000, price: 102, connection: 2 },
          { at: 4000, price: 103, connection: 2 },
        ],
        { 1: { opened: 0 }, 2: { opened: 1500, channel: 1 } },
      );
      const moved = [ticks(1001, [101]), gap(1500, 2001, { instrumentTokens: [TOKEN] }, 1)];
      const after = [ticks(2001, [101], 1), ticks(3001, [102], 1), ticks(4001, [103], 1)];
      expect(broken(world, [...moved, ...after])).toEqual([]);
      expect(broken(world, [...moved, after[0]!, after[2]!])).toEqual(['lost']);
    },
  );
});

describe('an instrument has moved from a connection that is dead, and the server still sends to it', () => {
  test.each([1, 2])('what the new connection brings as well is owed once, of account %j', (account) => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 101, connection: 2 },
        { at: 3000, price: 102, connection: 2 },
        { at: 3000, price: 102, comes: false },
        { at: 4000, price: 103, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 1500, channel: 1, account } },
    );
    const next = (item: Item): Item => ofAccount(account, 1, item);
    const moved = [
      ticks(1001, [101]),
      next(gap(1001, 2001, { instrumentTokens: [TOKEN] })),
      next(ticks(2001, [101])),
    ];
    const after = next(ticks(4001, [103]));
    expect(broken(world, [...moved, next(dropped(1)), after])).toEqual([]);
    expect(broken(world, [...moved, after])).toEqual(['lost']);
    expect(broken(world, [...moved, next(ticks(3001, [102])), after])).toEqual([]);
  });

  test.each([3001, false] as const)('what it alone is sent is not owed, where it comes at %j', (comes) => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102, connection: 2 },
        { at: 3000, price: 103, comes },
        { at: 4000, price: 104, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 1500, channel: 1 } },
    );
    const moved = gap(1001, 2001, { instrumentTokens: [TOKEN] }, 1);
    const after = [ticks(2001, [102], 1), ticks(4001, [104], 1)];
    expect(broken(world, [ticks(1001, [101]), moved, ...after])).toEqual([]);
    // Where the new one has brought nothing before, it is, unless somebody who reads everything has seen that it did.
    const slow = recordOf(
      [ticks(1001, [101]), moved, dropped(1, 1), after[1]!].map((item) => [4001, item] as const),
    );
    expect(judgeStream(slow, world.facts).failures).toMatchObject([{ rule: 'lost' }]);
    const all = recordOf([ticks(1001, [101]), moved, ...after].map((item) => [4001, item] as const));
    const reference = new Reference([judgeStream(all, world.facts)]);
    expect(judgeStream(slow, world.facts, reference).failures).toEqual([]);
  });

  test('who reads the old one alone is not owed what came over it as its instrument moved', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102 },
        { at: 2005, price: 102, connection: 2 },
      ],
      { 1: { opened: 0 }, 2: { opened: 0, channel: 1 } },
    );
    const all = [
      ticks(1001, [101]),
      gap(1001, 2006, { instrumentTokens: [TOKEN] }, 1),
      ticks(2006, [102], 1),
    ];
    const reference = new Reference([
      judgeStream(recordOf(all.map((item) => [2006, item] as const)), world.facts),
    ]);
    const own = { ...world.facts, sent: world.facts.sent.where(({ connectionId }) => connectionId === 1) };
    const one = recordOf([[1001, ticks(1001, [101])]], { plan: { id: 'one' } });
    expect(judgeStream(one, own).failures).toMatchObject([{ rule: 'lost' }]);
    expect(judgeStream(one, own, reference).failures).toEqual([]);
  });

  test('who reads the old one alone is owed nothing that came over it once its instrument had been unsubscribed there', () => {
    const packets = [
      { at: 1000, price: 101 },
      { at: 2000, price: 102 },
      { at: 3000, price: 103 },
    ];
    const one: RecordChange = { plan: { kind: 'connection' } };
    const world = (gaveUp: number): World => new World(packets, { 1: { opened: 0, gaveUp } });
    expect(broken(world(1500), [ticks(1001, [101])], one)).toEqual([]);
    expect(broken(world(2500), [ticks(1001, [101])], one)).toEqual(['lost']);
    const back = (cameBack: number): World =>
      new World(packets, { 1: { opened: 0, gaveUp: 1500, cameBack } });
    expect(broken(back(3001), [ticks(1001, [101])], one)).toEqual([]);
    expect(broken(back(2900), [ticks(1001, [101])], one)).toEqual(['lost']);
  });

  test('a consumer of one connection is not owed what came before the instrument left, and was read after that', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102 },
        { at: 2500, price: 103, connection: 2 },
      ],
      { 1: { opened: 0, gaveUp: 2400 }, 2: { opened: 0, channel: 1 } },
    );
    const moved = gap(1001, 2501, { instrumentTokens: [TOKEN] }, 1);
    const all = [ticks(1001, [101]), moved, ticks(2501, [103], 1)];
    const reference = new Reference([
      judgeStream(recordOf(all.map((item) => [2501, item] as const)), world.facts),
    ]);
    const own = { ...world.facts, sent: world.facts.sent.where(({ connectionId }) => connectionId === 1) };
    const one = recordOf([[1001, ticks(1001, [101])]], { plan: { id: 'one', kind: 'connection' } });
    expect(judgeStream(one, own).failures).toMatchObject([{ rule: 'lost' }]);
    expect(judgeStream(one, own, reference).failures).toEqual([]);
  });

  test('what a dead connection was sent after the client had unsubscribed there is not owed', () => {
    const world = (gaveUp: number): World =>
      new World(
        [
          { at: 1000, price: 101 },
          { at: 3000, price: 102, comes: false },
          { at: 4000, price: 103, connection: 2 },
        ],
        { 1: { opened: 0, gaveUp }, 2: { opened: 0, channel: 1 } },
      );
    const read = [ticks(1001, [101]), ticks(4001, [103], 1)];
    expect(broken(world(2000), read)).toEqual([]);
    expect(broken(world(3500), read)).toEqual(['lost']);
  });

  test('a gap covers what came as it ended, where the connection had not heard that the instrument was subscribed anew', () => {
    const world = (cameBack?: number): World =>
      new World(
        [
          { at: 1000, price: 101 },
          { at: 3000, price: 102, comes: 3010 },
          { at: 3005, price: 103, comes: 3010 },
        ],
        { 1: { opened: 0, ...(cameBack !== undefined && { gaveUp: 2500, cameBack }) } },
      );
    const read = [ticks(1001, [101]), gap(1001, 3010, { instrumentTokens: [TOKEN] }), ticks(3010, [103])];
    expect(broken(world(2600), read)).toEqual([]);
    expect(broken(world(), read)).toEqual(['lost']);
  });

  test('the gap of a connection that the instrument has left again covers what it missed before', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 102, comes: false },
        { at: 4000, price: 103, connection: 2 },
        { at: 6000, price: 104, connection: 3 },
      ],
      {
        1: { opened: 0, left: 2500 },
        2: { opened: 3500, channel: 1, gaveUp: 4500 },
        3: { opened: 5000, channel: 2 },
      },
    );
    const before = [ticks(1001, [101]), gap(1001, 4001, {}, 1)];
    const after = [gap(4001, 6001, { instrumentTokens: [TOKEN] }, 2), ticks(6001, [104], 2)];
    expect(broken(world, [...before, dropped(1, 1), ...after])).toEqual([]);
    expect(broken(world, [before[0]!, dropped(1, 1), ...after])).toEqual(['lost']);
  });

  test('the gap of the new connection covers what was sent meanwhile, and no gap of another one does', () => {
    const world = new World(
      [
        { at: 1000, price: 101 },
        { at: 2000, price: 101, connection: 2 },
        { at: 3000, price: 102, comes: false },
        { at: 4000, price: 103, connection: 3 },
      ],
      { 1: { opened: 0 }, 2: { opened: 1500, left: 2500, channel: 1 }, 3: { opened: 3500, channel: 1 } },
    );
    const moved = [
      ticks(1001, [101]),
      gap(1001, 2001, { instrumentTokens: [TOKEN] }, 1),
      ticks(2001, [101], 1),
    ];
    const after = ticks(4001, [103], 1);
    expect(broken(world, [...moved, gap(2001, 3500, {}, 1), after])).toEqual([]);
    expect(broken(world, [...moved, gap(2001, 2900, {}, 1), after])).toEqual(['lost']);
    expect(broken(world, [...moved, gap(2001, 3500, {}, 2), after])).toEqual(['lost']);
  });
});
