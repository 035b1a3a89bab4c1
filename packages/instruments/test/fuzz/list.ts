import assert from 'node:assert/strict';
import { Instruments, type ListIssue } from '@kite/instruments';
import { isKiteError } from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

import { HEADER, SMALL_LIST } from '../support/csv.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const rows = SMALL_LIST.split('\n');

/** The daily list: rows or issues, in chunks as in one piece, and then whatever is asked of it. */
export const target: FuzzTarget = {
  seeds: [
    [...rows.slice(0, 9), ...rows.slice(-8)].join('\n'),
    rows.slice(0, 6).join('\r\n'),
    `\ufeff${rows.slice(0, 3).join('\n')}`,
    [HEADER, ...rows.slice(-3)].join('\n'),
    'instrument_token,tradingsymbol,exchange,later\n1,A,NSE,"x, ""y"""\n',
    '',
  ].map(encode),
  words: [
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    ',"',
    '",',
    'instrument_token',
    '2026-12-29',
    '2026-02-30',
    'CE',
    'FUT',
    '1e400',
  ],
  maxLength: 2500,
  async run(input) {
    const issues: ListIssue[] = [];
    const list = parsed(() => Instruments.parse(input, { onIssue: (issue) => issues.push(issue) }));
    const half = input.length >> 1;
    const chunks = [input.slice(0, half), input.slice(half)];
    const fromChunks = await Instruments.parse(
      ReadableStream.from(chunks) as ReadableStream<Uint8Array>,
    ).then(
      (other) => [...other],
      (error: unknown) => assert.ok(isKiteError(error, 'KITE_INSTRUMENTS_INVALID_LIST'), error as Error),
    );
    assert.deepEqual(fromChunks, list && [...list]);
    if (!list) return;
    assert.equal(list.skippedRows, issues.length);
    for (const issue of issues) assert.ok('line' in issue && issue.line >= 1);
    for (const { instrumentToken, exchange, tradingsymbol, name } of list) {
      assert.equal(list.get(instrumentToken)?.instrumentToken, instrumentToken);
      if (exchange && tradingsymbol) list.find(`${exchange}:${tradingsymbol}`);
      for (const text of [tradingsymbol, name])
        if (text !== null) {
          assert.ok(list.search(text).length <= 20);
          for (const expiry of list.expiries(text)) list.atTheMoney(text, 100, 2, expiry);
          list.future(text, 'next');
        }
    }
    assert.deepEqual(list.diff(list), { added: [], removed: [], changed: [] });
  },
};

function parsed(parse: () => Instruments): Instruments | undefined {
  try {
    return parse();
  } catch (error) {
    assert.ok(isKiteError(error, 'KITE_INSTRUMENTS_INVALID_LIST'), error as Error);
    return undefined;
  }
}
