import type { Seen } from './ledger.js';

/** What a program tells every half second. Times in Unix milliseconds. */
export interface ProgramTold extends Seen {
  /** Its feed was open. */
  readonly openedAt: number;
  readonly toldAt: number;
  /** Missing steps that may still turn out to lie in a gap. */
  readonly open: number;
  /** How old the last step of its stalest instrument is, in milliseconds; null: one has shown nothing yet. */
  readonly behindMs: number | null;
  /** Every order that came, in order. */
  readonly orderIds: readonly string[];
}

/** What a collector tells every half second. */
export interface CollectorTold {
  /** Packets that it handed to the server. */
  readonly published: number;
  /** Instruments that it has subscribed to for programs. */
  readonly symbolCount: number;
  /** Orders of which it knows that the server has stored them. */
  readonly storedOrderIds: readonly string[];
}
