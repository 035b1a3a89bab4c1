import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { judgeSlowReader } from '../../src/oracle/judge-slow-reader.js';
import { Pauses } from '../../src/oracle/pauses.js';
import type { StreamRecord } from '../../src/oracle/stream-record.js';
import { dropped, gap, OTHER, type RecordChange, recordOf, tick, ticks, TOKEN } from '../support/streams.js';

type Timed = readonly [at: number, item: Item];

const PRICES = [101, 102, 103, 104, 105];
/** Five ticks, a second apart, as they come into every channel. */
const CAME: readonly Timed[] = PRICES.map((price, index) => [
  (index + 1) * 1000,
  ticks((index + 1) * 1000, [price]),
]);
const itemOf = (number: number): Item => CAME[number - 1]![1];

/** The rules that a slow reader of these breaks, which has read these items. */
function broken(read: readonly Timed[], change: RecordChange = {}, came: readonly Timed[] = CAME): string[] {
  const whole: StreamRecord = recordOf(came);
  const slow = recordOf(read, { ...change, plan: { overflow: 'drop-oldest', capacity: 2, ...change.plan } });
  return judgeSlowReader([slow], [whole], new Pauses([])).map(({ rule }) => rule);
}

/** The items with another one in this place, or with one more. */
const replaced = (items: readonly Timed[], place: number, item: Timed): Timed[] =>
  items.map((one, index) => (index === place ? item : one));
const added = (place: number, item: Timed): Timed[] => [...CAME.slice(0, place), item, ...CAME.slice(place)];

/** It reads the first at once and the others at 9000: two of these have found room. */
const LATE: readonly Timed[] = [
  [1000, itemOf(1)],
  [9000, dropped(2)],
  [9000, itemOf(4)],
  [9000, itemOf(5)],
];

describe('a slow reader of a subscriber', () => {
  test('that gets everything, or all but what it is told as dropped, breaks no rule', () => {
    expect(broken(CAME)).toEqual([]);
    expect(broken(LATE)).toEqual([]);
  });

  test.each<[what: string, read: readonly Timed[], rules: string[]]>([
    [
      'is told of too few drops',
      replaced(LATE, 1, [9000, dropped(1)]),
      ['drop-misplaced', 'drop-misplaced', 'lost'],
    ],
    ['is told of too many', replaced(LATE, 1, [9000, dropped(3)]), ['drop-overcounted']],
    ['is told of those of another connection', replaced(LATE, 1, [9000, dropped(2, 1)]), ['drop-source']],
    ['is told too late', [LATE[0]!, LATE[2]!, LATE[1]!, LATE[3]!], ['drop-misplaced']],
    ['gets a tick twice', [CAME[0]!, ...CAME], ['repeated']],
    ['gets one that did not come', [...CAME, [6000, ticks(6000, [106])]], ['invented']],
    ['lacks the last one', CAME.slice(0, 4), ['lost', 'policy']],
  ])('that %s breaks a rule', (_, read, rules) => {
    expect(broken(read)).toEqual(rules);
  });

  test('that lacks what found room breaks a rule, even if it is told as dropped', () => {
    const read: Timed[] = [CAME[0]!, [3000, dropped(1)], CAME[2]!, CAME[3]!, CAME[4]!];
    expect(broken(read, { plan: { capacity: 5 } })).toEqual(['policy']);
  });

  test('may have opened its channel just before the other one, in the same moment', () => {
    const early: Timed = [0, { ...itemOf(1), receivedAt: 1_000_000 } as Item];
    expect(broken([early, ...CAME])).toEqual([]);
    expect(broken([...CAME, early])).toEqual(['invented']);
  });

  test('that has closed its channel lacks nothing of what was left in it', () => {
    expect(broken(CAME.slice(0, 2), { endedBy: 'consumer', to: 2500 })).toEqual([]);
  });

  test('is told a gap before anything newer', () => {
    const came = added(2, [2500, gap(2000, 2500, { instrumentTokens: [TOKEN] })]);
    expect(broken(came, {}, came)).toEqual([]);
    expect(broken(CAME, {}, came)).toEqual(['gap-missing']);
    expect(broken([...CAME.slice(0, 3), came[2]!, ...CAME.slice(3)], {}, came)).toEqual(['gap-missing']);
  });

  test('of other instruments need not be told a gap', () => {
    const came = added(2, [2500, gap(2000, 2500, { instrumentTokens: [OTHER] })]);
    expect(broken(CAME, {}, came)).toEqual([]);
  });

  test('that misses an order breaks a rule', () => {
    const order = {
      type: 'order',
      order: { order_id: 'one' },
      receivedAt: 2500,
      from: { account: 'account-1', channelId: 0 },
    };
    const came = added(2, [2500, order as Item]);
    expect(broken(came, {}, came)).toEqual([]);
    expect(broken(CAME, {}, came)).toEqual(['drop-misplaced', 'drop-misplaced', 'drop-misplaced', 'lost']);
  });
});

describe('a slow reader whose channel keeps the newest tick of each instrument', () => {
  const gathers: RecordChange = { plan: { overflow: 'conflate' } };
  const read: readonly Timed[] = [
    [1000, itemOf(1)],
    [9000, dropped(3)],
    [9000, itemOf(5)],
  ];

  test('breaks no rule when it gets the newest and is told how many were replaced', () => {
    expect(broken(read, gathers)).toEqual([]);
  });

  test('breaks a rule when it is told another number, or gets an older tick', () => {
    expect(broken(replaced(read, 1, [9000, dropped(2)]), gathers)).toEqual(['lost']);
    expect(broken(replaced(read, 1, [9000, dropped(4)]), gathers)).toEqual(['drop-overcounted']);
    expect(broken(replaced(read, 2, [9000, itemOf(4)]), gathers)).toContain('stale');
    expect(broken([...read, [9500, itemOf(4)]], gathers)).toContain('turned-back');
  });

  test('takes a tick for an earlier one that looks the same when that is the only order that fits', () => {
    const came: readonly Timed[] = [101, 102, 101].map((price, index) => [
      (index + 1) * 1000,
      ticks((index + 1) * 1000, [tick(price)]),
    ]);
    const gathered: readonly Timed[] = [101, 102].map((price) => [9000, ticks(3000, [price])]);
    expect(broken(gathered, gathers, came)).not.toContain('turned-back');
    expect(broken([...gathered, [9000, ticks(3000, [102])]], gathers, came)).toContain('turned-back');
  });
});
