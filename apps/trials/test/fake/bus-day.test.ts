import { expect, test } from 'vitest';

import { drawBusPlan } from '../../src/bus-day/bus-plan.js';
import { runBusTrial } from '../../src/bus-day/run-bus-trial.js';

test('the same plan of the bus gives the same day', async () => {
  const { cpuMs: _, ...first } = await runBusTrial(drawBusPlan(7));
  const { cpuMs: __, ...second } = await runBusTrial(drawBusPlan(7));
  expect(second).toEqual(first);
});

test('a minute of the bus without faults breaks no rule', async () => {
  const plan = { ...drawBusPlan(8), lengthMs: 60_000, faults: [] };
  const { failures, ticks } = await runBusTrial(plan);
  expect(failures).toEqual([]);
  expect(ticks).toBeGreaterThan(100);
});
