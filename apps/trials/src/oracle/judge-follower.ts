import type { Tick } from '@kite/protocol';

import type { Failure, Rule } from './failure.js';
import type { MergedState } from './merged-states.js';
import type { StreamRecord } from './stream-record.js';
import type { TickKeys } from './tick-keys.js';
import type { Wanted } from './wanted.js';

/** A tick as the consumer that reads everything at once received it. */
export interface Delivery {
  /** The packet it came from. */
  readonly key: string;
  readonly at: number;
  readonly state: MergedState | undefined;
}

/** By instrument, everything that came, in order. */
export type Deliveries = ReadonlyMap<number, readonly Delivery[]>;

/** What a follower is judged by. */
export interface FollowerFacts {
  readonly deliveries: Deliveries;
  readonly tokens: Iterable<number>;
  readonly wanted: Wanted;
  readonly keys: TickKeys;
  /** The longest time a message takes through the network, in milliseconds. */
  readonly longestWayMs: number;
}

/** For each rule and consumer: a flood of breaches says no more than a few. */
const MOST_TOLD = 20;

/**
 * Judges a consumer of a merged stream against the one that reads everything at once: it receives the same ticks in the
 * same order, later, and without those counted as dropped for it.
 */
export function judgeFollower(stream: StreamRecord, facts: FollowerFacts): Failure[] {
  const { deliveries, keys, wanted, longestWayMs } = facts;
  const { items, from, to, consumer } = stream;
  const failures: Failure[] = [];
  const fail = (rule: Rule, at: number, instrument: number, text: string): void => {
    if (failures.filter((failure) => failure.rule === rule).length < MOST_TOLD)
      failures.push({ rule, at, consumer, instrument, text });
  };
  /** By instrument, how many deliveries it has passed. */
  const places = new Map<number, number>();
  const missing: { readonly delivery: Delivery; readonly token: number; readonly at: number }[] = [];
  let dropped = 0;
  /** Ticks taken for ones of the moment in which the channel opened: each may be a later one that looks the same. */
  let early = 0;

  const pass = (token: number, until: number, at: number): void => {
    const list = deliveries.get(token) ?? [];
    for (let index = places.get(token) ?? 0; index < until; index++) {
      const delivery = list[index]!;
      // Ticks that came just as the channel opened, or while the instrument left, may come or not.
      const sentAt = delivery.state?.at ?? delivery.at;
      if (
        delivery.at > from &&
        wanted.throughout(token, sentAt, Math.max(sentAt + longestWayMs, delivery.at))
      )
        missing.push({ delivery, token, at });
    }
  };
  const delivered = (tick: Tick, at: number): void => {
    const token = tick.instrumentToken;
    const list = deliveries.get(token) ?? [];
    const key = keys.of(tick);
    const place = places.get(token) ?? 0;
    const index = list.findIndex(
      (delivery, number) =>
        number >= place && delivery.key === key && delivery.at >= from && delivery.at <= at,
    );
    if (index >= 0) {
      pass(token, index, at);
      if (list[index]!.at === from) early++;
      places.set(token, index + 1);
    } else if (list[place - 1]?.key === key) fail('repeated', at, token, 'it came once');
    else if (list.some((delivery) => delivery.key === key && delivery.at <= at))
      fail('turned-back', at, token, 'it had come before another one');
    else fail('invented', at, token, 'it had not come');
  };

  for (const { at, item } of items) {
    if (item.type === 'dropped') dropped += item.count;
    else if (item.type === 'ticks') for (const tick of item.ticks) delivered(tick, at);
  }
  if (to === undefined)
    for (const token of facts.tokens) {
      const list = deliveries.get(token) ?? [];
      pass(token, list.length, list.at(-1)?.at ?? from);
    }
  const unaccounted = missing.slice(dropped + early);
  for (const { token, at, delivery } of unaccounted.slice(0, 5)) {
    const text = `came at ${delivery.at}; ${unaccounted.length} like it, ${dropped} dropped`;
    fail('lost', at, token, text);
  }
  return failures;
}
