import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { judgePinned } from '../../src/oracle/judge-pinned.js';
import { Pins } from '../../src/oracle/pins.js';
import { ofAccount } from '../support/judged-stream.js';
import { type Packet, recordOf, ticks, TOKEN, World } from '../support/streams.js';

/** Two accounts that are sent the same three states; the second one a moment later. */
const SENT: readonly Packet[] = [101, 102, 103].flatMap((price, index) => [
  { at: (index + 1) * 1000, price },
  { at: (index + 1) * 1000, price, connection: 2, comes: (index + 1) * 1000 + 50 },
]);

const first = (number: number): Item => ticks(number * 1000 + 1, [100 + number]);
const second = (number: number): Item => ofAccount(2, 0, ticks(number * 1000 + 50, [100 + number]));

/** The rules that a stream of both accounts breaks. Until a time the instrument is pinned to the second one. */
function broken(items: readonly Item[], until?: number): string[] {
  const world = new World(SENT, { 1: { opened: 0 }, 2: { opened: 0, account: 2 } });
  const pins = new Pins();
  pins.note('account-2', [TOKEN], 500, 'ltp');
  if (until !== undefined) pins.note('account-2', [TOKEN], until, undefined);
  const read = items.map((item) => [item.type === 'ticks' ? item.receivedAt - 1_000_000 : 0, item] as const);
  return judgePinned(recordOf(read), { ...world.facts, pins, areMerged: false }).map(({ rule }) => rule);
}

describe('what is pinned to an account', () => {
  test('comes as the account sends it, beside what the strategy has placed elsewhere', () => {
    expect(broken([first(1), second(1), first(2), second(2), first(3), second(3)])).toEqual([]);
  });

  test('is lost where neither that account nor another one brings a state', () => {
    expect(broken([first(1), second(1), first(3), second(3)])).toEqual(['lost']);
  });

  test('need not come any more once it is pinned no longer', () => {
    expect(broken([first(1), second(1)], 1500)).toEqual([]);
  });

  test.each<[what: string, items: Item[], rule: string]>([
    ['twice', [second(1), second(1), second(2), second(3)], 'repeated'],
    ['in another order', [second(2), second(1), second(3)], 'turned-back'],
    [
      'as it was never sent',
      [second(1), second(2), second(3), ofAccount(2, 0, ticks(3050, [104]))],
      'invented',
    ],
  ])('comes %s: that breaks a rule', (_, items, rule) => {
    expect(broken(items)).toContain(rule);
  });
});
