import { SCENARIO_NAMES, type ScenarioName } from '../plan/scenario.js';

/** The scenario of a seed where none is named: seeds are shared out over all of them, or over these. */
export function scenarioOf(seed: number, names: readonly ScenarioName[] = SCENARIO_NAMES): ScenarioName {
  return names[((seed % names.length) + names.length) % names.length]!;
}
