import { checkToken } from '../argument.js';
import { SCENARIO_NAMES, scenarioRule } from '../scenario-name.js';
import { checked, notAllowed, number } from './flag-value.js';
import type { CommandWords } from './words.js';

/** A command that runs at the first subscription to the instrument. */
export interface PlannedPlay {
  readonly token: number;
  readonly words: CommandWords;
}

const PRICES = 'TOKEN:PRICE[,PRICE…], such as 408065:1573.15,1574';
/** In words. */
export const SCENARIOS = SCENARIO_NAMES.join(', ');
const SCENARIO = `NAME:TOKEN, the name one of ${SCENARIOS}`;

/** `--price`, several times for several. */
export function pricesOf(text: string, before: readonly PlannedPlay[] = []): PlannedPlay[] {
  const [token = '', prices = '', ...rest] = text.split(':');
  const areNumbers = prices.split(',').every((price) => Number.isFinite(number(price)));
  if (rest.length > 0 || !areNumbers) throw notAllowed(PRICES);
  return [...before, { token: tokenIn(token, PRICES), words: ['price', token, prices] }];
}

/** `--scenario`, several times for several. */
export function scenarioOf(text: string, before: readonly PlannedPlay[] = []): PlannedPlay[] {
  const [name = '', token = '', ...rest] = text.split(':');
  if (rest.length > 0 || !scenarioRule.accepts(name)) throw notAllowed(SCENARIO);
  return [...before, { token: tokenIn(token, SCENARIO), words: ['scenario', name, token] }];
}

function tokenIn(text: string, allowed: string): number {
  return checked(number, (value) => checkToken('token', value), allowed)(text);
}

/** Everything the flags ask for, at the pace of `--play-every`. */
export function planPlays(plays: readonly PlannedPlay[], every: string | undefined): PlannedPlay[] {
  return plays.map(({ token, words }) => ({ token, words: [...words, every] }));
}
