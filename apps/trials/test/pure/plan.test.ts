import { describe, expect, test } from 'vitest';

import { drawPlan } from '../../src/plan/draw.js';
import { idleCut } from '../../src/plan/idle.js';
import type { Plan } from '../../src/plan/plan.js';
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

  test('lets the server notice by the end what was cut in silence: until then it takes no new connection', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { faults, lengthMs } = drawPlan(seed, 'three');
      for (const fault of faults.faults)
        if (fault.kind === 'cut-silently')
          expect(fault.at + fault.serverNoticesAfterMs!).toBeLessThanOrEqual(lengthMs);
    }
  });
});

describe('the plan of a scenario with subscribers', () => {
  const plans = Array.from({ length: 40 }, (_, seed) => drawPlan(seed, 'three-subscribers'));

  test('has subscribers that read a bounded channel slowly, under each policy', () => {
    const slow = plans.flatMap(({ subscribers = [] }) => subscribers.flatMap((one) => one.slow ?? []));
    const policies = new Set(slow.map(({ overflow }) => overflow));
    expect([...policies].sort()).toEqual(['conflate', 'drop-newest', 'drop-oldest', 'error']);
    for (const { throttleMs, overflow } of slow) if (throttleMs) expect(overflow).toBe('conflate');
  });

  test('pins instruments to accounts in some trials, and not where there is one account', () => {
    const pinsOf = ({ actions }: Plan): Plan['actions'] => actions.filter(({ kind }) => kind === 'pin');
    const counts = plans.map((plan) => pinsOf(plan).length);
    expect(counts).toContain(0);
    expect(Math.max(...counts)).toBeGreaterThan(1);
    for (let seed = 0; seed < 40; seed++) {
      expect(pinsOf(drawPlan(seed, 'one-subscribers'))).toEqual([]);
      expect(pinsOf(drawPlan(seed, 'three'))).toEqual([]);
    }
  });

  test('is, but for its subscribers and pins, the plan of the scenario without them', () => {
    for (const plan of plans) {
      const { subscribers: _, ...rest } = plan;
      const actions = rest.actions.filter(({ kind }) => !/subscriber|pin/.test(kind));
      const without = drawPlan(plan.seed, 'three');
      const kept = actions.filter((action) =>
        without.actions.some((one) => JSON.stringify(one) === JSON.stringify(action)),
      );
      expect({ ...rest, scenario: 'three', actions: kept }).toEqual(without);
    }
  });
});

describe('a reduction', () => {
  test('is one word, and the same again when it is read', () => {
    const reduction = {
      faults: [1, 4],
      actions: [],
      consumers: [0],
      instruments: [0, 3],
      lengthMs: 60_000,
      idleMs: 5000,
    };
    expect(toText(reduction)).toBe('faults=1,4;actions=;consumers=0;instruments=0,3;length=60000;idle=5000');
    expect(fromText(toText(reduction))).toEqual(reduction);
  });

  test('leaves what it names, and no instrument that is gone', () => {
    const plan = drawPlan(5, 'one-inline');
    const left = reduced(plan, { consumers: [0], instruments: [0, 2] });
    expect(left.consumers).toEqual([plan.consumers[0]]);
    expect(left.instruments).toEqual([plan.instruments[0], plan.instruments[2]]);
    for (const action of left.actions)
      if ('tokens' in action) for (const token of action.tokens) expect(left.instruments).toContain(token);
  });

  test('cuts time in which nothing happens, and no other', () => {
    const plan: Plan = {
      ...drawPlan(5, 'one-inline'),
      lengthMs: 100_000,
      faults: { faults: [{ at: 50_000, kind: 'sleep', forMs: 20_000 }] },
      actions: [
        { at: 0, kind: 'subscribe', tokens: [1], mode: 'ltp' },
        { at: 60_000, kind: 'unsubscribe', tokens: [1] },
        { at: 90_000, kind: 'restart' },
      ],
      consumers: [{ id: 'all', kind: 'messages', from: 49_000, takesMs: 0 }],
    };
    const { lengthMs, faults, actions, consumers } = idleCut(plan, 2000);
    expect(consumers.map(({ from }) => from)).toEqual([2000]);
    expect(faults.faults).toEqual([{ at: 3000, kind: 'sleep', forMs: 20_000 }]);
    expect(actions.map(({ at }) => at)).toEqual([0, 13_000, 25_000]);
    expect(lengthMs).toBe(27_000);
  });

  test.each(['fault=1', 'length=', 'faults=a', 'instruments=-1'])('of %s is refused by name', (word) => {
    expect(() => fromText(word)).toThrow(new RegExp(`only is "${word}"; allowed: faults=…`));
  });
});
