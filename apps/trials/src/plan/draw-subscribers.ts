import type { Mode } from '@kite/protocol';

import { Chance } from './chance.js';
import type { Action, Plan, SlowReading, SubscriberPlan } from './plan.js';

/** What the subscribers of a trial are, and what they do. */
export interface DrawnSubscribers {
  readonly subscribers: readonly SubscriberPlan[];
  readonly actions: readonly Action[];
}

/** One to six parts of the program: they come, want some instruments or all, change their minds, and go. */
export function drawSubscribers(
  seed: number,
  { instruments, lengthMs, faults }: Pick<Plan, 'instruments' | 'lengthMs' | 'faults'>,
): DrawnSubscribers {
  const chance = new Chance(seed, 'subscribers');
  const mode = (): Mode => chance.pick(['ltp', 'quote', 'full'] as const);
  const some = (): number[] =>
    chance.happens(0.2)
      ? [...instruments]
      : chance.some(chance.integer(1, Math.min(20, instruments.length)), instruments);
  const subscribers: SubscriberPlan[] = [];
  const actions: Action[] = [];
  for (let number = chance.integer(1, 6); number > 0; number--) {
    const id = `subscriber ${number}`;
    const from = chance.happens(0.5) ? 0 : chance.integer(0, Math.floor(lengthMs / 2));
    const to = chance.happens(0.3) ? chance.integer(from + 1, lengthMs) : lengthMs;
    subscribers.push({ id, exact: chance.happens(0.5), from });
    actions.push({ at: from, kind: 'subscriber', id, call: 'subscribe', tokens: some(), mode: mode() });
    for (let left = chance.integer(0, 12); left > 0; left--) {
      // Much depends on what is asked for while something is wrong.
      const fault =
        faults.faults.length > 0 && chance.happens(0.4) ? chance.pick(faults.faults).at : undefined;
      const at = fault === undefined ? chance.integer(from, to) : fault + chance.integer(-2000, 6000);
      const call = chance.pick(['subscribe', 'unsubscribe', 'mode', 'replace'] as const);
      if (at >= from && at < to)
        actions.push({ at, kind: 'subscriber', id, call, tokens: some(), mode: mode() });
    }
    if (to < lengthMs) actions.push({ at: to, kind: 'close-subscriber', id });
  }
  const slow = new Chance(seed, 'slow subscribers');
  return { subscribers: subscribers.map((one) => ({ ...one, ...drawSlow(slow) })), actions };
}

/** Some read a second channel, slowly: of what it loses they are told. */
function drawSlow(chance: Chance): { slow?: SlowReading } {
  const isSlow = chance.happens(0.6);
  const overflow = chance.pick(['drop-oldest', 'drop-newest', 'conflate', 'conflate', 'error'] as const);
  const capacity = chance.pick([1, 5, 5, 50]);
  const takesMs = chance.pick([20, 200, 2000, 10_000]);
  const isThrottled = chance.happens(0.4);
  const throttleMs = chance.pick([100, 1000]);
  if (!isSlow) return {};
  return {
    slow: { overflow, capacity, takesMs, ...(isThrottled && overflow === 'conflate' && { throttleMs }) },
  };
}
