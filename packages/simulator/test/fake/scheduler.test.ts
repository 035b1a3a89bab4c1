import { expect, test } from 'vitest';

import { SeededRandom } from '../../src/random.js';
import { Scheduler } from '../../src/virtual/scheduler.js';

/** A scheduler that takes a thousand events at one time for a loop without end. */
const scheduler = (): Scheduler => new Scheduler(new SeededRandom(1), () => undefined, 1000);

test('events that set each other for now, without end, end the run with an error', async () => {
  const world = scheduler();
  const lane = world.addLane('one');
  const again = (): void => void lane.at(world.time, again);
  lane.at(5, again);
  await expect(world.run(10, () => false)).rejects.toMatchObject({ code: 'KITE_SIMULATOR_DAY_STUCK' });
});

test('many events are no loop, as long as time goes on', async () => {
  const world = scheduler();
  const lane = world.addLane('one');
  let left = 5000;
  const again = (): void => {
    if (left-- > 0) lane.at(world.time + 0.25, again);
  };
  lane.at(5, again);
  expect(await world.run(10_000, () => false)).toBe(false);
  expect(left).toBe(-1);
});
