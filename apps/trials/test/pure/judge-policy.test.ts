import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { judgePolicy } from '../../src/oracle/judge-policy.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { Pauses } from '../../src/oracle/pauses.js';
import { Reference } from '../../src/oracle/reference.js';
import {
  dropped,
  from,
  gap,
  OTHER,
  type Packet,
  type RecordChange,
  recordOf,
  tick,
  ticks,
  WALL,
  World,
} from '../support/streams.js';

type Timed = readonly [at: number, item: Item];

/** Nine states, one in each millisecond from 1 on; the consumer that loses nothing has each as it comes. */
const NINE: readonly Packet[] = Array.from({ length: 9 }, (_, index) => ({ at: index, price: 101 + index }));
const all: readonly Timed[] = NINE.map(({ price }, index) => [index + 1, ticks(index + 1, [price])]);

/** The state that came in this millisecond, handed over later. */
const late = (at: number, came: number): Timed => [at, ticks(came, [100 + came])];

/** The same where a lagging network brings all of them in one moment. */
const AT_ONCE = NINE.map((packet) => ({ ...packet, comes: 9 }));
const allAtOnce = AT_ONCE.map(({ price }): Timed => [9, ticks(9, [price])]);

const ORDER = {
  type: 'order',
  order: { order_id: 'a', status: 'OPEN' },
  receivedAt: WALL + 10,
  from: from(0),
} as const;

const CLOSING = {
  type: 'state',
  state: 'closing',
  code: undefined,
  receivedAt: WALL + 10,
  value: {},
  from: from(0),
} as const;

/** How often a slow consumer's items break the rules of its policy. */
function breaches(
  items: readonly Timed[],
  plan: RecordChange['plan'],
  more: RecordChange & {
    readonly others?: readonly Timed[];
    /** What the server sent, and as what the consumer has it that loses nothing. */
    readonly sent?: readonly Packet[];
    readonly came?: readonly Timed[];
    readonly pauses?: Pauses;
    /** What is lost is not counted in full. */
    readonly lostMore?: boolean;
  } = {},
): number {
  const { others = [], sent = NINE, came = all, pauses = new Pauses([]), lostMore = false, ...change } = more;
  const { facts } = new World(sent);
  const everything = [...came, ...others].sort(([a], [b]) => a - b);
  const { stoppedAt } = change;
  const reference = new Reference([judgeStream(recordOf(everything, { stoppedAt }), facts)]);
  const record = recordOf(items, { ...change, plan: { takesMs: 10, ...plan } });
  const stream = judgeStream(record, facts, reference);
  if (!lostMore) expect(stream.failures).toEqual([]);
  return judgePolicy(stream, reference, pauses).length;
}

describe('drop-oldest', () => {
  const plan = { overflow: 'drop-oldest', capacity: 3 } as const;
  const first = late(1, 1);

  test('keeps the newest', () => {
    const items = [first, [20, dropped(5)], late(20, 7), late(30, 8), late(40, 9)] as const;
    expect(breaches(items, plan)).toBe(0);
  });

  test('had taken what stands behind several marks, which are read one by one', () => {
    const items = [[3, dropped(1)], [9, dropped(1, 1)], late(20, 3), late(30, 7), late(40, 8)] as const;
    expect(breaches([late(1, 1), ...items, late(50, 9)], plan, { lostMore: true })).toBe(0);
  });

  test('does not keep the oldest', () => {
    const items = [first, late(20, 2), late(30, 3), late(40, 4), [50, dropped(5)]] as const;
    expect(breaches(items, plan)).toBeGreaterThan(0);
  });

  test('drops nothing while there is room', () => {
    const items = [
      first,
      [20, dropped(1)],
      ...[3, 4, 5, 6, 7, 8, 9].map((came) => late(10 + came, came)),
    ] as const;
    expect(breaches(items, { ...plan, capacity: 20 })).toBeGreaterThan(0);
  });

  test('makes room for what comes at a stop, and for no more', () => {
    const items = [
      first,
      [20, dropped(2)],
      ...[4, 5, 6, 7, 8, 9].map((came) => late(10 + came, came)),
    ] as const;
    const closing = Array.from({ length: 4 }, (): Timed => [10, CLOSING]);
    const stopped = { stoppedAt: 9.5, others: closing };
    expect(breaches(items, { ...plan, capacity: 10 }, stopped)).toBe(0);
    const fewer = closing.slice(0, 2);
    expect(breaches(items, { ...plan, capacity: 10 }, { ...stopped, others: fewer })).toBe(1);
    // The I/O worker had sent it before.
    const order: Timed = [10, ORDER];
    expect(breaches(items, { ...plan, capacity: 10 }, { ...stopped, others: [order, order, ...fewer] })).toBe(
      0,
    );
    // What is newer was read before the stop: the states did not push it out.
    const later = closing.map(([, item]): Timed => [16, item]);
    expect(breaches(items, { ...plan, capacity: 10 }, { others: later, stoppedAt: 15 })).toBe(2);
  });
});

describe('drop-newest', () => {
  const plan = { overflow: 'drop-newest', capacity: 3 } as const;
  const first = late(1, 1);

  test('keeps the oldest', () => {
    const items = [first, late(20, 2), late(30, 3), late(40, 4), [50, dropped(5)]] as const;
    expect(breaches(items, plan)).toBe(0);
  });

  test('does not keep the newest', () => {
    const items = [first, [20, dropped(5)], late(20, 7), late(30, 8), late(40, 9)] as const;
    expect(breaches(items, plan)).toBeGreaterThan(0);
  });

  test('lets a gap push out one that waited as another one was refused', () => {
    const other: Timed = [5.2, gap(4, 5.2, { instrumentTokens: [1] })];
    // With 2, 3 and 4 it was full: 5 is refused. Then the gaps push 2 and 3 out.
    const more: Timed = [5.5, gap(5, 5.5, { instrumentTokens: [1] })];
    const items = [
      first,
      [20, dropped(2)],
      late(20, 4),
      [30, other[1]],
      [40, more[1]],
      [50, dropped(5)],
    ] as const;
    expect(breaches(items, plan, { others: [other, more] })).toBe(0);
  });

  test('lets a gap push out one behind others that wait, and are read first', () => {
    const order = (at: number): Timed => [at, { ...ORDER, receivedAt: WALL + at }];
    const orders = [0.1, 0.2, 0.3].map(order);
    const other: Timed = [4.2, gap(3, 4.2, { instrumentTokens: [1] })];
    // Behind three orders, 1 to 4 fill it. The gap pushes 1 out.
    const items: readonly Timed[] = [
      ...orders.map(([, item], index): Timed => [10 * (index + 1), item]),
      [40, dropped(1)],
      late(40, 2),
      late(50, 3),
      late(60, 4),
      [70, other[1]],
    ];
    const more = { sent: NINE.slice(0, 4), came: all.slice(0, 4), others: [...orders, other] };
    expect(breaches(items, { ...plan, capacity: 7 }, more)).toBe(0);
    expect(breaches(items, { ...plan, capacity: 12 }, more)).toBeGreaterThan(0);
  });

  test('lets each gap push out one, whichever is missed first', () => {
    const sent = NINE.map((packet, index) => (index === 1 ? { ...packet, token: OTHER } : packet));
    const came = all.map((one, index): Timed => (index === 1 ? [2, ticks(2, [tick(102, OTHER)])] : one));
    const gaps = [6.5, 7.5].map((at): Timed => [at, gap(at - 1, at, { instrumentTokens: [1] })]);
    // The first gap pushes 2 out, and the second one 4: of the instrument of 2 nothing comes any more.
    const items: readonly Timed[] = [
      first,
      [6.8, dropped(1)],
      late(6.8, 3),
      [7.8, dropped(1)],
      late(7.8, 5),
      late(8.8, 6),
      [20, gaps[0]![1]],
      late(30, 7),
      [40, gaps[1]![1]],
      late(50, 8),
      late(60, 9),
    ];
    expect(breaches(items, { ...plan, capacity: 5 }, { sent, came, others: gaps })).toBe(0);
  });

  test('refuses what comes together with what fills it, though all of that is read in the same moment', () => {
    const items = [...allAtOnce.slice(0, 4), [9, dropped(5)] as const];
    expect(breaches(items, plan, { sent: AT_ONCE, came: allAtOnce })).toBe(0);
    expect(breaches(items, { ...plan, capacity: 20 }, { sent: AT_ONCE, came: allAtOnce })).toBeGreaterThan(0);
  });

  test('lets a gap push out one that waits', () => {
    const other: Timed = [8.5, gap(8, 8.5, { instrumentTokens: [1] })];
    const items = [
      first,
      [20, dropped(1)],
      late(20, 3),
      late(30, 4),
      [35, other[1]],
      [40, dropped(5)],
    ] as const;
    expect(breaches(items, plan, { others: [other] })).toBe(0);
    expect(breaches(items, plan)).toBeGreaterThan(0);
  });
});

describe('conflate', () => {
  const plan = { overflow: 'conflate', capacity: 3 } as const;

  test('hands over the newest state', () => {
    expect(breaches([late(1, 1), [8, dropped(6)], late(8, 8), late(18, 9)], plan)).toBe(0);
  });

  test('had taken what stands behind several marks, which are read one by one', () => {
    const items = [late(1, 1), [4, dropped(2)], [8, dropped(1, 1)], late(18, 4), late(28, 9)] as const;
    expect(breaches(items, plan, { lostMore: true })).toBe(0);
  });

  test('does not hand over one that had been replaced', () => {
    expect(breaches([late(1, 1), [8, dropped(3)], late(8, 5), [18, dropped(3)], late(18, 9)], plan)).toBe(1);
  });

  test('hands over what was gathered before a gap', () => {
    const items = [late(1, 1), [8, dropped(3)], late(8, 5), [18, dropped(3)], late(18, 9)] as const;
    const other: Timed = [5.5, gap(5, 5.5, { instrumentTokens: [1] })];
    expect(breaches(items, plan, { others: [other] })).toBe(0);
  });

  test('hands over what is alone behind a gap, though another connection has brought a newer one', () => {
    const items = [
      late(1, 1),
      [8, dropped(3)],
      [8, gap(4, 5)],
      late(8, 5),
      [18, dropped(3)],
      late(18, 9),
    ] as const;
    expect(breaches(items, plan)).toBe(0);
  });

  test('hands over no more often than its throttle lets it', () => {
    const throttled = { ...plan, throttleMs: 4, takesMs: 0 };
    expect(breaches([[4, dropped(3)], late(4, 4), [8, dropped(3)], late(8, 8), late(12, 9)], throttled)).toBe(
      0,
    );
    expect(
      breaches(
        [[4, dropped(3)], late(4, 4), [6, dropped(1)], late(6, 6), [10, dropped(2)], late(10, 9)],
        throttled,
      ),
    ).toBe(1);
  });

  test('hands over the batches of several connections at once, each read a moment after the other', () => {
    const throttled = { ...plan, throttleMs: 4, takesMs: 0 };
    const other = (price: number): Item => ticks(price - 200, [tick(price, OTHER)]);
    const sent: readonly Packet[] = [
      { at: 1, price: 101 },
      { at: 2, price: 203, token: OTHER, connection: 2 },
      { at: 5, price: 206, token: OTHER, connection: 2 },
    ];
    const came: readonly Timed[] = [
      [2, ticks(2, [101])],
      [3, other(203)],
      [6, other(206)],
    ];
    const first: Timed = [5.5, ticks(2, [101])];
    expect(breaches([first, [5.52, other(203)], [9.5, other(206)]], throttled, { sent, came })).toBe(0);
    expect(breaches([first, [6.02, dropped(1)], [6.02, other(206)]], throttled, { sent, came })).toBe(1);
  });

  test('does not hold back what came before an order', () => {
    const throttled = { ...plan, throttleMs: 4, takesMs: 0 };
    const order: Timed = [5.5, { ...ORDER, receivedAt: WALL + 5.5 }];
    const items = [[4, dropped(3)], late(4, 4), late(5.5, 5), order, [9, dropped(3)], late(9, 9)] as const;
    expect(breaches(items, throttled, { others: [order] })).toBe(0);
    expect(breaches(items, throttled)).toBe(1);
  });

  test('may be late by the time for which the thread was blocked', () => {
    const items = [late(1, 1), [8, dropped(3)], late(8, 5), [18, dropped(3)], late(18, 9)] as const;
    expect(breaches(items, plan, { pauses: new Pauses([{ from: 4, to: 8 }]) })).toBe(0);
  });
});

describe('error', () => {
  const plan = { overflow: 'error', capacity: 3 } as const;

  test('ends a full channel', () => {
    const items = [late(1, 1), late(20, 2), late(30, 3), late(40, 4)];
    expect(breaches(items, plan, { endedBy: 'overflow', to: 40 })).toBe(0);
  });

  test('ends one that is filled in a moment, and read in the same', () => {
    const items = allAtOnce.slice(0, 4);
    const change = { endedBy: 'overflow', to: 9, sent: AT_ONCE, came: allAtOnce } as const;
    expect(breaches(items, plan, change)).toBe(0);
    expect(breaches(items, { ...plan, capacity: 20 }, change)).toBe(1);
  });

  test('does not end one that has room', () => {
    const items = [late(1, 1), late(20, 2), late(30, 3), late(40, 4)];
    expect(breaches(items, { ...plan, capacity: 20 }, { endedBy: 'overflow', to: 40 })).toBe(1);
  });

  test('loses nothing before', () => {
    const items = [late(1, 1), [20, dropped(1)], late(20, 3), late(30, 4), late(40, 5)] as const;
    expect(breaches(items, plan, { endedBy: 'overflow', to: 40 })).toBe(1);
  });
});
