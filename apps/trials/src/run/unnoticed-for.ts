import type { Pauses } from '../oracle/pauses.js';
import type { Plan } from '../plan/plan.js';

/**
 * Nothing heals a worker that hangs, nor a socket that died while the client slept: how long it takes, in milliseconds, until
 * the client gives it up, if there may be one at this time. A client that has just woken listens for the whole threshold, and
 * a worker that was to hang while the machine slept hangs from the moment in which it wakes.
 */
export function unnoticedFor(
  { faults, heartbeatLivenessThresholdMs }: Pick<Plan, 'faults' | 'heartbeatLivenessThresholdMs'>,
  pauses: Pauses,
  now: number,
): number {
  const since = now - heartbeatLivenessThresholdMs;
  const mayHang = faults.faults.some(
    ({ kind, at }) => kind === 'hang-worker' && at <= now && pauses.awakeAt(at) > since,
  );
  return mayHang || pauses.between(since, now) > 0 ? heartbeatLivenessThresholdMs : 0;
}
