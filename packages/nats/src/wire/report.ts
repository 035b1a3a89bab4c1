import type { TickerState } from '@kite/protocol';

/** What every report of a publisher has. */
interface ReportHead {
  /** The version of this form. */
  version: 1;
  /** The publisher's name, as in the subject. */
  publisher: string;
  /** Which life of it, as in the head of its ticks. */
  epoch: number;
  /** When it was sent, by the publisher's clock; Unix milliseconds. */
  at: number;
}

/** Which connection of the publisher's feed something concerns: the numbers in the head of its ticks. */
export interface ReportOrigin {
  /** The place of the account in `accounts` of the last beat. */
  account: number;
  /** The number of the connection, 0 to 2. */
  connection: number;
}

/** Sent once a second, at the start, and whenever the list of accounts grows. */
export interface Beat extends ReportHead {
  type: 'beat';
  /** The ids of the accounts; an empty text for the only one of a feed that has no ids. */
  accounts: string[];
  /** The state of each connection that has told one. */
  states: (ReportOrigin & { state: TickerState })[];
  /** The last sequence of each shard. */
  sequences: number[];
  /** Packets published in this epoch. */
  published: number;
  /** Packets of this epoch that newer ones of the same instrument replaced while the server was slow or gone. */
  dropped: number;
}

/** What a publisher says of itself, as JSON on `kite.m.<publisher>`. */
export type Report =
  | Beat
  /** The feed received nothing in this time; `tokens`: of these instruments alone. */
  | (ReportHead & ReportOrigin & { type: 'gap'; from: number; to: number; reason: string; tokens?: number[] })
  | (ReportHead & ReportOrigin & { type: 'state'; state: TickerState; reason?: string })
  /** The feed itself lost so many frames or ticks on the way to the publisher. */
  | (ReportHead & ReportOrigin & { type: 'lagged'; dropped: number })
  /** The publisher was closed: nothing more comes. */
  | (ReportHead & { type: 'bye' });

/** A report as it is sent. */
export function encodeReport(report: Report): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(report));
}
