import { describe, expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { HealthWatch } from '../../src/health-watch.js';

function setup() {
  const clock = new VirtualClock();
  const world = {
    status: 'healthy' as 'healthy' | 'degraded',
    darkSymbols: 0,
    onTold: (): void => undefined,
  };
  const told: string[] = [];
  const watch = new HealthWatch<{ status: 'healthy' | 'degraded'; darkSymbols: number }>({
    clock,
    intervalMs: 1000,
    assess: () => ({ status: world.status, darkSymbols: world.darkSymbols }),
    tell: ({ status, darkSymbols }) => {
      told.push(`${status}: ${darkSymbols}`);
      world.onTold();
    },
  });
  /** A change, which lasts for this long. */
  const change = (darkSymbols: number, forMs = 100): void => {
    world.darkSymbols = darkSymbols;
    watch.look();
    clock.pass(forMs);
  };
  return { clock, world, watch, told, change };
}

test('a listener that stops the watch leaves no timer behind', () => {
  const { clock, world, watch, change } = setup();
  watch.start();
  world.onTold = () => {
    watch.stop();
  };
  world.status = 'degraded';
  clock.pass(1000);
  expect(clock.pending).toBe(0);
  change(2);
  watch.start();
  expect(clock.pending).toBe(0);
});

test('one that stops it and starts it again leaves one', () => {
  const { clock, world, watch } = setup();
  watch.start();
  let told = 0;
  world.onTold = () => {
    if (told++ > 0) return;
    watch.stop();
    watch.start();
  };
  world.status = 'degraded';
  clock.pass(1000);
  expect(clock.pending).toBe(1);
});

test('a stop leaves no timer, also while a change of the dark instruments settles', () => {
  const { clock, watch, told, change } = setup();
  watch.start();
  change(3, 10);
  watch.stop();
  expect(clock.pending).toBe(0);
  clock.pass(1000);
  expect(told).toEqual(['healthy: 0']);
});

describe('with the same status', () => {
  test('more dark instruments are reported within 100 ms, and so is that none are any more', () => {
    const { world, watch, told, change } = setup();
    watch.start();
    world.status = 'degraded';
    change(3);
    change(6);
    change(0);
    expect(told).toEqual(['healthy: 0', 'degraded: 3', 'degraded: 6', 'degraded: 0']);
  });

  test('fewer dark instruments are not, but more after that are', () => {
    const { world, watch, told, change } = setup();
    watch.start();
    world.status = 'degraded';
    change(6);
    change(3);
    change(3, 5000);
    change(6);
    expect(told).toEqual(['healthy: 0', 'degraded: 6', 'degraded: 6']);
  });

  test('a change that does not last is not reported, and several together are one', () => {
    const { world, watch, told, change } = setup();
    world.status = 'degraded';
    watch.start();
    change(3, 20);
    change(0, 5000);
    change(3, 20);
    change(6, 20);
    change(9, 5000);
    expect(told).toEqual(['degraded: 0', 'degraded: 9']);
  });

  test('a change of status is reported at once, with all that has changed', () => {
    const { world, watch, told, change } = setup();
    watch.start();
    change(3, 20);
    world.status = 'degraded';
    watch.look();
    expect(told).toEqual(['healthy: 0', 'degraded: 3']);
    change(3, 5000);
    expect(told).toHaveLength(2);
  });
});
