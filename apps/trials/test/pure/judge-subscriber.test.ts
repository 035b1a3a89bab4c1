import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FullTick, type Mode, type Tick } from '@kite/protocol';
import { NSE_FULL } from '@kite/testkit';

import type { Item } from '../../src/client/client.js';
import type { Rule } from '../../src/oracle/failure.js';
import { judgeSubscriber } from '../../src/oracle/judge-subscriber.js';
import { OwnWants } from '../../src/oracle/own-wants.js';
import { shownIn } from '../../src/oracle/shown-in.js';
import type { StreamRecord } from '../../src/oracle/stream-record.js';
import { Wanted } from '../../src/oracle/wanted.js';

const TOKEN = 408065;
const FROM = { account: 'account-1', channelId: 0 };

type Timed = StreamRecord['items'][number];

const ticks = (at: number, ...list: Tick[]): Timed => ({
  at,
  item: { type: 'ticks', ticks: list, receivedAt: at, from: FROM },
});
const at = (time: number, item: Item): Timed => ({ at: time, item });
const [FULL] = decodeFrame(encodeFrame([NSE_FULL.body]));
const priced = (lastPrice: number, oi = 0): Tick => ({ ...(FULL as FullTick), lastPrice, oi });
const inLtp = (tick: Tick): Tick => shownIn(tick, 'ltp')!;
const gap = (from: number, to: number): Item => ({
  type: 'gap',
  gap: { from, to, reason: 'closed', instrumentTokens: [TOKEN] },
  from: FROM,
});

/**
 * The rules that a subscriber breaks which has wanted one instrument from 1000 on, and was there from 500 on; with a
 * mode, an exact one, which may change it at 5000.
 */
function broken(all: Timed[], read: Timed[], mode?: Mode, later?: Mode): Rule[] {
  const own = new OwnWants();
  own.note([TOKEN], 1000, mode ?? 'full');
  if (later) own.note([TOKEN], 5000, later);
  const wanted = new Wanted();
  wanted.note([TOKEN], 0, true);
  const record = {
    consumer: 'one',
    plan: { id: 'one', kind: 'messages', from: 0, takesMs: 0 },
    to: undefined,
  } as const;
  const recordOf = (from: number, items: Timed[]): StreamRecord[] => [
    { ...record, from, items, endedBy: undefined, stoppedAt: undefined },
  ];
  return judgeSubscriber({
    ...{ id: 'one', isExact: mode !== undefined, own, wanted },
    ...{ all: recordOf(0, all), records: recordOf(500, read) },
    ...{ keptLastTicks: () => true, isHeldBy: () => true, wasBlocked: () => false },
  }).map(({ rule }) => rule);
}

describe('a subscriber', () => {
  const [a, b, c] = [priced(1), priced(2), priced(3)];

  test('that is handed the last known tick and then all that the feed is breaks no rule', () => {
    const all = [ticks(600, a), ticks(3000, b), at(4000, gap(3000, 4000)), ticks(4001, c)];
    expect(broken(all, [{ ...ticks(1001, a), item: ticks(600, a).item }, ...all.slice(1)])).toEqual([]);
  });

  test.each<[what: string, all: Timed[], read: Timed[], rules: Rule[]]>([
    ['a tick', [ticks(2000, a), ticks(3000, b)], [ticks(3000, b)], ['lost']],
    ['the last known tick', [ticks(600, a), ticks(3000, b)], [ticks(3000, b)], ['lost']],
    ['a gap', [ticks(2000, a), at(3000, gap(2000, 3000))], [ticks(2000, a)], ['gap-missing']],
  ])('that is not handed %s breaks a rule', (_, all, read, rules) => {
    expect(broken(all, read)).toEqual(rules);
  });

  test.each<[what: string, all: Timed[], read: Timed[], rules: Rule[]]>([
    ['a tick twice', [ticks(2000, a)], [ticks(2000, a), ticks(2000, a)], ['repeated']],
    ['a tick of its own', [ticks(2000, a)], [ticks(2000, a), ticks(2500, b)], ['invented']],
    [
      'a tick of before it came',
      [ticks(100, a), ticks(200, b), ticks(2000, c)],
      [ticks(2000, c), at(2001, ticks(100, a).item)],
      ['invented'],
    ],
    ['a gap that nobody had', [], [at(3000, gap(2000, 3000))], ['gap-wrong']],
  ])('that is handed %s breaks a rule', (_, all, read, rules) => {
    expect(broken(all, read).sort()).toEqual(rules);
  });

  test('that is exact is shown its own mode, and not what shows nothing new in it', () => {
    const [first, same, other] = [priced(1, 1), priced(1, 2), priced(2, 2)];
    const all = [ticks(2000, first), ticks(2100, same), ticks(2200, other)];
    const read = [ticks(2000, inLtp(first)), ticks(2200, inLtp(other))];
    expect(broken(all, read, 'ltp')).toEqual([]);
    expect(broken(all, [...read.slice(0, 1), ticks(2100, inLtp(same)), read[1]!], 'ltp')).toEqual([
      'invented',
    ]);
    expect(broken(all, read.slice(1), 'ltp')).toEqual(['lost']);
    expect(broken(all, [ticks(2000, first), read[1]!], 'ltp').sort()).toEqual(['invented', 'lost']);
  });

  test('that is exact, and sees more of an instrument from now on, begins with what that shows of the last known tick', () => {
    const inQuote = (tick: Tick): Tick => shownIn(tick, 'quote')!;
    const [first, same] = [priced(1, 1), priced(1, 2)];
    const all = [ticks(2000, first), ticks(8000, same)];
    const before = ticks(2000, inLtp(first));
    const begun = { ...ticks(2000, inQuote(first)), at: 5001 };
    expect(broken(all, [before, begun], 'ltp', 'quote')).toEqual([]);
    expect(broken(all, [before], 'ltp', 'quote')).toEqual(['lost']);
    expect(broken(all, [before, begun, ticks(8000, inQuote(same))], 'ltp', 'quote')).toEqual(['invented']);
    expect(broken(all, [ticks(2000, inQuote(first))], 'quote', 'ltp')).toEqual([]);
  });

  test('that is told a gap as long, but for the rounding of a clock that was set, breaks no rule', () => {
    const all = [ticks(2000, a), at(3000, gap(2000, 3000)), ticks(3001, b)];
    const told = (from: number): Timed[] => [all[0]!, at(3000, gap(from, 3000)), all[2]!];
    const whole = [...all, at(3000, gap(2001, 3000))];
    expect(broken(whole, told(2001))).toEqual([]);
    expect(broken([...all, at(3000, gap(2002, 3000))], told(2002))).toEqual(['gap-missing']);
  });

  test('that is told of its two moves in place of the gap of the connection that goes on breaks no rule', () => {
    const all = [ticks(2000, a), at(4000, gap(2000, 4000)), ticks(4101, b)];
    const moves = (next: number): Timed[] => [at(3900, gap(2000, 3900)), at(4100, gap(next, 4100))];
    const told = (next: number): Timed[] => [all[0]!, ...moves(next), all[2]!];
    const whole = (next: number): Timed[] => [all[0]!, moves(next)[0]!, all[1]!, moves(next)[1]!, all[2]!];
    expect(broken(whole(3910), told(3910))).toEqual([]);
    expect(broken(whole(3910), [all[0]!, moves(3910)[1]!, all[2]!])).toEqual(['gap-missing', 'gap-missing']);
  });

  test('that misses a message which everybody is told breaks a rule', () => {
    const told = at(2000, { type: 'other', value: 'the exchange is closed', receivedAt: 2000, from: FROM });
    expect(broken([told], [])).toEqual(['order-lost']);
    expect(broken([], [told])).toEqual(['invented']);
  });
});
