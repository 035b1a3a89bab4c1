import { describe, expect, test } from 'vitest';

import { type Latency, type NextLook, WakePolicy } from '../../src/threads/main/wake-policy.js';

/** A reader under a policy, in time that passes when the test says so. */
function reader(latency: Latency) {
  let now = 0;
  const policy = new WakePolicy(latency, { monotonic: () => now });
  return {
    pass(ms: number) {
      now += ms;
    },
    /** The next look after `rounds` wakes or polls, at `perSecond` bursts a second of `records` records each. */
    run(perSecond: number, rounds: number, records = 1): NextLook {
      let next: NextLook = 'sleep';
      let pending = 0;
      for (let round = 0; round < rounds; round++) {
        if (next === 'sleep') {
          now += 1000 / perSecond;
          policy.woken();
          next = policy.next(records, true);
        } else {
          now += 1;
          pending += perSecond / 1000;
          const bursts = Math.floor(pending);
          pending -= bursts;
          next = policy.next(bursts * records, true);
        }
      }
      return next;
    },
    next: (records: number, isEmpty: boolean) => policy.next(records, isEmpty),
  };
}

describe('how the reader of the ring learns of data', () => {
  test.each<{ latency: Latency; perSecond: number; next: NextLook }>([
    { latency: 'balanced', perSecond: 1, next: 'sleep' },
    { latency: 'balanced', perSecond: 100, next: 'sleep' },
    { latency: 'balanced', perSecond: 1000, next: 'sleep' },
    { latency: 'balanced', perSecond: 1400, next: 'sleep' },
    { latency: 'balanced', perSecond: 1600, next: 'poll' },
    { latency: 'balanced', perSecond: 3000, next: 'poll' },
    { latency: 'balanced', perSecond: 100_000, next: 'poll' },
    { latency: 'lowest', perSecond: 1000, next: 'sleep' },
    { latency: 'lowest', perSecond: 3000, next: 'sleep' },
    { latency: 'lowest', perSecond: 100_000, next: 'sleep' },
  ])('$latency, at a steady $perSecond bursts a second: $next', ({ latency, perSecond, next }) => {
    const subject = reader(latency);
    for (let times = 0; times < 20; times++) expect(subject.run(perSecond, 128)).toBe(next);
  });

  test.each<Latency>(['balanced', 'lowest'])(
    '%s goes on in the next turn while the ring is not empty',
    (latency) => {
      const subject = reader(latency);
      expect(subject.next(1, false)).toBe('next-turn');
      subject.run(3000, 200);
      expect(subject.next(1, false)).toBe('next-turn');
    },
  );

  test('takes a short burst for no rate: fewer than 64 wakes decide nothing', () => {
    const subject = reader('balanced');
    subject.pass(10_000);
    expect(subject.run(50_000, 63)).toBe('sleep');
  });

  test('wakes again once dense data has become sparse, however many records a burst has', () => {
    for (const records of [1, 50]) {
      const subject = reader('balanced');
      expect(subject.run(3000, 200, records)).toBe('poll');
      expect(subject.run(400, 130, records)).toBe('sleep');
    }
  });

  test('polls on at a rate between its two limits, and wakes on at it: a steady rate is answered once', () => {
    const subject = reader('balanced');
    expect(subject.run(1250, 300)).toBe('sleep');
    expect(subject.run(3000, 200)).toBe('poll');
    expect(subject.run(1250, 300)).toBe('poll');
  });

  test('sleeps after three polls in vain, and polls again after one wake while the rate is not known to be lower', () => {
    const subject = reader('balanced');
    expect(subject.run(3000, 70)).toBe('poll');
    expect([subject.next(0, true), subject.next(0, true), subject.next(0, true)]).toEqual([
      'poll',
      'poll',
      'sleep',
    ]);
    expect(subject.run(3000, 1)).toBe('poll');
  });
});
