import { describe, expect, test, vi } from 'vitest';
import { Instruments, type ListIssue } from '@kite/instruments';
import { VirtualClock } from '@kite/testkit';

import { HEADER, listOf, SMALL_LIST } from '../support/csv.js';

function parse(csv: string | Uint8Array): { list: Instruments; issues: ListIssue[] } {
  const issues: ListIssue[] = [];
  return { list: Instruments.parse(csv, { onIssue: (issue) => issues.push(issue) }), issues };
}

const GOOD = '408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE';

describe('what is no list', () => {
  test.each([
    ['nothing', ''],
    ['a page', '<html><body>Maintenance</body></html>\n'],
    ['JSON', '{"status":"error","message":"Too many requests"}'],
    ['another list', 'symbol,price\nINFY,1500\n'],
    ['a header with a column twice', 'instrument_token,name,name\n1,A,B\n'],
    ['a header with an open quote', '"instrument_token,name\n1,A\n'],
  ])('%s is refused with a code, and shown', (_, csv) => {
    expect(() => Instruments.parse(csv)).toThrow(
      expect.objectContaining({ name: 'KiteError', code: 'KITE_INSTRUMENTS_INVALID_LIST' }),
    );
  });

  test('bytes that are still compressed are named as such', () => {
    expect(() => Instruments.parse(Uint8Array.of(0x1f, 0x8b, 8, 0))).toThrow(/compressed with gzip/u);
  });

  test.each([42, null, undefined, {}, ['a']])('%s is refused as an argument', (csv) => {
    expect(() => Instruments.parse(csv as string)).toThrow(
      expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field: 'csv', value: csv }),
    );
  });

  test('an unknown option is refused, with the nearest known one', () => {
    expect(() => Instruments.parse('', { onIssues: () => undefined } as object)).toThrow(
      /unknown option onIssues; did you mean onIssue\?/u,
    );
  });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
])(
  'an onIssue that %s is contained: the rest of the list loads, and one warning says so',
  async (_, onIssue) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    try {
      const csv = 'instrument_token,tradingsymbol\nnone,ACC\nnone,TCS\n408065,INFY\n';
      expect(Instruments.parse(csv, { onIssue })).toMatchObject({ size: 1, skippedRows: 2 });
      const stream = new Blob([csv]).stream();
      await expect(Instruments.parse(stream, { onIssue })).resolves.toMatchObject({
        size: 1,
        skippedRows: 2,
      });
      const one = ['onIssue has failed: mine', { type: 'KiteWarning' }];
      expect(warn.mock.calls).toEqual([one, one]);
    } finally {
      warn.mockRestore();
    }
  },
);

describe('a malformed row is left out and reported with its line, and the rest loads', () => {
  test.each<[string, string, Partial<ListIssue>]>([
    ['a cell too few', '1,2,A,B', { kind: 'malformed-row', message: '4 cells, and the header has 12' }],
    ['a cell too many', `${GOOD},x`, { kind: 'malformed-row', message: '13 cells, and the header has 12' }],
    [
      'a quote that does not end',
      '1,2,A,"B,0,,0,0.05,1,EQ,NSE,NSE',
      { kind: 'malformed-row', message: 'a quoted cell does not end' },
    ],
    [
      'text behind a quoted cell',
      '1,2,A,"B"x,0,,0,0.05,1,EQ,NSE,NSE',
      { kind: 'malformed-row', message: 'text follows a quoted cell' },
    ],
    ['no token', ',2,A,B,0,,0,0.05,1,EQ,NSE,NSE', { kind: 'invalid-cell', column: 'instrument_token' }],
    ['token 0', '0,2,A,B,0,,0,0.05,1,EQ,NSE,NSE', { kind: 'invalid-cell', column: 'instrument_token' }],
    ['a fraction', '1.5,2,A,B,0,,0,0.05,1,EQ,NSE,NSE', { kind: 'invalid-cell', column: 'instrument_token' }],
    [
      'a token of 33 bits',
      '4294967296,2,A,B,0,,0,0.05,1,EQ,NSE,NSE',
      { kind: 'invalid-cell', column: 'instrument_token' },
    ],
    [
      'words for a price',
      '1,2,A,B,much,,0,0.05,1,EQ,NSE,NSE',
      { kind: 'invalid-cell', column: 'last_price' },
    ],
    [
      'a date that does not exist',
      '1,2,A,B,0,2026-02-30,0,0.05,1,EQ,NSE,NSE',
      { kind: 'invalid-cell', column: 'expiry' },
    ],
    ['a date otherwise', '1,2,A,B,0,30/12/2026,0,1,1,EQ,NSE,NSE', { kind: 'invalid-cell', column: 'expiry' }],
    ['no symbol', '1,2,,B,0,,0,0.05,1,EQ,NSE,NSE', { kind: 'invalid-cell', column: 'tradingsymbol' }],
    [
      'the token of an earlier row',
      '256265,2,A,B,0,,0,0.05,1,EQ,NSE,NSE',
      { kind: 'repeated-token', instrumentToken: 256_265 },
    ],
  ])('%s', (_, row, expected) => {
    const first = '256265,1001,NIFTY 50,"NIFTY 50",0,,0,0,0,EQ,INDICES,NSE';
    const { list, issues } = parse([HEADER, first, row, GOOD, ''].join('\n'));
    expect(issues).toEqual([expect.objectContaining({ ...expected, line: 3, text: row })]);
    expect(list.size).toBe(2);
    expect(list.skippedRows).toBe(1);
    expect(list.tokenOf('NSE:INFY')).toBe(408_065);
    expect(list.nameOf(256_265)).toBe('NSE:NIFTY 50');
  });

  test('a list that is cut off in its last row', () => {
    const { list, issues } = parse(`${HEADER}\n${GOOD}\n256265,1001,NIF`);
    expect(list.size).toBe(1);
    expect(issues).toMatchObject([{ line: 3, kind: 'malformed-row', text: '256265,1001,NIF' }]);
  });

  test('of a long line 200 characters are shown', () => {
    const { issues } = parse(`${HEADER}\n${'x'.repeat(10_000)}\n`);
    expect(issues).toMatchObject([{ text: 'x'.repeat(200) }]);
  });
});

describe('a row', () => {
  test('has every field, with the types of its columns', () => {
    expect(Instruments.parse(SMALL_LIST).find('NFO:NIFTY26D0124300CE')).toEqual({
      instrumentToken: 13_000_002,
      exchangeToken: 50_781,
      tradingsymbol: 'NIFTY26D0124300CE',
      name: 'NIFTY',
      lastPrice: 0,
      expiry: '2026-12-01',
      strike: 24_300,
      tickSize: 0.05,
      lotSize: 75,
      instrumentType: 'CE',
      segment: 'NFO-OPT',
      exchange: 'NFO',
      extra: {},
    });
  });

  test('may have commas and quotes in a name', () => {
    expect(Instruments.parse(SMALL_LIST).find('NSE:RELIANCE')?.name).toBe('RELIANCE "INDUSTRIES", LTD');
  });

  test('keeps a quote in the middle of a cell', () => {
    const csv = listOf([{ instrument_token: '1', tradingsymbol: 'A', name: '5" PIPES' }]);
    expect(Instruments.parse(csv).get(1)?.name).toBe('5" PIPES');
  });

  test('is null where a column is missing or a number is empty, and has no name without an exchange', () => {
    const list = Instruments.parse('tradingsymbol,instrument_token,strike\nINFY,408065,\n');
    expect(list.get(408_065)).toEqual({
      instrumentToken: 408_065,
      exchangeToken: null,
      tradingsymbol: 'INFY',
      name: null,
      lastPrice: null,
      expiry: null,
      strike: null,
      tickSize: null,
      lotSize: null,
      instrumentType: null,
      segment: null,
      exchange: null,
      extra: {},
    });
    expect(list.nameOf(408_065)).toBeUndefined();
    expect(list.tokenOf('NSE:INFY')).toBeUndefined();
    expect(list.search('infy')).toHaveLength(1);
    expect(list.search('infy', { exchange: 'NSE' })).toEqual([]);
    expect(list.chain('INFY')).toEqual([]);
  });

  test('is found with a token alone', () => {
    expect(Instruments.parse('instrument_token\n7\n').get(7)?.tradingsymbol).toBeNull();
  });

  test('keeps columns that are unknown, by their names, in any order', () => {
    const csv = 'isin,exchange,instrument_token,tradingsymbol,__proto__\n"IN,1",NSE,408065,INFY,x\n';
    const extra = Instruments.parse(csv).get(408_065)!.extra;
    expect(Object.entries(extra)).toEqual([
      ['isin', 'IN,1'],
      ['__proto__', 'x'],
    ]);
  });

  test.each([
    ['24500', 24_500],
    ['0.05', 0.05],
    ['0.0025', 0.0025],
    ['1573.15', 1573.15],
    ['-20.65', -20.65],
    ['-0', 0],
    ['1e-05', 0.000_01],
    ['123456789012345678', 123_456_789_012_345_680],
    ['.5', 0.5],
  ])('reads the number %s as the engine does', (cell, value) => {
    const csv = listOf([{ instrument_token: '1', strike: cell }]);
    expect(Instruments.parse(csv).get(1)!.strike).toBe(value);
  });

  test.each(['+1', '1.2.3', '-', '.', '0x10', 'Infinity', 'NaN', '1e999', ' 1', '1'.repeat(500)])(
    'has no number %s',
    (cell) => {
      expect(parse(listOf([{ instrument_token: '1', strike: cell }])).issues).toMatchObject([
        { kind: 'invalid-cell', column: 'strike' },
      ]);
    },
  );
});

describe('a list', () => {
  test('may begin with a byte order mark, have Windows line ends, blank lines, and none at its end', () => {
    const { list, issues } = parse(
      `\ufeff${HEADER}\r\n\r\n${GOOD}\r\n\n256265,1,NIFTY 50,N,0,,0,0,0,EQ,INDICES,NSE`,
    );
    expect(issues).toEqual([]);
    expect([...list].map(({ exchange }) => exchange)).toEqual(['NSE', 'NSE']);
  });

  test('may be empty behind its header', () => {
    const list = Instruments.parse(`${HEADER}\n`);
    expect([list.size, list.search('a'), list.expiries('NIFTY'), [...list]]).toEqual([0, [], [], []]);
  });

  test('finds names beyond ASCII, and keeps bytes that are no UTF-8 as U+FFFD', () => {
    const rows = [
      { instrument_token: '1', tradingsymbol: 'CAFÉ', exchange: 'NSE' },
      { instrument_token: '2', tradingsymbol: '茶', exchange: 'NSE' },
      { instrument_token: '3', tradingsymbol: 'TEA', exchange: 'NSE' },
    ];
    const { list } = parse(listOf(rows));
    expect(['NSE:CAFÉ', 'NSE:茶', 'NSE:TEA'].map((name) => list.tokenOf(name))).toEqual([1, 2, 3]);
    expect(list.search('caf').map(({ instrumentToken }) => instrumentToken)).toEqual([1]);
    const bytes = new TextEncoder().encode('instrument_token,tradingsymbol\n1,A?\n');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    expect(Instruments.parse(bytes).get(1)?.tradingsymbol).toBe('A\ufffd');
  });

  test('gives the first of two rows with one name', () => {
    const row = { tradingsymbol: 'A', exchange: 'NSE' };
    const { list } = parse(
      listOf([
        { ...row, instrument_token: '5' },
        { ...row, instrument_token: '4' },
      ]),
    );
    expect(list.tokenOf('NSE:A')).toBe(5);
  });

  test('does not change the bytes that it is given', () => {
    const bytes = new TextEncoder().encode(SMALL_LIST);
    const before = bytes.slice();
    Instruments.parse(bytes);
    expect(bytes).toEqual(before);
  });

  test('knows when it was parsed, and is not stale', () => {
    const clock = new VirtualClock();
    const list = Instruments.parse(SMALL_LIST, { clock });
    expect([list.loadedAt, list.isStale]).toEqual([clock.now(), false]);
    expect(JSON.parse(JSON.stringify(list))).toEqual({
      size: list.size,
      skippedRows: 0,
      isStale: false,
      loadedAt: clock.now(),
    });
  });

  test('gives undefined for what it does not have', () => {
    const list = Instruments.parse(SMALL_LIST);
    for (const name of ['NSE:NOPE', 'XYZ:INFY', 'INFY', '', ':', 'NSE:', ':INFY', 'nse:infy'])
      expect([name, list.find(name), list.tokenOf(name)]).toEqual([name, undefined, undefined]);
    for (const token of [0, -1, 0.5, NaN, 2 ** 33 + 408_065, 1])
      expect([token, list.get(token), list.nameOf(token)]).toEqual([token, undefined, undefined]);
  });

  test.each([42, null, undefined, ['NSE:INFY']])('refuses %s for a name', (name) => {
    expect(() => Instruments.parse(SMALL_LIST).tokenOf(name as unknown as string)).toThrow(
      expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field: 'name', value: name }),
    );
  });
});

describe('a stream', () => {
  test('is parsed as it comes', async () => {
    const stream = new Blob([SMALL_LIST]).stream();
    const list = await Instruments.parse(stream);
    expect([...list]).toEqual([...Instruments.parse(SMALL_LIST)]);
  });

  test('that fails rejects with its cause', async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull() {
        throw new Error('cut');
      },
    });
    await expect(Instruments.parse(stream)).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      cause: { message: 'cut' },
    });
  });

  test('of strings is refused, and is cancelled', async () => {
    const cancelled: unknown[] = [];
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue('text');
      },
      cancel(reason) {
        cancelled.push(reason);
      },
    });
    await expect(Instruments.parse(stream)).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_INVALID_OPTION',
      field: 'csv',
    });
    expect(cancelled).toHaveLength(1);
  });

  test('that is no list is cancelled at its header', async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('<html>\n'));
      },
      cancel() {
        isCancelled = true;
      },
    });
    await expect(Instruments.parse(stream)).rejects.toMatchObject({ code: 'KITE_INSTRUMENTS_INVALID_LIST' });
    expect(isCancelled).toBe(true);
  });
});
