import type { Facts } from '../oracle/facts.js';
import { ReportedGap } from '../oracle/reported-gap.js';
import { keyOf } from '../oracle/sent-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import { TickKeys } from '../oracle/tick-keys.js';

/** All connections of one account were ended, and refused for a while. */
export interface AccountKill {
  readonly account: string;
  /** Milliseconds since the round began. */
  readonly from: number;
  readonly to: number;
}

/** What happened to states sent to surviving accounts while another one was down. */
export interface Survival {
  readonly kills: number;
  /** States that reached a surviving account. */
  readonly arrived: number;
  /** Of these, states that the consumer that reads everything received in no form. */
  readonly undelivered: number;
  /** Of the undelivered ones, those in a gap reported to it. */
  readonly inGaps: number;
}

export const NO_SURVIVAL: Survival = { kills: 0, arrived: 0, undelivered: 0, inGaps: 0 };

/** Counts these states, for a program with replicas. */
export function survivalOf(
  kills: readonly AccountKill[],
  all: readonly StreamRecord[],
  facts: Facts,
): Survival {
  const delivered = deliveredKeys(all);
  const gaps = all.flatMap(({ items }) =>
    items.flatMap(({ at, item }, position) =>
      item.type === 'gap' ? [new ReportedGap(item.gap, item.from, position, at, facts.wire.wall)] : [],
    ),
  );
  let [arrived, undelivered, inGaps] = [0, 0, 0];
  for (const token of facts.sent.tokens) {
    const changes = new Set<number>();
    const states = facts.sent.of(token);
    for (const state of states) {
      const { arrival, account, change, at } = state;
      const isSurvivor = kills.some((kill) => kill.from <= at && at <= kill.to && kill.account !== account);
      if (!arrival || !isSurvivor || changes.has(change)) continue;
      changes.add(change);
      arrived++;
      const forms = states.filter((one) => one.change === change).map(({ packet }) => keyOf(packet));
      if (forms.some((key) => delivered.has(key))) continue;
      undelivered++;
      if (gaps.some((gap) => gap.covers(state, [], facts))) inGaps++;
    }
  }
  return { kills: kills.length, arrived, undelivered, inGaps };
}

function deliveredKeys(all: readonly StreamRecord[]): ReadonlySet<string> {
  const keys = new TickKeys();
  const delivered = new Set<string>();
  for (const { items } of all)
    for (const { item } of items)
      if (item.type === 'ticks') for (const tick of item.ticks) delivered.add(keys.of(tick));
  return delivered;
}

export function addSurvival(one: Survival, other: Survival): Survival {
  return {
    kills: one.kills + other.kills,
    arrived: one.arrived + other.arrived,
    undelivered: one.undelivered + other.undelivered,
    inGaps: one.inGaps + other.inGaps,
  };
}
