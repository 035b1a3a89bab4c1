import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';

import { bundleForBrowser } from '../support/bundle.js';
import { SMALL_LIST } from '../support/csv.js';

test('a list is parsed, searched and queried where there is nothing but the language and its text encoding', async () => {
  const context = createContext({ TextEncoder, TextDecoder, csv: SMALL_LIST });
  const evaluate = (code: string): unknown => runInContext(code, context);
  evaluate(await bundleForBrowser());
  // The encoder of this realm makes arrays of this realm.
  evaluate('const list = kite.Instruments.parse(csv);');
  expect(
    evaluate(
      "[list.tokenOf('NSE:INFY'), list.search('nifty')[0].tradingsymbol, list.chain('NIFTY').length].join()",
    ),
  ).toBe('408065,NIFTY 50,9');
  expect(evaluate('typeof process + typeof fetch + typeof require')).toBe('undefinedundefinedundefined');
  await expect(evaluate('kite.Instruments.load()') as Promise<unknown>).rejects.toMatchObject({
    code: 'KITE_INSTRUMENTS_INVALID_OPTION',
    field: 'fetch',
  });
  await expect(
    evaluate("kite.Instruments.load({ cacheDir: '/x', fetch: () => undefined })") as Promise<unknown>,
  ).rejects.toMatchObject({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field: 'cacheDir' });
});
