import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Watchdog } from '../../src/socket/watchdog.js';

const THRESHOLD = 10_000;

function setup(clock = new VirtualClock()) {
  const silent = vi.fn();
  const watchdog = new Watchdog(clock, THRESHOLD, silent);
  return { clock, silent, watchdog };
}

test('a peer that never says a word is noticed after the threshold', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  expect(silent).not.toHaveBeenCalled();
  clock.pass(1);
  expect(silent).toHaveBeenCalledOnce();
});

test('and noticed once: after that nothing is left that ticks', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  clock.pass(100 * THRESHOLD);
  expect(silent).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test('one sign of life a second keeps it content for a day', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  for (let second = 0; second < 24 * 3600; second += 5) {
    clock.pass(5000);
    watchdog.alive();
  }
  expect(silent).not.toHaveBeenCalled();
  watchdog.stop();
});

test('one sign of life just within each threshold is enough', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  for (let turn = 0; turn < 100; turn++) {
    clock.pass(THRESHOLD - 1);
    watchdog.alive();
  }
  expect(silent).not.toHaveBeenCalled();
});

test('silence that begins at any moment is noticed within the threshold and an eighth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: THRESHOLD - 1, noNaN: true }), { maxLength: 20 }),
      (pauses) => {
        const { clock, silent, watchdog } = setup();
        watchdog.start();
        for (const pause of pauses) {
          clock.pass(pause);
          watchdog.alive();
        }
        clock.pass(THRESHOLD - 0.001);
        expect(silent).not.toHaveBeenCalled();
        clock.pass(THRESHOLD / 8 + 0.002);
        expect(silent).toHaveBeenCalledOnce();
      },
    ),
  );
});

test('timers that are a little early do not make it look once more', () => {
  const clock = new VirtualClock();
  const early = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (callback: () => void, delayMs: number) =>
      clock.setTimeout(callback, Math.max(0.1, delayMs - 0.4)),
    clearTimeout: (timer: unknown) => {
      clock.clearTimeout(timer);
    },
  };
  const silent = vi.fn();
  new Watchdog(early, THRESHOLD, silent).start();
  clock.pass(THRESHOLD - 1);
  expect(silent).not.toHaveBeenCalled();
  clock.pass(6);
  expect(silent).toHaveBeenCalledOnce();
});

test('a blocked event loop is not the silence of the peer', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  clock.pass(2500);
  watchdog.alive();
  clock.block(60_000);
  expect(silent).not.toHaveBeenCalled();
  watchdog.alive();
  clock.pass(THRESHOLD);
  expect(silent).not.toHaveBeenCalled();
});

test('silence before and after a blocked loop adds up', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD / 2);
  clock.block(60_000);
  expect(silent).not.toHaveBeenCalled();
  clock.pass(THRESHOLD / 2);
  expect(silent).toHaveBeenCalledOnce();
});

test('started again, it begins anew', () => {
  const { clock, silent, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  expect(silent).not.toHaveBeenCalled();
  watchdog.stop();
  expect(clock.pending).toBe(0);
});
