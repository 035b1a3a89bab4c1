import { describe, expect, test } from 'vitest';

import { drawPlan } from '../../src/plan/draw.js';
import { fromText, reduced, toText } from '../../src/plan/reduction.js';
import { SCENARIO_NAMES } from '../../src/plan/scenario.js';

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(drawPlan(7, 'three')).toEqual(drawPlan(7, 'three'));
    expect(drawPlan(7, 'three')).not.toEqual(drawPlan(8, 'three'));
  });

  test.each(SCENARIO_NAMES)('of %s is plain data', (scenario) => {
    const plan = drawPlan(3, scenario);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test('has no faults for some seeds', () => {
    const counts = Array.from({ length: 60 }, (_, seed) => drawPlan(seed, 'one-inline').faults.faults.length);
    expect(counts).toContain(0);
    expect(Math.max(...counts)).toBeGreaterThan(20);
  });
});

describe('a reduction', () => {
  test('is one word, and the same again when it is read', () => {
    const reduction = { faults: [1, 4], actions: [], consumers: [0], instruments: 2, lengthMs: 60_000 };
    expect(toText(reduction)).toBe('faults=1,4;actions=;consumers=0;instruments=2;length=60000');
    expect(fromText(toText(reduction))).toEqual(reduction);
  });

  test('leaves what it names, and no instrument that is gone', () => {
    const plan = drawPlan(5, 'one-inline');
    const left = reduced(plan, { consumers: [0], instruments: 2 });
    expect(left.consumers).toEqual([plan.consumers[0]]);
    expect(left.instruments).toEqual(plan.instruments.slice(0, 2));
    for (const action of left.actions)
      if ('tokens' in action) for (const token of action.tokens) expect(left.instruments).toContain(token);
  });

  test('of a word that is none is refused by name', () => {
    expect(() => fromText('fault=1')).toThrow(/only is "fault=1"; allowed: faults=…/);
  });
});
