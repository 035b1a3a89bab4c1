import type { Arrivals } from './arrivals.js';
import type { Asked } from './asked.js';
import type { Facts } from './facts.js';
import type { Failure } from './failure.js';
import { judgeGaps } from './judge-gaps.js';
import { judgeMerged } from './judge-merged.js';
import { judgeOrders } from './judge-orders.js';
import { judgePolicy } from './judge-policy.js';
import { judgeStream, type ReadStream } from './judge-stream.js';
import type { MergedStates } from './merged-states.js';
import { Reference } from './reference.js';
import type { StreamRecord } from './stream-record.js';
import type { TickKeys } from './tick-keys.js';

/** What is true of instruments that several accounts stream. */
export interface ReplicaFacts {
  readonly sent: MergedStates;
  readonly arrivals: Arrivals;
  readonly asked: Asked;
  readonly keys: TickKeys;
  /** The longest way of a message through the network, in milliseconds. */
  readonly longestWayMs: number;
}

/** Judges every stream of a trial. The consumer `all`, if it is there, is the first, reads everything at once and loses nothing. */
export function judgeStreams(
  consumers: readonly (readonly StreamRecord[])[],
  facts: Facts,
  replicas?: ReplicaFacts,
): Failure[] {
  if (replicas)
    return consumers
      .flat()
      .flatMap((record) => [...judgeMerged(record, { ...facts, ...replicas }), ...ordersOf(record, facts)]);
  const failures: Failure[] = [];
  let reference: Reference | undefined;
  for (const records of consumers) {
    const streams = records.map((record) => judgeStream(record, facts, reference));
    for (const stream of streams) failures.push(...judgeOne(stream, facts, reference));
    if (records[0]?.plan.id === 'all') reference = new Reference(streams);
  }
  return failures;
}

function judgeOne(stream: ReadStream, facts: Facts, reference: Reference | undefined): Failure[] {
  const { record, failures } = stream;
  return [
    ...failures,
    ...(record.plan.id === 'all' ? judgeGaps(stream, facts) : []),
    ...(reference ? judgePolicy(stream, reference, facts.pauses) : []),
    ...ordersOf(record, facts, reference),
  ];
}

function ordersOf(record: StreamRecord, { wire }: Facts, reference?: Reference): Failure[] {
  return record.plan.kind === 'messages' ? judgeOrders(record, wire, reference) : [];
}
