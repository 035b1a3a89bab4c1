import { expect, test } from 'vitest';
import { INFY, VirtualClock } from '@kite/testkit';

import { Coverage } from '../../src/feed/coverage.js';

test('a gap of an instrument that no account streamed is as long as the outage, though the wall clock was set back meanwhile', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const from = clock.now();
  const outage = { from, since: clock.monotonic(), reason: 'lost' };
  coverage.stops('a', [INFY], outage);
  coverage.stops('b', [INFY], outage);
  clock.pass(10_000);
  clock.setBack(12_000);
  const [told] = coverage.streams('b', [INFY], clock.now(), false);
  expect(told!.gap).toEqual({ from: from - 12_000, to: from, reason: 'lost', instrumentTokens: [INFY] });
});

test('a copy that joined covers nothing of the time before it: what nobody streamed then is told when the others turn out dead', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const [from, since] = [clock.now(), clock.monotonic()];
  clock.pass(5000);
  coverage.stops('a', [INFY], { from, since, reason: 'lost' });
  coverage.set(INFY, ['b', 'c'], () => false);
  coverage.streams('c', [INFY], clock.now(), false);
  const joined = clock.now();
  clock.pass(3000);
  const [told] = coverage.stops('b', [INFY], { from, since, reason: 'no data' });
  expect(told!.gap).toEqual({ from, to: joined, reason: 'no data', instrumentTokens: [INFY] });
});

test('what a copy would have brought before it came to where the others began is in a gap, though they stream', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const [from, since] = [clock.now(), clock.monotonic()];
  clock.pass(200);
  const told = coverage.stops('a', [INFY], { from, since, reason: 'lost' }, new Set([INFY]));
  expect(told).toEqual([
    { source: 'a', gap: { from, to: clock.now(), reason: 'lost', instrumentTokens: [INFY] } },
  ]);
});

test('what a copy had streamed until it left is in no gap', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const [from, since] = [clock.now(), clock.monotonic()];
  clock.pass(5000);
  const left = clock.now();
  coverage.set(INFY, ['b', 'c'], () => false);
  clock.pass(1000);
  coverage.streams('c', [INFY], clock.now(), false);
  const joined = clock.now();
  clock.pass(3000);
  const [told] = coverage.stops('b', [INFY], { from, since, reason: 'no data' });
  expect(told!.gap).toMatchObject({ from: left, to: joined });
});

test('a copy that comes back has streamed nothing in between', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const left = clock.now();
  coverage.set(INFY, ['b'], () => true);
  clock.pass(1000);
  const lost = { from: clock.now(), since: clock.monotonic(), reason: 'no data' };
  clock.pass(1000);
  coverage.set(INFY, ['a', 'b'], () => false);
  coverage.streams('a', [INFY], clock.now(), false);
  const [told] = coverage.stops('b', [INFY], lost);
  expect(told!.gap).toMatchObject({ from: left + 1000, to: left + 2000 });
});

test('of copies that were asked for together, one that begins later covers nothing of the time before it', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => false);
  coverage.streams('a', [INFY], clock.now(), false);
  const [from, since] = [clock.now(), clock.monotonic()];
  clock.pass(4000);
  coverage.streams('b', [INFY], clock.now(), false);
  const began = clock.now();
  clock.pass(1000);
  const [told] = coverage.stops('a', [INFY], { from, since, reason: 'no data' });
  expect(told!.gap).toEqual({ from, to: began, reason: 'no data', instrumentTokens: [INFY] });
});
