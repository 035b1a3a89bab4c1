import type { Item } from '../client/client.js';

/** What one consumer was handed, from the opening of its channel to its end. */
export interface StreamRecord {
  readonly consumer: string;
  /** Virtual milliseconds since the trial began. */
  readonly from: number;
  /** When it was closed; undefined: it was read to the end of the trial. */
  to: number | undefined;
  readonly items: { readonly at: number; readonly item: Item }[];
}
