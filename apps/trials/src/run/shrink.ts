import type { Rule } from '../oracle/failure.js';
import type { Plan } from '../plan/plan.js';
import { reduced, type Reduction } from '../plan/reduction.js';
import { runTrial } from './run-trial.js';

/** The most trials that one plan is shrunk with. */
const MOST_TRIES = 120;

/**
 * Takes away halves, then quarters, and so on, of everything in a plan, as long as it still breaks the same rule.
 *
 * @param onTry told of each try: how much is left
 */
export async function shrink(
  plan: Plan,
  rule: Rule,
  onTry: (left: Plan) => void = () => undefined,
): Promise<Reduction> {
  let tries = 0;
  const stillFails = async (reduction: Reduction): Promise<boolean> => {
    if (tries++ >= MOST_TRIES) return false;
    const left = reduced(plan, reduction);
    onTry(left);
    const { failures } = await runTrial(left);
    return failures.some((failure) => failure.rule === rule);
  };
  let best: Reduction = {};
  // What came after the first breach is not needed for it.
  const { failures } = await runTrial(plan);
  const first = failures.find((failure) => failure.rule === rule);
  if (!first) return best;
  const upTo = { ...best, lengthMs: Math.min(plan.lengthMs, Math.ceil(first.at) + 1000) };
  if (await stillFails(upTo)) best = upTo;
  for (const list of ['faults', 'consumers', 'actions'] as const) {
    const length = list === 'faults' ? plan.faults.faults.length : plan[list].length;
    let kept = Array.from({ length }, (_, index) => index);
    for (
      let size = Math.ceil(kept.length / 2);
      size >= 1 && kept.length > 0;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let from = 0; from < kept.length;) {
        const without = [...kept.slice(0, from), ...kept.slice(from + size)];
        if (await stillFails({ ...best, [list]: without })) {
          kept = without;
          best = { ...best, [list]: kept };
        } else from += size;
      }
    }
  }
  for (let count = Math.floor(plan.instruments.length / 2); count >= 1; count = Math.floor(count / 2)) {
    if (!(await stillFails({ ...best, instruments: count }))) break;
    best = { ...best, instruments: count };
  }
  return best;
}
