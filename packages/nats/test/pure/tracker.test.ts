import { describe, expect, test } from 'vitest';
import type { TickHead } from '@kite/nats';
import { INFY } from '@kite/testkit';

import { Tracker } from '../../src/subscribe/tracker.js';

const FIRST: TickHead = {
  ...{ cached: true, replayed: false, account: 0, connection: 1 },
  ...{ epoch: 7, sequence: 5, previous: 0, receivedAt: 1000 },
};

function tracker(live: number[] = []) {
  const one = new Tracker((epoch) => live.includes(epoch));
  one.take(INFY, FIRST);
  return { live, take: (head: Partial<TickHead>) => one.take(INFY, { ...FIRST, ...head }), one };
}

describe('the numbers of packets tell', () => {
  test('what was there already: the same number or a lower one', () => {
    const { take } = tracker();
    expect(take({ sequence: 5 })).toEqual({ isNew: false });
    expect(take({ sequence: 4 })).toEqual({ isNew: false });
  });

  test('that nothing is missing, whatever other instruments of the shard did', () => {
    const { take } = tracker();
    expect(take({ sequence: 900, previous: 5, receivedAt: 2000 })).toEqual({ isNew: true });
    expect(take({ sequence: 901, previous: 900, receivedAt: 2000 })).toEqual({ isNew: true });
  });

  test('that something is missing, and when, once', () => {
    const { take } = tracker();
    expect(take({ sequence: 9, previous: 8, receivedAt: 2000 })).toMatchObject({
      isNew: true,
      gap: { from: 1000, to: 2000 },
    });
    expect(take({ sequence: 10, previous: 9, receivedAt: 2001 })).toEqual({ isNew: true });
  });

  test('a gap never ends before it begins', () => {
    const { take } = tracker();
    expect(take({ sequence: 9, previous: 8, receivedAt: 900 })).toMatchObject({
      gap: { from: 1000, to: 1000 },
    });
  });
});

describe('of two publishers of one instrument', () => {
  test('one is heard while it is at work, and the other one takes over with a gap', () => {
    const { live, take } = tracker([7, 8]);
    expect(take({ epoch: 8, sequence: 1, receivedAt: 2000 })).toEqual({ isNew: false });
    live.splice(0, 1);
    expect(take({ epoch: 8, sequence: 2, previous: 1, receivedAt: 3000 })).toEqual({
      isNew: true,
      gap: { from: 1000, to: 3000, reason: 'another publisher took over' },
    });
    expect(take({ sequence: 6, previous: 5, receivedAt: 4000 })).toEqual({ isNew: false });
  });

  test('one that is gone never goes back in time to the other', () => {
    for (const receivedAt of [999, 1000])
      expect(tracker().take({ epoch: 8, receivedAt })).toEqual({ isNew: false });
  });
});
