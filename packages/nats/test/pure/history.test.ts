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

/** Of these instruments the past, with what is found of each packet in short. */
function reading(...tokens: number[]) {
  const history = new History<TickHead>(tokens, FROM, {
    kept: (packet) => packet,
    placeOf: () => ({ index: 0, followsOn: false }),
  });
  return {
    take: (token: number, packet: TickHead) => {
      const found = history.take(token, packet);
      const [{ gap, packet: first } = {}] = found;
      return { isNew: first !== undefined, ...(gap && { gap }), found };
    },
    canEndAt: history.canEndAt.bind(history),
    endAt: history.endAt.bind(history),
    get isComplete() {
      return history.isComplete;
    },
    get missing() {
      return history.missing;
    },
  };
}

const live = (sequence: number, epoch = 7) => ({ epoch, sequence, receivedAt: FROM + sequence });

describe('of the past a reader gets', () => {
  test('what was received since its time, in order and once; what came before is no gap', () => {
    const history = reading(INFY);
    expect(history.take(INFY, nth(1, { receivedAt: FROM - 5 }))).toMatchObject({ isNew: false });
    expect(history.take(INFY, nth(2))).toMatchObject({ isNew: true });
    expect(history.take(INFY, nth(2, { replayed: true }))).toMatchObject({ isNew: false });
    expect(history.take(INFY, nth(3))).toMatchObject({ isNew: true });
    expect(history.take(RELIANCE, nth(4))).toMatchObject({ isNew: false });
  });

  test('a gap where packets are missing, not from before its time', () => {
    const history = reading(INFY);
    history.take(INFY, nth(1, { receivedAt: FROM - 500 }));
    expect(history.take(INFY, nth(5, { receivedAt: FROM + 50 }))).toMatchObject({
      isNew: true,
      gap: { from: FROM, to: FROM + 50 },
    });
  });

  test('a gap where the published feed had one, which the head marks', () => {
    const history = reading(INFY);
    expect(history.take(INFY, nth(1, { cached: true }))).toMatchObject({ isNew: true });
    expect(history.take(INFY, nth(2, { cached: true, receivedAt: FROM + 900 }))).toMatchObject({
      isNew: true,
      gap: { from: FROM + 1, to: FROM + 900, reason: 'the published feed had a gap' },
    });
  });
});

describe('of two publishers', () => {
  /** Prices stand for states: the sequence of the publisher 8 is the state, and the publisher 7 has sent so many of them. */
  const ofStates = (last: number) =>
    new History<TickHead>([INFY, RELIANCE], FROM, {
      kept: (packet) => packet,
      placeOf: (_, packets) => {
        const same = packets.findIndex(({ sequence }) => sequence === last);
        const newer = packets.findIndex(({ sequence }) => sequence > last);
        if (same >= 0) return { index: same + 1, followsOn: true };
        return { index: newer < 0 ? packets.length : newer, followsOn: false };
      },
    });

  test('one is read; the other one goes on behind the state that it brought last, when it was not heard for 3 s', () => {
    const history = ofStates(11);
    history.take(INFY, nth(1));
    for (const sequence of [9, 10, 11]) expect(history.take(INFY, nth(sequence, { epoch: 8 }))).toEqual([]);
    // The first one is still at work: what the other one brings it brings as well.
    history.take(RELIANCE, nth(12));
    const next = nth(12, { epoch: 8 });
    expect(history.take(INFY, next)).toEqual([]);
    const late = nth(13, { epoch: 8, receivedAt: FROM + 4000 });
    expect(history.take(INFY, late)).toEqual([{ packet: next }, { packet: late }]);
    expect(history.take(INFY, nth(2, { receivedAt: FROM + 4001 }))).toEqual([]);
  });

  test('the one that takes over behind a state of both has a gap where its own packets are missing', () => {
    const history = ofStates(1);
    history.take(INFY, nth(1));
    history.take(INFY, nth(1, { epoch: 8, receivedAt: FROM + 5 }));
    const late = nth(9, { epoch: 8, previous: 8, receivedAt: FROM + 5000 });
    expect(history.take(INFY, late)).toMatchObject([
      { packet: late, gap: { from: FROM + 5, to: FROM + 5000 } },
    ]);
  });

  test('what only the other one has sent is a gap where the one that is read sends the instrument again', () => {
    const history = ofStates(1);
    history.take(INFY, nth(1));
    for (const sequence of [1, 2, 3]) history.take(INFY, nth(sequence, { epoch: 8 }));
    const next = nth(2, { receivedAt: FROM + 2000 });
    expect(history.take(INFY, next)).toEqual([
      { packet: next, gap: { from: FROM + 1, to: FROM + 2000, reason: 'another publisher was ahead' } },
    ]);
  });

  test('the other one takes over an instrument that the one that is read has not sent for 3 s, though it is at work', () => {
    const history = ofStates(1);
    history.take(INFY, nth(1));
    const [second, third] = [2, 3].map((sequence) => nth(sequence, { epoch: 8 })) as [TickHead, TickHead];
    for (const packet of [nth(1, { epoch: 8, receivedAt: FROM + 2 }), second, third])
      expect(history.take(INFY, packet)).toEqual([]);
    history.take(RELIANCE, nth(2, { receivedAt: FROM + 3000 }));
    const late = nth(4, { epoch: 8, receivedAt: FROM + 4000 });
    expect(history.take(INFY, late)).toEqual([{ packet: second }, { packet: third }, { packet: late }]);
  });
});

describe('the live feed takes over', () => {
  test('behind the packet that it had handed out last', () => {
    const history = reading(INFY);
    history.take(INFY, nth(1));
    history.endAt(() => [live(3)]);
    expect(history.isComplete).toBe(false);
    expect(history.take(INFY, nth(2))).toMatchObject({ isNew: true });
    expect(history.take(INFY, nth(3))).toMatchObject({ isNew: true });
    expect(history.isComplete).toBe(true);
    expect(history.take(INFY, nth(4))).toMatchObject({ isNew: false });
  });

  test('at once where it has nothing of an instrument, nothing since the time, or nothing more than the past', () => {
    for (const position of [undefined, { ...live(1), receivedAt: FROM - 1 }, live(1)]) {
      const history = reading(INFY);
      history.take(INFY, nth(1));
      history.endAt(() => (position ? [position] : []));
      expect(history.isComplete).toBe(true);
    }
  });

  test('also where it has a publisher that had not taken over yet', () => {
    const history = reading(INFY);
    history.take(INFY, nth(1));
    const [second, third, fourth] = [2, 3, 4].map((sequence) => nth(sequence, { epoch: 8 })) as [
      TickHead,
      TickHead,
      TickHead,
    ];
    for (const packet of [second, third, fourth]) history.take(INFY, packet);
    expect(history.endAt(() => [live(3, 8)])).toMatchObject([
      { token: INFY, found: [{ packet: second, gap: { from: FROM, to: FROM + 2 } }, { packet: third }] },
    ]);
    expect(history.isComplete).toBe(true);
    expect(history.missing).toEqual([]);
  });

  test('when it has the last packet of every publisher: what only one of them has sent is not lost', () => {
    for (const isLast of [true, false]) {
      const history = new History<TickHead>([INFY], FROM, {
        kept: (packet) => packet,
        // The last state of the publisher 7 is the state 2 of the publisher 8.
        placeOf: (_, packets) => {
          const same = packets.findIndex(({ sequence }) => sequence === 2);
          return { index: same + 1, followsOn: same >= 0 };
        },
      });
      const [first, second, third, fourth] = [1, 2, 3, 4].map((sequence) => nth(sequence, { epoch: 8 })) as [
        TickHead,
        TickHead,
        TickHead,
        TickHead,
      ];
      history.take(INFY, nth(1));
      history.take(INFY, first);
      if (!isLast) for (const packet of [second, third]) history.take(INFY, packet);
      const late = history.endAt(() => [live(2), live(3, 8)]);
      if (isLast) for (const packet of [second, third]) expect(history.take(INFY, packet)).toEqual([]);
      expect(late).toEqual([]);
      expect(history.isComplete).toBe(false);
      expect(history.take(INFY, nth(2, { receivedAt: FROM + 2 }))).toEqual([
        { packet: nth(2) },
        { packet: third },
      ]);
      expect(history.isComplete).toBe(true);
      // The live feed has these.
      for (const packet of [fourth, nth(3)]) expect(history.take(INFY, packet)).toEqual([]);
    }
  });

  test('without what a publisher has sent that began when the live feed had taken over', () => {
    const history = reading(INFY);
    const positions = [live(3)];
    history.take(INFY, nth(1));
    history.endAt(() => positions);
    positions.push(live(1, 9));
    expect(history.take(INFY, nth(1, { epoch: 9, receivedAt: FROM + 9000 })).found).toEqual([]);
    expect(history.take(INFY, nth(2)).found).toHaveLength(1);
  });

  test('not while it is behind', () => {
    const history = reading(INFY);
    history.take(INFY, nth(2));
    expect(history.canEndAt(() => [live(1)])).toBe(false);
    expect(history.canEndAt(() => [live(2)])).toBe(true);
    expect(history.canEndAt(() => [live(1, 8)])).toBe(true);
  });

  test('and what was missed before its publisher was replaced is known, where nothing has come since', () => {
    const history = reading(INFY, RELIANCE);
    history.take(INFY, nth(1));
    history.endAt(() => [{ epoch: 8, sequence: 0, receivedAt: FROM + 700 }]);
    expect(history.missing).toEqual([
      { token: INFY, from: FROM + 1, to: FROM + 700 },
      { token: RELIANCE, from: FROM, to: FROM + 700 },
    ]);
    expect(history.isComplete).toBe(true);
  });

  test('and what has not come until then is known', () => {
    const history = reading(INFY);
    history.take(INFY, nth(1));
    history.endAt(() => [live(5)]);
    expect(history.missing).toEqual([{ token: INFY, from: FROM + 1, to: FROM + 5 }]);
    // Behind the end of the past, the end itself is missing.
    expect(history.take(INFY, nth(6))).toMatchObject({ isNew: false, gap: { from: FROM + 1, to: FROM + 5 } });
    expect(history.isComplete).toBe(true);
  });
});
