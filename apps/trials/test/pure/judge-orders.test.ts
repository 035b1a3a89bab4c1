import { describe, expect, test } from 'vitest';
import type { OrderUpdate } from '@kite/protocol';

import type { Item } from '../../src/client/client.js';
import { judgeOrders, orderTimesOf } from '../../src/oracle/judge-orders.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { Reference } from '../../src/oracle/reference.js';
import { from, gap, type RecordChange, recordOf, WALL, World } from '../support/streams.js';

type Timed = readonly [at: number, item: Item];

const order = (order_id: string, status = 'OPEN'): OrderUpdate => ({ order_id, status });
const told = (id: string, status?: string): Item => ({
  type: 'order',
  order: order(id, status),
  receivedAt: WALL,
  from: from(0),
});

/** Order `a` came at 1000 and order `b` at 2000, each over two connections. */
function world(isOwed = true): World {
  const one = new World([]);
  for (const [index, id] of ['a', 'a', 'b', 'b'].entries()) {
    const at = index < 2 ? 1000 : 2000;
    const text = JSON.stringify({ type: 'order', data: order(id) });
    one.facts.wire.orders.push({ text, at, wall: WALL + at, isOwed });
  }
  return one;
}

function broken(items: readonly Timed[], change: RecordChange = {}, { facts } = world()): string[] {
  const plan = { capacity: undefined, ...change.plan };
  return judgeOrders(recordOf(items, { ...change, plan }), facts.wire, undefined).map(({ rule }) => rule);
}

describe('orders are sound', () => {
  test('where each came once, as it was sent', () => {
    expect(
      broken([
        [1000, told('a')],
        [9000, told('b')],
      ]),
    ).toEqual([]);
  });

  test('where one came before the channel was opened, after it was closed, or after the client had left its socket', () => {
    expect(broken([[2000, told('b')]], { from: 1500 })).toEqual([]);
    expect(broken([[1000, told('a')]], { to: 1500, endedBy: 'consumer' })).toEqual([]);
    expect(broken([[1000, told('a')]], { to: 9000, endedBy: 'stop', stoppedAt: 1500 })).toEqual([]);
    expect(broken([], {}, world(false))).toEqual([]);
  });

  test('where one was lost with its thread, in a gap', () => {
    expect(
      broken([
        [1000, told('a')],
        [3000, gap(1500, 2500)],
      ]),
    ).toEqual([]);
  });
});

describe('orders break a rule', () => {
  test('where one does not come, however slow the consumer is', () => {
    expect(broken([[1000, told('a')]])).toEqual(['order-lost']);
    expect(broken([[1000, told('a')]], { to: 9000, endedBy: 'stop', stoppedAt: 2500 })).toEqual([
      'order-lost',
    ]);
    expect(
      broken([
        [1000, told('a')],
        [3000, gap(2000, 2500)],
      ]),
    ).toEqual(['order-lost']);
  });

  test('where one comes twice', () => {
    expect(
      broken([
        [1000, told('a')],
        [1001, told('a')],
        [2000, told('b')],
      ]),
    ).toEqual(['order-repeated']);
  });

  test('where one comes that never did, or not as it was sent', () => {
    expect(
      broken([
        [1000, told('a')],
        [2000, told('b')],
        [3000, told('c')],
      ]),
    ).toEqual(['invented']);
    expect(
      broken([
        [1000, told('a')],
        [2000, told('b', 'COMPLETE')],
      ]),
    ).toEqual(['invented']);
  });
});

test('a queue that is full of what is no tick may lose an order, and no other', () => {
  const state = (at: number): Timed => [
    at,
    { type: 'state', state: 'open', code: undefined, receivedAt: WALL + at, value: {}, from: from(0) },
  ];
  const { facts } = world();
  const came = [[1000, told('a')], state(1001), state(1002), [2000, told('b')]] as const;
  const reference = new Reference([judgeStream(recordOf(came), facts)]);
  const rulesOf = (capacity: number, earlier: readonly Timed[] = []): string[] => {
    const record = recordOf([...earlier, state(5000), state(6000), [7000, told('b')]], {
      plan: { capacity },
    });
    return judgeOrders(record, facts.wire, reference).map(({ rule }) => rule);
  };
  expect(rulesOf(2)).toEqual([]);
  expect(rulesOf(50)).toEqual(['order-lost']);
  // What was stamped before the clock was set back, and read as the order came, is older than the order.
  facts.wire.wall.saw(0, WALL + 5000);
  facts.wire.wall.saw(500, WALL + 500);
  const [, stamped] = state(5400);
  expect(rulesOf(2, [[1000, stamped]])).toEqual([]);
  expect(rulesOf(50, [[1000, stamped]])).toEqual(['order-lost']);
});

test('what may have come before an order, by a clock that was set back since, is no sign that the queue had room', () => {
  const { facts } = world();
  const came = [1960, 1961, 1962].map((at): Timed => [
    at,
    { ...told('c'), type: 'other', value: at } as Item,
  ]);
  const reference = new Reference([
    judgeStream(recordOf([[1000, told('a')], ...came, [2000, told('b')]]), facts),
  ]);
  facts.wire.wall.saw(0, WALL);
  facts.wire.wall.saw(1500, WALL + 500);
  const older = { type: 'other', value: 0, receivedAt: WALL + 900, from: from(0) } as const;
  const record = recordOf(
    [
      [1950, older],
      [2000, told('b')],
    ],
    { plan: { capacity: 2 } },
  );
  expect(judgeOrders(record, facts.wire, reference)).toEqual([]);
});

test('of a queue with a bound nothing is said without somebody who reads everything', () => {
  expect(broken([[1000, told('a')]], { plan: { capacity: 5, overflow: 'conflate', takesMs: 2000 } })).toEqual(
    [],
  );
});

test('a listener that was taken back is not owed what came to the main thread after that', () => {
  const { facts } = world();
  const came = (at: number): Reference =>
    new Reference([
      judgeStream(
        recordOf([
          [1000, told('a')],
          [at, told('b')],
        ]),
        facts,
      ),
    ]);
  const record = recordOf([[1000, told('a')]], {
    plan: { kind: 'listener' },
    stoppedAt: 2001,
    to: 2001,
    endedBy: 'stop',
  });
  const rulesOf = (at: number): string[] => judgeOrders(record, facts.wire, came(at)).map(({ rule }) => rule);
  expect(rulesOf(2002)).toEqual([]);
  expect(rulesOf(2000)).toEqual(['order-lost']);
  // Where accounts are merged, only the times of the orders are known.
  const merged = (at: number): string[] => {
    const all = recordOf([
      [1000, told('a')],
      [at, told('b')],
    ]);
    const unbounded = { ...record, plan: { ...record.plan, capacity: undefined } };
    return judgeOrders(unbounded, facts.wire, undefined, orderTimesOf([all])).map(({ rule }) => rule);
  };
  expect(merged(2002)).toEqual([]);
  expect(merged(2000)).toEqual(['order-lost']);
});
