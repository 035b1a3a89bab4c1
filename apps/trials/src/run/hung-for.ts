import type { Pauses } from '../oracle/pauses.js';
import type { Plan } from '../plan/plan.js';

/**
 * Nothing heals a worker that hangs: how long it is, in milliseconds, until it is given up, if there may be one at this time.
 * One that was to hang while the machine slept hangs from the moment in which it wakes.
 */
export function hungFor(
  { faults, heartbeatLivenessThresholdMs }: Pick<Plan, 'faults' | 'heartbeatLivenessThresholdMs'>,
  pauses: Pauses,
  now: number,
): number {
  const mayHang = faults.faults.some(
    ({ kind, at }) =>
      kind === 'hang-worker' && at <= now && pauses.awakeAt(at) > now - heartbeatLivenessThresholdMs,
  );
  return mayHang ? heartbeatLivenessThresholdMs : 0;
}
