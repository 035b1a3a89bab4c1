import { expect, test } from 'vitest';

import { drawPlan } from '../../src/plan/draw.js';
import { reduced } from '../../src/plan/reduction.js';
import { SCENARIO_NAMES } from '../../src/plan/scenario.js';
import { runTrial } from '../../src/run/run-trial.js';

/** Five minutes of a plan. */
const short = (seed: number, scenario: (typeof SCENARIO_NAMES)[number]) =>
  reduced(drawPlan(seed, scenario), { lengthMs: 300_000, instruments: [...Array(10).keys()] });

test.each(SCENARIO_NAMES)(
  '%s: the same plan gives the same day, and breaches at the same times',
  async (name) => {
    const plan = short(2, name);
    const { cpuMs: _, ...first } = await runTrial(plan);
    const { cpuMs: __, ...second } = await runTrial(plan);
    expect(second).toEqual(first);
    expect(first.hash).toMatch(/^[0-9a-f]{16,}$/);
  },
);

test.each(SCENARIO_NAMES)('%s: without faults no rule is broken', async (name) => {
  const plan = short(4, name);
  const alike = plan.accounts.map(() => ({ hasFixedToken: false, delayMs: 0 }));
  const faults = { ...plan.faults, faults: [] };
  const { failures, ticks } = await runTrial({ ...plan, accounts: alike, faults });
  expect(failures).toEqual([]);
  expect(ticks).toBeGreaterThan(500);
});
