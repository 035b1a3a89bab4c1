import { oneOf } from '@kite/kit';

/**
 * A price course that a strategy has to survive:
 *
 * - `gap-at-open`: the day opens far from the previous close, and half of the gap closes again;
 * - `circuit`: the price runs to the circuit limit and is locked there, one side of the book empty, then comes off;
 * - `expiry-spike`: a contract on its last day fades, multiplies within moments and ends worthless;
 * - `auction`: silence, then one trade.
 */
export type ScenarioName = 'gap-at-open' | 'circuit' | 'expiry-spike' | 'auction';

/** All of them. */
export const SCENARIO_NAMES: readonly ScenarioName[] = ['gap-at-open', 'circuit', 'expiry-spike', 'auction'];
/** The rule for an option with a scenario. */
export const scenarioRule = oneOf(...SCENARIO_NAMES);
