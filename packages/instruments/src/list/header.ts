import { describeValue } from '@kite/kit';
import { KiteError } from '@kite/protocol';

/** What a column of the list holds. */
type ColumnKind = 'token' | 'number' | 'date' | 'symbol' | 'text' | 'extra';

/** One column, in the order of the header. */
export interface HeaderColumn {
  /** As the header names it. */
  readonly name: string;
  readonly kind: ColumnKind;
}

/** The columns that Kite documents. */
const KNOWN: Readonly<Record<string, ColumnKind>> = {
  instrument_token: 'token',
  exchange_token: 'number',
  tradingsymbol: 'symbol',
  name: 'text',
  last_price: 'number',
  expiry: 'date',
  strike: 'number',
  tick_size: 'number',
  lot_size: 'number',
  instrument_type: 'text',
  segment: 'text',
  exchange: 'text',
};

const GZIP = '\u001f';

/**
 * The columns that the first line names.
 *
 * @throws KiteError `KITE_INSTRUMENTS_INVALID_LIST` if there is no column instrument_token, or a column occurs twice
 */
export function parseHeader(line: string, cells: readonly string[]): HeaderColumn[] {
  const columns = cells.map((cell): HeaderColumn => {
    const name = cell.trim();
    return { name, kind: Object.hasOwn(KNOWN, name) ? KNOWN[name]! : 'extra' };
  });
  const names = columns.map(({ name }) => name);
  if (!names.includes('instrument_token')) {
    const why = line.startsWith(GZIP)
      ? 'it is still compressed with gzip'
      : line === ''
        ? 'it is empty'
        : 'its first line has no column instrument_token';
    throw invalidList(`this is no list of instruments: ${why}; it begins with ${describeValue(line)}`);
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    throw invalidList(`the first line of the list has the column ${describeValue(repeated)} twice`);
  return columns;
}

function invalidList(message: string): KiteError {
  return new KiteError('KITE_INSTRUMENTS_INVALID_LIST', message);
}
