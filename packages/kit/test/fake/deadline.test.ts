import { expect, test, vi } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Deadline } from '../../src/deadline.js';

function setup() {
  const clock = new VirtualClock();
  const expired = vi.fn();
  return { clock, expired, deadline: new Deadline(clock) };
}

test('calls back once, on time', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  clock.pass(999);
  expect(expired).not.toHaveBeenCalled();
  clock.pass(1);
  expect(expired).toHaveBeenCalledOnce();
  clock.pass(10_000);
  expect(expired).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test('a cleared one never does', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  deadline.clear();
  deadline.clear();
  clock.pass(10_000);
  expect(expired).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
});

test('a new one replaces the old', () => {
  const { clock, expired, deadline } = setup();
  const replaced = vi.fn();
  deadline.set(1000, replaced);
  deadline.set(3000, expired);
  clock.pass(3000);
  expect(replaced).not.toHaveBeenCalled();
  expect(expired).toHaveBeenCalledOnce();
});

test('a timer that is late after a blocked loop does not judge: the time in which nobody listened is given back', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  clock.block(1400);
  expect(expired).not.toHaveBeenCalled();
  clock.pass(399);
  expect(expired).not.toHaveBeenCalled();
  clock.pass(1);
  expect(expired).toHaveBeenCalledOnce();
});

test('however long the loop was blocked, no more than the whole time is given back', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  clock.block(3_600_000);
  clock.pass(1000);
  expect(expired).toHaveBeenCalledOnce();
});

test('a loop that is late each time is given the whole time once, and no more', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(120, expired);
  for (let turn = 0; turn < 4; turn++) clock.block(200);
  expect(expired).toHaveBeenCalledOnce();
});

test('a few milliseconds late is on time', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  clock.block(1050);
  expect(expired).toHaveBeenCalledOnce();
});

test('what is cleared while it is given time never calls back', () => {
  const { clock, expired, deadline } = setup();
  deadline.set(1000, expired);
  clock.block(5000);
  deadline.clear();
  clock.pass(60_000);
  expect(expired).not.toHaveBeenCalled();
});
