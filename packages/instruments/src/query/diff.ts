import type { Instrument } from '../instrument.js';
import type { InstrumentList } from '../list/instrument-list.js';

/** A field of an instrument that can differ from one day's list to the next. */
export type InstrumentField = Exclude<keyof Instrument, 'instrumentToken' | 'lastPrice' | 'extra'>;

/** An instrument that both lists have, with other data. */
export interface ChangedInstrument {
  /** As the older list has it. */
  before: Instrument;
  /** As the newer list has it. */
  after: Instrument;
  /** What differs. */
  fields: InstrumentField[];
}

/** What changed between two lists. Instruments are the same where their tokens are. */
export interface InstrumentsDiff {
  /** In the newer list only. */
  added: Instrument[];
  /** In the older list only. */
  removed: Instrument[];
  /** In both, with other data. The last price is not looked at: it differs every day. */
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
