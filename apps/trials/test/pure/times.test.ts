import { describe, expect, test } from 'vitest';

import { wasOutageOfAll } from '../../src/oracle/outage-of-all.js';
import { Pauses } from '../../src/oracle/pauses.js';
import { Wanted } from '../../src/oracle/wanted.js';
import { drawPlan } from '../../src/plan/draw.js';
import { Quiet } from '../../src/run/quiet.js';
import { answerOf, moveTimesOf } from '../../src/run/rest-looks.js';
import { unnoticedFor } from '../../src/run/unnoticed-for.js';
import { WallClock } from '../../src/run/wall-clock.js';

test('an instrument was wanted throughout a time only where it was at its beginning, and was not given up', () => {
  const wanted = new Wanted();
  wanted.note([1], 100, true);
  wanted.note([1], 200, false);
  wanted.note([1], 300, true);
  expect(wanted.throughout(1, 100, 199)).toBe(true);
  expect(wanted.throughout(1, 100, 200)).toBe(false);
  expect(wanted.throughout(1, 250, 400)).toBe(false);
  expect(wanted.throughout(1, 300, Infinity)).toBe(true);
  expect(wanted.throughout(2, 300, 400)).toBe(false);
});

test('a wall clock is known by looks at it: its steps, and not its rounding', () => {
  const wall = new WallClock();
  wall.saw(0, 1000);
  wall.saw(100.9, 1100);
  wall.saw(200, 6200);
  expect(wall.at(150)).toBe(1150);
  expect(wall.at(250)).toBe(6250);
  expect([wall.lastAt(6250, 300), wall.lastAt(1150, 300), wall.lastAt(1250, 300)]).toEqual([
    250,
    150,
    Infinity,
  ]);
  expect(wall.ranTrue(0, 199)).toBe(true);
  expect(wall.ranTrue(150, 250)).toBe(false);
});

test('a wall clock that was set back has shown some times twice', () => {
  const wall = new WallClock();
  wall.saw(0, 1000);
  wall.saw(200, 1100);
  expect([wall.firstAt(1150, 300), wall.lastAt(1150, 300)]).toEqual([150, 250]);
  expect(wall.firstAt(1250, 300)).toBe(Infinity);
});

test('a pause delays what is due in it, and counts where it touches a time', () => {
  const pauses = new Pauses([
    { from: 100, to: 200 },
    { from: 201, to: 300 },
  ]);
  expect(pauses.awakeAt(99)).toBe(99);
  expect(pauses.awakeAt(150)).toBe(301);
  expect(pauses.between(0, 99)).toBe(0);
  expect(pauses.between(150, 160)).toBe(100);
  expect(pauses.between(0, 400)).toBe(199);
});

test('the time that was spent awake leaves out every pause, once', () => {
  const pauses = new Pauses([
    { from: 100, to: 200 },
    { from: 150, to: 300 },
    { from: 400, to: 500 },
  ]);
  expect(pauses.awakeSince(600, 50)).toBe(550);
  expect(pauses.awakeSince(600, 150)).toBe(350);
  expect(pauses.awakeSince(600, 250)).toBe(50);
  expect(pauses.awakeSince(450, 10)).toBe(390);
});

describe('nothing is under way', () => {
  const plan = {
    ...drawPlan(1, 'one-inline'),
    actions: [{ at: 50_000, kind: 'restart' }] as const,
    faults: { faults: [{ at: 10_000, kind: 'clog', forMs: 5000 }] as const },
  };

  test('where faults, actions and sockets have been over for three seconds', () => {
    const quiet = new Quiet(plan);
    expect(quiet.since(2000, 0)).toBe(0);
    expect(quiet.since(9000, 100)).toBe(8900);
    expect(quiet.since(17_000, 100)).toBe(0);
    expect(quiet.since(18_000, 100)).toBe(3000);
    expect(quiet.since(49_000, 47_000)).toBe(0);
    expect(quiet.since(51_000, 47_000)).toBe(0);
    expect(quiet.since(60_000, 47_000)).toBe(10_000);
  });
});

describe('an outage was one of all connections', () => {
  const judged = (...counts: readonly number[]): boolean =>
    wasOutageOfAll(
      counts.map((open, index) => ({ at: index * 1000, open })),
      2,
      2000,
    );

  test('where they were lost together and are back', () => {
    expect(judged(1, 2, 1, 0, 1, 2)).toBe(true);
  });

  test('and not where one was lost alone, before or since, or is away', () => {
    expect(judged(1, 2, 1, 0, 1)).toBe(false);
    expect(judged(1, 2, 1, 0, 1, 2, 1, 2)).toBe(false);
    expect(judged(1, 2, 1, 1, 1, 1, 0, 1, 2)).toBe(false);
    expect(judged(0, 1, 2)).toBe(false);
    expect(judged()).toBe(false);
  });

  test('and not where one that stayed open has been silent since', () => {
    const counts = [1, 2, 1, 0, 1, 2].map((open, index) => ({ at: index * 1000, open }));
    expect(wasOutageOfAll(counts, 2, 2000, [{ from: 100, to: 4500 }])).toBe(true);
    expect(wasOutageOfAll(counts, 2, 2000, [{ from: 7000, to: 12_000 }])).toBe(false);
  });
});

test('instruments move that long after their connection was lost, or fell silent before that', () => {
  const plan = { failoverAfterMs: 15_000, heartbeatLivenessThresholdMs: 10_000 };
  expect(moveTimesOf({ openedAt: 0, leftAt: 50_000, lastDataAt: 49_900 }, plan)).toEqual([65_000, 65_000]);
  expect(moveTimesOf({ openedAt: 0, leftAt: 50_000, lastDataAt: 40_000 }, plan)).toEqual([65_000, 58_000]);
  expect(moveTimesOf({ openedAt: 0, leftAt: 50_000, lastDataAt: undefined }, plan)).toEqual([65_000, 18_000]);
  expect(moveTimesOf({ openedAt: 0, leftAt: undefined, lastDataAt: 40_000 }, plan)).toEqual([]);
});

test('an instrument is silent that has not answered in five seconds, in which the client could hear that it was asked', () => {
  const none = new Pauses([]);
  const unanswered = { subscribedAt: 10_000, sentAt: 9000 };
  expect(answerOf(unanswered, 16_000, none)).toBeUndefined();
  expect(answerOf(unanswered, 17_000, none)).toBe('none');
  const blocked = new Pauses([{ from: 9500, to: 14_000 }]);
  expect(answerOf(unanswered, 17_000, blocked)).toBeUndefined();
  expect(answerOf(unanswered, 21_000, blocked)).toBe('none');
  const asleep = new Pauses([{ from: 11_000, to: 30_000 }]);
  expect(answerOf(unanswered, 34_000, asleep)).toBeUndefined();
  expect(answerOf(unanswered, 36_000, asleep)).toBe('none');
  expect(answerOf({ subscribedAt: 10_000, sentAt: 10_000 }, 17_000, none)).toBe('some');
  expect(answerOf({ subscribedAt: 10_000, sentAt: 16_500 }, 17_000, none)).toBeUndefined();
});

test('a worker that hung a short time ago may still hang, and so may one that began to as the machine woke', () => {
  const hang = {
    faults: { faults: [{ kind: 'hang-worker', at: 50_000 } as const] },
    heartbeatLivenessThresholdMs: 10_000,
  };
  const none = new Pauses([]);
  expect([49_000, 55_000, 60_000].map((now) => unnoticedFor(hang, none, now))).toEqual([0, 10_000, 0]);
  const asleep = new Pauses([{ from: 40_000, to: 90_000 }]);
  expect([90_000, 101_000].map((now) => unnoticedFor(hang, asleep, now))).toEqual([10_000, 0]);
});

test('a socket that died while the client slept is given up a whole liveness threshold after the client has woken', () => {
  const calm = { faults: { faults: [] }, heartbeatLivenessThresholdMs: 10_000 };
  const asleep = new Pauses([{ from: 40_000, to: 90_000 }]);
  expect([30_000, 90_000, 99_000, 101_000].map((now) => unnoticedFor(calm, asleep, now))).toEqual([
    0, 10_000, 10_000, 0,
  ]);
});
