import type { Failure } from '../oracle/failure.js';
import { judgeMerged, type MergedFacts } from '../oracle/judge-merged.js';
import { MergedGaps } from '../oracle/merged-gaps.js';
import type { MergedState } from '../oracle/merged-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';

/** A time in which an account was down, in virtual milliseconds since the trial began. */
export interface Outage {
  readonly account: string;
  readonly from: number;
  readonly to: number;
}

/** What became of the states that reached the client while accounts were killed. */
export interface KillCounts {
  /** States that came over any account. */
  readonly arrived: number;
  /** Of these, those that came over one account while another was down. */
  readonly ofSurvivors: number;
  /** Of those of survivors: handed to the reader. */
  readonly delivered: number;
  /** Of those of survivors: not handed on, and a gap says so. */
  readonly told: number;
  /** Of all: neither. */
  readonly untold: number;
  /** How long a state was held back that was handed on, at most, in milliseconds. */
  readonly longestHeldMs: number;
  /** What was repeated, turned back or lost, as the oracle sees it. */
  readonly failures: readonly Failure[];
}

/** Counts them, of the consumer that reads everything. */
export function countKills(record: StreamRecord, facts: MergedFacts, outages: readonly Outage[]): KillCounts {
  const { failures, deliveries } = judgeMerged(record, facts);
  const gaps = new MergedGaps(facts.arrivals, facts.wire.wall);
  for (const { at, item } of record.items)
    if (item.type === 'gap') gaps.reported(item.gap, item.from.account, at);
  const had = new Set<MergedState>();
  let longestHeldMs = 0;
  for (const list of deliveries.values())
    for (const { key, at, state } of list) {
      if (!state) continue;
      had.add(state);
      longestHeldMs = Math.max(longestHeldMs, at - state.forms.get(key)!.arrival!.at);
    }
  const counts = { arrived: 0, ofSurvivors: 0, delivered: 0, told: 0, untold: 0 };
  for (const token of facts.sent.tokens)
    for (const state of facts.sent.of(token)) {
      if (!state.arrival) continue;
      counts.arrived++;
      const isTold = !had.has(state) && gaps.has(state);
      if (!had.has(state) && !isTold) counts.untold++;
      if (!isOfSurvivor(state, facts, outages)) continue;
      counts.ofSurvivors++;
      if (had.has(state)) counts.delivered++;
      else if (isTold) counts.told++;
    }
  return { ...counts, longestHeldMs, failures };
}

/** Whether it came over an account while another one was down. */
function isOfSurvivor(
  { forms }: MergedState,
  { arrivals }: MergedFacts,
  outages: readonly Outage[],
): boolean {
  for (const { copies } of forms.values())
    for (const { connectionId, order, account } of copies) {
      const at = arrivals.ofPacket(connectionId, order)?.at;
      if (at === undefined) continue;
      if (outages.some((outage) => outage.account !== account && outage.from <= at && at < outage.to))
        return true;
    }
  return false;
}
