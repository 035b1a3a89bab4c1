import { SCENARIO_NAMES, type ScenarioName } from '../plan/scenario.js';

/** The scenario of a seed where none is named: seeds are shared out over all of them. */
export function scenarioOf(seed: number): ScenarioName {
  return SCENARIO_NAMES[((seed % SCENARIO_NAMES.length) + SCENARIO_NAMES.length) % SCENARIO_NAMES.length]!;
}
