import { describe, expect, test } from 'vitest';
import type { Mode } from '@kite/protocol';

import { isKept, killsText } from '../../src/kills/print-kills.js';
import { runKills } from '../../src/kills/run-kills.js';
import type { ScenarioName } from '../../src/plan/scenario.js';

describe('accounts with replicas that are killed under load', () => {
  test.each<[ScenarioName, Mode, number]>([
    ['three-replicas-2', 'full', 0],
    ['three-replicas-3', 'quote', 0],
    // Of a price alone it is not always known whether it is new.
    ['three-replicas-2', 'ltp', 5],
  ])(
    '%s, %s: each state that came is delivered once and in order, or told; none is held back for longer than replicaWaitMs',
    async (scenario, mode, mostTold) => {
      const options = { kills: 4, seed: 2, scenario, mode };
      const counts = await runKills(options);
      expect(counts.ofSurvivors).toBeGreaterThan(1000);
      expect(counts.told).toBeLessThanOrEqual(mostTold);
      expect(counts.delivered + counts.told).toBe(counts.ofSurvivors);
      expect(isKept(counts), killsText(options, counts)).toBe(true);
    },
  );
});

test('what is neither delivered nor told, or held back for too long, is a promise that was not kept', () => {
  const kept = {
    arrived: 2,
    ofSurvivors: 1,
    delivered: 1,
    told: 0,
    untold: 0,
    longestHeldMs: 300,
    failures: [],
  };
  expect(isKept(kept)).toBe(true);
  expect(isKept({ ...kept, untold: 1 })).toBe(false);
  expect(isKept({ ...kept, longestHeldMs: 301 })).toBe(false);
  expect(isKept({ ...kept, failures: [{ rule: 'lost', at: 0, text: '' }] })).toBe(false);
});
