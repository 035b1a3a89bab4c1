import type { LostState } from './drops.js';
import type { Failure } from './failure.js';
import type { ReportedGap } from './reported-gap.js';
import type { SentState } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';

/** A state that was handed over, and where. */
export interface Delivery {
  readonly state: SentState;
  readonly position: number;
  readonly at: number;
}

/** A stream as the oracle has understood it. */
export interface ReadStream {
  readonly record: StreamRecord;
  readonly deliveries: readonly Delivery[];
  readonly gaps: readonly ReportedGap[];
  /** What came to the client and was not handed over, in no gap. */
  readonly lost: readonly Lost[];
  /** What nobody is owed: its instrument had moved to another connection, which brings the same or newer states. */
  readonly unowed: ReadonlySet<SentState>;
  /** What lies in a gap that the connection told to which its instrument had moved. */
  readonly movedAway: ReadonlySet<SentState>;
  readonly failures: readonly Failure[];
}

/** A state that came to the client, and was not handed over. */
export interface Lost extends LostState {
  readonly state: SentState;
  readonly noticedAt: number;
}

/** A delivery that may have been of an earlier state with the same bytes. */
export interface OwnDelivery extends Delivery {
  state: SentState;
  /** The states that it may have been as well, the newest one last. */
  readonly earlier: SentState[];
}

/** Nothing of the connection was ever handed over. */
export const UNKNOWN = '';

/** A state in words. */
export function told({ at, account, connectionId }: SentState): string {
  return `sent at ${at} over connection ${connectionId} of ${account}`;
}
