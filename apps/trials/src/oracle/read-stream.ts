import type { LostState } from './drops.js';
import type { Failure } from './failure.js';
import type { ReportedGap } from './reported-gap.js';
import type { SentState } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';

/** A delivered state, and where. */
export interface Delivery {
  readonly state: SentState;
  readonly position: number;
  readonly at: number;
}

/** A stream as the oracle understands it. */
export interface ReadStream {
  readonly record: StreamRecord;
  readonly deliveries: readonly Delivery[];
  readonly gaps: readonly ReportedGap[];
  /** States that reached the client, were not delivered and lie in no gap. */
  readonly lost: readonly Lost[];
  /** States owed to no consumer: their instrument had moved to a connection that brings the same or newer states. */
  readonly unowed: ReadonlySet<SentState>;
  /** States in a gap reported by the connection to which their instrument had moved. */
  readonly movedAway: ReadonlySet<SentState>;
  readonly failures: readonly Failure[];
}

/** A state that reached the client and was not delivered. */
export interface Lost extends LostState {
  readonly state: SentState;
  readonly noticedAt: number;
}

/** A delivery that may have been an earlier state with the same bytes. */
export interface OwnDelivery extends Delivery {
  state: SentState;
  /** The other states that it may have been, the newest last. */
  readonly earlier: SentState[];
}

/** Nothing from the connection was ever delivered. */
export const UNKNOWN = '';

/** A state in words. */
export function told({ at, account, connectionId }: SentState): string {
  return `sent at ${at} over connection ${connectionId} of ${account}`;
}
