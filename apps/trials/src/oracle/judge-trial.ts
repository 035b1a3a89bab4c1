import type { Tick } from '@kite/protocol';

import { accountId } from '../client/client.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Arrivals } from './arrivals.js';
import type { Asked } from './asked.js';
import type { Facts } from './facts.js';
import type { Failure } from './failure.js';
import { type Delivery, judgeFollower } from './judge-follower.js';
import { judgeGaps } from './judge-gaps.js';
import { judgeMerged } from './judge-merged.js';
import { judgeOrders, type OrderTimes, orderTimesOf } from './judge-orders.js';
import { judgePinned } from './judge-pinned.js';
import { judgePolicy } from './judge-policy.js';
import { judgeStream } from './judge-stream.js';
import type { MergedStates } from './merged-states.js';
import type { Pins } from './pins.js';
import type { ReadStream } from './read-stream.js';
import { Reference } from './reference.js';
import type { SentStates } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';
import type { TickKeys } from './tick-keys.js';

/** The facts about instruments that several accounts stream. */
export interface ReplicaFacts {
  readonly sent: MergedStates;
  readonly arrivals: Arrivals;
  readonly asked: Asked;
  readonly keys: TickKeys;
  /** The longest time a message takes through the network, in milliseconds. */
  readonly longestWayMs: number;
  /** Whether each account has an I/O worker. */
  readonly hasWorkers: boolean;
}

/** What a follower is judged by, beside what the consumer that reads everything received. */
type FollowerOptions = Pick<ReplicaFacts, 'keys' | 'longestWayMs'>;

/** Judges every stream of a trial. The consumer `all`, if any, is first, reads everything at once and loses nothing. */
export function judgeStreams(
  consumers: readonly (readonly StreamRecord[])[],
  facts: Facts,
  replicas?: ReplicaFacts,
): Failure[] {
  if (replicas) return judgeMergedStreams(consumers, facts, replicas);
  const failures: Failure[] = [];
  let reference: Reference | undefined;
  let lostOnTheWay: { readonly at: number; readonly count: number }[] = [];
  for (const records of consumers) {
    const own = { ...(records[0] ? ownFacts(records[0].plan, facts) : facts), lostOnTheWay };
    const streams = records.map((record) => judgeStream(record, own, reference));
    for (const stream of streams) failures.push(...judgeOne(stream, own, reference));
    if (records[0]?.plan.id !== 'all') continue;
    reference = new Reference(streams);
    lostOnTheWay = records.flatMap(({ items }) =>
      items.flatMap(({ at, item }) => (item.type === 'dropped' ? [{ at, count: item.count }] : [])),
    );
  }
  return failures;
}

/**
 * The same where instruments were pinned to accounts: these come over several of them, and are judged by account. What
 * other consumers read is judged by what `all` does.
 *
 * @param sent of what was ever pinned
 */
export function judgeStreamsWithPins(
  consumers: readonly (readonly StreamRecord[])[],
  facts: Facts,
  { pins, sent, ...options }: FollowerOptions & { readonly pins: Pins; readonly sent: SentStates },
  replicas?: ReplicaFacts,
): Failure[] {
  const [all, ...others] = consumers;
  if (all?.[0]?.plan.id !== 'all') return [];
  const pinned = { ...facts, pins, sent, areMerged: replicas !== undefined };
  const deliveries = deliveriesOf(all, options.keys);
  return [
    ...all.flatMap((record) => judgePinned(record, pinned)),
    ...judgeUnpinned(all, facts, pins.tokens, replicas),
    ...others.flatMap((records) => {
      if (records[0]?.plan.of) return judgeStreams([records], facts);
      return records.flatMap((record) => {
        const tokens = record.plan.tokens ?? [...deliveries.keys()];
        return [
          ...judgeFollower(record, { ...facts, ...options, deliveries, tokens }),
          ...ordersOf(record, facts, undefined, orderTimesOf(all)),
        ];
      });
    }),
  ];
}

/** Judges what the consumer `all` received of instruments that were never pinned. */
function judgeUnpinned(
  all: readonly StreamRecord[],
  facts: Facts,
  pinned: ReadonlySet<number>,
  replicas: ReplicaFacts | undefined,
): Failure[] {
  const records = all.map((record) => withoutTicksOf(record, pinned));
  if (!replicas)
    return judgeStreams([records], { ...facts, sent: facts.sent.where(({ token }) => !pinned.has(token)) });
  const sent = replicas.sent.without(pinned);
  return records.flatMap((record) => [
    ...ordersOf(record, facts),
    ...judgeMerged(record, { ...facts, ...replicas, sent }).failures,
  ]);
}

/** By instrument, everything that came to a consumer. */
function deliveriesOf(records: readonly StreamRecord[], keys: TickKeys): Map<number, Delivery[]> {
  const deliveries = new Map<number, Delivery[]>();
  for (const { items } of records)
    for (const { at, item } of items)
      for (const tick of item.type === 'ticks' ? item.ticks : []) {
        const list = deliveries.get(tick.instrumentToken) ?? [];
        deliveries.set(tick.instrumentToken, list);
        list.push({ key: keys.of(tick), at, state: undefined });
      }
  return deliveries;
}

/** The record without the ticks of these instruments. */
function withoutTicksOf(record: StreamRecord, tokens: ReadonlySet<number>): StreamRecord {
  const isOther = ({ instrumentToken }: Tick): boolean => !tokens.has(instrumentToken);
  return {
    ...record,
    items: record.items.map(({ at, item }) =>
      item.type === 'ticks' ? { at, item: { ...item, ticks: item.ticks.filter(isOther) } } : { at, item },
    ),
  };
}

function judgeMergedStreams(
  consumers: readonly (readonly StreamRecord[])[],
  facts: Facts,
  replicas: ReplicaFacts,
): Failure[] {
  const failures: Failure[] = [];
  const deliveries = new Map<number, Delivery[]>();
  let isKnown = false;
  const handed = orderTimesOf(consumers[0]?.[0]?.plan.id === 'all' ? consumers[0] : []);
  for (const records of consumers) {
    for (const record of records) {
      failures.push(...ordersOf(record, facts, undefined, handed));
      const { tokens } = record.plan;
      const sent = tokens ? replicas.sent.only(tokens) : replicas.sent;
      if (isKnown) {
        failures.push(...judgeFollower(record, { ...facts, ...replicas, tokens: sent.tokens, deliveries }));
        continue;
      }
      const verdict = judgeMerged(record, { ...facts, ...replicas, sent });
      failures.push(...verdict.failures);
      if (record.plan.id === 'all')
        for (const [token, list] of verdict.deliveries)
          deliveries.set(token, [...(deliveries.get(token) ?? []), ...list]);
    }
    isKnown ||= records[0]?.plan.id === 'all';
  }
  return failures;
}

function judgeOne(stream: ReadStream, facts: Facts, reference: Reference | undefined): Failure[] {
  const { record, failures } = stream;
  const { plan } = record;
  return [
    ...failures,
    ...(plan.id === 'all' ? judgeGaps(stream, facts) : []),
    // For a consumer of some instruments or of one connection, the input of its channel is unknown.
    ...(reference && !plan.of && !plan.tokens ? judgePolicy(stream, reference, facts.pauses) : []),
    ...ordersOf(record, facts, reference),
  ];
}

/** The facts for a consumer of one connection or of some instruments. */
function ownFacts({ of, tokens }: ConsumerPlan, facts: Facts): Facts {
  if (!of && !tokens) return facts;
  const account = of && accountId(of.account);
  const sent = facts.sent.where(
    (state) =>
      (tokens?.includes(state.token) ?? true) &&
      (!of || (state.account === account && facts.channels.get(state.connectionId) === of.channelId)),
  );
  return { ...facts, sent };
}

/** Only the connection that brings an order first delivers it. */
function ordersOf(
  record: StreamRecord,
  { wire }: Facts,
  reference?: Reference,
  handed?: OrderTimes,
): Failure[] {
  const { kind } = record.plan;
  return kind === 'messages' || kind === 'listener' ? judgeOrders(record, wire, reference, handed) : [];
}
