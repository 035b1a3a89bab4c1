import { type Pause, Pauses } from '../oracle/pauses.js';
import type { Plan } from '../plan/plan.js';

/** When the main thread of this plan does nothing. */
export function pausesOf({ faults }: Plan): Pauses {
  return new Pauses(
    faults.faults.flatMap((fault): Pause[] =>
      fault.kind === 'block-main' || fault.kind === 'sleep'
        ? [{ from: fault.at, to: fault.at + fault.forMs }]
        : [],
    ),
  );
}
