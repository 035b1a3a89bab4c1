import type { Pauses } from '../oracle/pauses.js';
import type { Plan } from '../plan/plan.js';

/**
 * Nothing heals a worker that hangs, nor a socket that died while the client slept: how long it takes, in milliseconds, until
 * the client gives it up, if there may be one at this time. A client that has just woken listens for the whole threshold. A
 * worker whose hang falls into a sleep of the machine begins to hang when the machine wakes.
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
