import { parse as csvParse } from 'csv-parse/sync';
import papaparse from 'papaparse';
import { Instruments } from '@kite/instruments';

/** A parser's result: the number of rows, and the row of a token in a form common to all parsers. */
interface ParsedList {
  readonly rows: number;
  name(token: number): string | undefined;
}

type Row = Readonly<Record<string, string>>;

/** Ways to read a list that is one text. */
export const PARSERS = {
  '@kite/instruments': (csv: string): ParsedList => {
    const list = Instruments.parse(csv);
    return { rows: list.size, name: (token) => list.get(token)?.name ?? undefined };
  },
  papaparse: (csv: string): ParsedList => {
    const { data } = papaparse.parse<Row>(csv, { header: true, skipEmptyLines: true });
    return ofRows(data);
  },
  'csv-parse': (csv: string): ParsedList => ofRows(csvParse<Row>(csv, { columns: true })),
} as const satisfies Record<string, (csv: string) => ParsedList>;

/** A way to read a list. */
export type ParserName = keyof typeof PARSERS;

function ofRows(rows: readonly Row[]): ParsedList {
  return {
    rows: rows.length,
    name: (token) => rows.find((row) => row['instrument_token'] === String(token))?.['name'],
  };
}
