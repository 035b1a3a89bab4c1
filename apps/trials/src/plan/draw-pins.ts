import type { Mode } from '@kite/protocol';

import { Chance } from './chance.js';
import type { Action, Plan } from './plan.js';

/** In some trials the program holds a few instruments on accounts of its own choice as well, and drops some of them later. */
export function drawPins(
  seed: number,
  { instruments, lengthMs, faults }: Pick<Plan, 'instruments' | 'lengthMs' | 'faults'>,
  accounts: number,
): Action[] {
  const chance = new Chance(seed, 'pins');
  if (!chance.happens(0.5)) return [];
  const actions: Action[] = [];
  const last = lengthMs - 1;
  for (let left = chance.integer(1, 4); left > 0; left--) {
    const tokens = chance.some(chance.integer(1, Math.min(4, instruments.length)), instruments);
    const isNearAFault = chance.happens(0.5) && faults.faults.length > 0;
    const at = isNearAFault
      ? Math.max(1000, chance.pick(faults.faults).at + chance.integer(-2000, 6000))
      : chance.integer(1000, last);
    const mode: Mode = chance.pick(['ltp', 'quote', 'full'] as const);
    actions.push({
      at: Math.min(at, last),
      kind: 'pin',
      account: chance.integer(0, accounts - 1),
      tokens,
      mode,
    });
    if (chance.happens(0.5))
      actions.push({ at: chance.integer(Math.min(at, last), last), kind: 'unsubscribe', tokens });
  }
  return actions;
}
