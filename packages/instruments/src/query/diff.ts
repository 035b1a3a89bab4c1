import type { Instrument } from '../instrument.js';
import type { InstrumentList } from '../list/instrument-list.js';

/** A field of an instrument that can differ from one day's list to the next. */
export type InstrumentField = Exclude<keyof Instrument, 'instrumentToken' | 'lastPrice' | 'extra'>;

/** An instrument with other data in the two lists. */
export interface ChangedInstrument {
  /** As in the older list. */
  before: Instrument;
  /** As in the newer list. */
  after: Instrument;
  /** The fields that differ. */
  fields: InstrumentField[];
}

/** What changed between two lists. The token identifies an instrument. */
export interface InstrumentsDiff {
  /** In the newer list only. */
  added: Instrument[];
  /** In the older list only. */
  removed: Instrument[];
  /** In both, with other data. Ignores the last price, which differs every day. */
  changed: ChangedInstrument[];
}

const FIELDS = [
  'exchangeToken',
  'tradingsymbol',
  'name',
  'expiry',
  'strike',
  'tickSize',
  'lotSize',
  'instrumentType',
  'segment',
  'exchange',
] as const satisfies readonly InstrumentField[];

export function diffLists(older: InstrumentList, newer: InstrumentList): InstrumentsDiff {
  const diff: InstrumentsDiff = { added: [], removed: [], changed: [] };
  for (let row = 0; row < newer.size; row++) {
    const after = newer.at(row);
    const there = older.rowOfToken(after.instrumentToken);
    if (there === undefined) {
      diff.added.push(after);
      continue;
    }
    const before = older.at(there);
    const fields = FIELDS.filter((field) => before[field] !== after[field]);
    if (fields.length > 0) diff.changed.push({ before, after, fields });
  }
  const tokens = older.columns.tokens.values;
  for (let row = 0; row < older.size; row++)
    if (newer.rowOfToken(tokens[row]!) === undefined) diff.removed.push(older.at(row));
  return diff;
}
