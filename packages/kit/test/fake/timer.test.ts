import { expect, test, vi } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Timer } from '../../src/timer.js';

test('calls back once, after a blocked loop as soon as it can', () => {
  const clock = new VirtualClock();
  const called = vi.fn();
  new Timer(clock).set(1000, called);
  clock.pass(999);
  expect(called).not.toHaveBeenCalled();
  clock.block(60_000);
  expect(called).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test('a new call replaces the old, and a cleared one never comes', () => {
  const clock = new VirtualClock();
  const timer = new Timer(clock);
  const called = vi.fn();
  timer.set(1000, called);
  timer.set(2000, called);
  clock.pass(1999);
  expect(called).not.toHaveBeenCalled();
  timer.clear();
  timer.clear();
  clock.pass(60_000);
  expect(called).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
});
