import { describe, expect, test } from 'vitest';
import type { TickHead } from '@kite/nats';
import { INFY, RELIANCE } from '@kite/testkit';

import { History } from '../../src/subscribe/history.js';

const FROM = 1000;

function head(fields: Partial<TickHead>): TickHead {
  return {
    ...{ cached: false, replayed: false, account: 0, connection: 0 },
    ...{ epoch: 7, sequence: 1, previous: 0, receivedAt: FROM, ...fields },
  };
}

/** The packet of this number behind the one before it, a millisecond later. */
const nth = (sequence: number, fields: Partial<TickHead> = {}): TickHead =>
  head({ sequence, previous: sequence - 1, receivedAt: FROM + sequence, ...fields });

const live = (sequence: number, epoch = 7) => ({ epoch, sequence, receivedAt: FROM + sequence });

describe('of the past a reader gets', () => {
  test('what was received since its time, in order and once; what came before is no gap', () => {
    const history = new History([INFY], FROM);
    expect(history.take(INFY, nth(1, { receivedAt: FROM - 5 }))).toEqual({ isNew: false });
    expect(history.take(INFY, nth(2))).toEqual({ isNew: true });
    expect(history.take(INFY, nth(2, { replayed: true }))).toEqual({ isNew: false });
    expect(history.take(INFY, nth(3))).toEqual({ isNew: true });
    expect(history.take(RELIANCE, nth(4))).toEqual({ isNew: false });
  });

  test('a gap where packets are missing, not from before its time', () => {
    const history = new History([INFY], FROM);
    history.take(INFY, nth(1, { receivedAt: FROM - 500 }));
    expect(history.take(INFY, nth(5, { receivedAt: FROM + 50 }))).toMatchObject({
      isNew: true,
      gap: { from: FROM, to: FROM + 50 },
    });
  });

  test('a gap where the published feed had one, which the head marks', () => {
    const history = new History([INFY], FROM);
    expect(history.take(INFY, nth(1, { cached: true }))).toEqual({ isNew: true });
    expect(history.take(INFY, nth(2, { cached: true, receivedAt: FROM + 900 }))).toEqual({
      isNew: true,
      gap: { from: FROM + 1, to: FROM + 900, reason: 'the published feed had a gap' },
    });
  });

  test('another life of the publisher at once, with a gap; and of two publishers one', () => {
    const history = new History([INFY], FROM);
    history.take(INFY, nth(1));
    expect(history.take(INFY, nth(9, { epoch: 8 }))).toEqual({ isNew: false });
    expect(history.take(INFY, nth(1, { epoch: 9, previous: 0, receivedAt: FROM + 20 }))).toMatchObject({
      isNew: true,
      gap: { from: FROM + 1, to: FROM + 20 },
    });
    expect(history.take(INFY, nth(2, { receivedAt: FROM + 21 }))).toEqual({ isNew: false });
    // Of the ninth nothing comes for more than 3 s.
    expect(history.take(INFY, nth(3, { receivedAt: FROM + 4000 }))).toMatchObject({
      gap: { from: FROM + 20 },
    });
  });
});

describe('the live feed takes over', () => {
  test('behind the packet that it had handed out last', () => {
    const history = new History([INFY], FROM);
    history.take(INFY, nth(1));
    history.endAt(() => live(3));
    expect(history.isComplete).toBe(false);
    expect(history.take(INFY, nth(2))).toEqual({ isNew: true });
    expect(history.take(INFY, nth(3))).toEqual({ isNew: true });
    expect(history.isComplete).toBe(true);
    expect(history.take(INFY, nth(4))).toEqual({ isNew: false });
  });

  test('at once where it has nothing of an instrument, nothing since the time, or nothing more than the past', () => {
    for (const position of [undefined, { ...live(1), receivedAt: FROM - 1 }, live(1)]) {
      const history = new History([INFY], FROM);
      history.take(INFY, nth(1));
      history.endAt(() => position);
      expect(history.isComplete).toBe(true);
    }
  });

  test('not while it is behind', () => {
    const history = new History([INFY], FROM);
    history.take(INFY, nth(2));
    expect(history.canEndAt(() => live(1))).toBe(false);
    expect(history.canEndAt(() => live(2))).toBe(true);
    expect(history.canEndAt(() => live(1, 8))).toBe(true);
  });

  test('and what was missed before its publisher was replaced is known, where nothing has come since', () => {
    const history = new History([INFY, RELIANCE], FROM);
    history.take(INFY, nth(1));
    history.endAt(() => ({ epoch: 8, sequence: 0, receivedAt: FROM + 700 }));
    expect(history.missing).toEqual([
      { token: INFY, from: FROM + 1, to: FROM + 700 },
      { token: RELIANCE, from: FROM, to: FROM + 700 },
    ]);
    expect(history.isComplete).toBe(true);
  });

  test('and what has not come until then is known', () => {
    const history = new History([INFY], FROM);
    history.take(INFY, nth(1));
    history.endAt(() => live(5));
    expect(history.missing).toEqual([{ token: INFY, from: FROM + 1, to: FROM + 5 }]);
    // Behind the end of the past, the end itself is missing.
    expect(history.take(INFY, nth(6))).toMatchObject({ isNew: false, gap: { from: FROM + 1, to: FROM + 5 } });
    expect(history.isComplete).toBe(true);
  });
});
