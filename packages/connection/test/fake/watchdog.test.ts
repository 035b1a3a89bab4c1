import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Watchdog } from '../../src/socket/watchdog.js';

const THRESHOLD = 10_000;

const SILENT = 3000;

function setup() {
  const clock = new VirtualClock();
  const gone = vi.fn();
  /** When it fell silent, and when it spoke again. */
  const silences: string[] = [];
  const watchdog = new Watchdog(
    { clock, silentMs: SILENT, thresholdMs: THRESHOLD },
    {
      fellSilent: () => silences.push(`silent ${clock.monotonic()}`),
      spoke: () => silences.push(`spoke ${clock.monotonic()}`),
      gone,
    },
  );
  return { clock, gone, silences, watchdog };
}

test('a peer that never says a word is noticed after the threshold', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  expect(gone).not.toHaveBeenCalled();
  clock.pass(1);
  expect(gone).toHaveBeenCalledOnce();
});

test('and noticed once: after that nothing is left that ticks', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(100 * THRESHOLD);
  expect(gone).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test('one sign of life a second keeps it content for a day', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  for (let second = 0; second < 24 * 3600; second += 5) {
    clock.pass(5000);
    watchdog.alive();
  }
  expect(gone).not.toHaveBeenCalled();
  watchdog.stop();
});

test('one sign of life just within each threshold is enough', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  for (let turn = 0; turn < 100; turn++) {
    clock.pass(THRESHOLD - 1);
    watchdog.alive();
  }
  expect(gone).not.toHaveBeenCalled();
});

test('silence that begins at any moment is noticed within the threshold and an eighth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: THRESHOLD - 1, noNaN: true }), { maxLength: 20 }),
      (pauses) => {
        const { clock, gone, watchdog } = setup();
        watchdog.start();
        for (const pause of pauses) {
          clock.pass(pause);
          watchdog.alive();
        }
        clock.pass(THRESHOLD - 0.001);
        expect(gone).not.toHaveBeenCalled();
        clock.pass(THRESHOLD / 8 + 0.002);
        expect(gone).toHaveBeenCalledOnce();
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
  const gone = vi.fn();
  const owner = { fellSilent: () => undefined, spoke: () => undefined, gone };
  new Watchdog({ clock: early, silentMs: SILENT, thresholdMs: THRESHOLD }, owner).start();
  clock.pass(THRESHOLD - 1);
  expect(gone).not.toHaveBeenCalled();
  clock.pass(6);
  expect(gone).toHaveBeenCalledOnce();
});

test('a blocked event loop is not the silence of the peer', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(2500);
  watchdog.alive();
  clock.block(60_000);
  expect(gone).not.toHaveBeenCalled();
  watchdog.alive();
  clock.pass(THRESHOLD);
  expect(gone).not.toHaveBeenCalled();
});

test('silence before and after a blocked loop adds up', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD / 2);
  clock.block(60_000);
  expect(gone).not.toHaveBeenCalled();
  clock.pass(THRESHOLD / 2);
  expect(gone).toHaveBeenCalledOnce();
});

test('started again, it begins anew', () => {
  const { clock, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  watchdog.start();
  clock.pass(THRESHOLD - 1);
  expect(gone).not.toHaveBeenCalled();
  watchdog.stop();
  expect(clock.pending).toBe(0);
});

test('a silence is known half a second after it is one, at most, and its end at once', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 5000, noNaN: true }), (lastAt) => {
      const { clock, silences, watchdog } = setup();
      watchdog.start();
      for (let at = 0; at < lastAt; at += 500) {
        clock.pass(Math.min(500, lastAt - at));
        watchdog.alive();
      }
      const from = clock.monotonic();
      clock.pass(SILENT - 0.001);
      expect(silences).toEqual([]);
      clock.pass(500.002);
      expect(silences).toHaveLength(1);
      clock.pass(1);
      watchdog.alive();
      expect(silences[1]).toBe(`spoke ${clock.monotonic()}`);
      watchdog.alive();
      expect(silences).toHaveLength(2);
      expect(Number(silences[0]!.split(' ')[1]) - from).toBeLessThan(SILENT + 500.002);
      watchdog.stop();
    }),
  );
});

test('a paused process does not call its peer silent, and does so when the peer stays silent afterwards', () => {
  const { clock, silences, gone, watchdog } = setup();
  watchdog.start();
  clock.pass(1000);
  watchdog.alive();
  clock.block(60_000);
  expect(silences).toEqual([]);
  clock.pass(SILENT - 600);
  expect(silences).toEqual([]);
  clock.pass(1200);
  expect(silences).toHaveLength(1);
  clock.pass(THRESHOLD);
  expect(gone).toHaveBeenCalledOnce();
});

test('with a threshold below the limit of silence, a peer is silent and gone at once', () => {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const watchdog = new Watchdog(
    { clock, silentMs: 800, thresholdMs: 800 },
    {
      fellSilent: () => heard.push('silent'),
      spoke: () => heard.push('spoke'),
      gone: () => heard.push('gone'),
    },
  );
  watchdog.start();
  clock.pass(800);
  expect(heard).toEqual(['silent', 'gone']);
});
