import { expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { HealthWatch } from '../../src/health-watch.js';

function setup() {
  const clock = new VirtualClock();
  const world = { status: 'healthy' as 'healthy' | 'degraded', onTold: (): void => undefined };
  const watch = new HealthWatch<{ status: 'healthy' | 'degraded' }>({
    clock,
    intervalMs: 1000,
    assess: () => ({ status: world.status }),
    tell: () => {
      world.onTold();
    },
  });
  return { clock, world, watch };
}

test('a listener that stops the watch leaves no timer behind', () => {
  const { clock, world, watch } = setup();
  watch.start();
  world.onTold = () => {
    watch.stop();
  };
  world.status = 'degraded';
  clock.pass(1000);
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
