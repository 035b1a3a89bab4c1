import { describe, expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

/** A clock, and what fell due on it: when, and which. */
function bench() {
  const clock = new VirtualClock();
  const log: string[] = [];
  const set = (name: string, delayMs: number): unknown =>
    clock.setTimeout(() => log.push(`${name} at ${clock.monotonic()}`), delayMs);
  return { clock, log, set };
}

describe('the virtual clock', () => {
  test('runs what falls due at its time, in the order of the times, then of setting', () => {
    const { clock, log, set } = bench();
    set('late', 30);
    set('early', 10);
    set('also early', 10);
    clock.pass(29);
    expect(log).toEqual(['early at 10', 'also early at 10']);
    clock.pass(1);
    expect(log.at(-1)).toBe('late at 30');
    expect(clock.pending).toBe(0);
  });

  test('runs what a timer sets, if it falls due in the same passing of time', () => {
    const { clock, log, set } = bench();
    clock.setTimeout(() => set('second', 5), 5);
    clock.pass(9);
    expect(log).toEqual([]);
    clock.pass(1);
    expect(log).toEqual(['second at 10']);
  });

  test('never runs what was cleared', () => {
    const { clock, log, set } = bench();
    const timer = set('never', 1);
    clock.clearTimeout(timer);
    clock.pass(10);
    expect([log, clock.pending]).toEqual([[], 0]);
  });

  test('lets promises settle between timers, where time is awaited', async () => {
    const { clock, log, set } = bench();
    clock.setTimeout(() => void Promise.resolve().then(() => set('second', 5)), 5);
    await clock.advance(10);
    expect(log).toEqual(['second at 10']);
  });

  test('runs late what fell due while the thread was blocked, each once', () => {
    const { clock, log, set } = bench();
    set('b', 20);
    set('a', 10);
    clock.setTimeout(() => set('next', 0), 5);
    clock.block(100);
    expect(log).toEqual(['a at 100', 'b at 100']);
    clock.pass(0);
    expect(log.at(-1)).toBe('next at 100');
  });

  test('has a wall clock that can be set back, which the monotonic one does not notice', () => {
    const { clock } = bench();
    const before = clock.now();
    clock.pass(50);
    clock.setBack(1000);
    expect([clock.now() - before, clock.monotonic()]).toEqual([-950, 50]);
  });
});
