import assert from 'node:assert/strict';
import type { FuzzTarget } from '@kite/testkit';

import { decodeCacheFile, encodeCacheFile } from '../../src/load/cache-file.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The file of the cache, which anything may have written: nothing, or a list that is written the same again. */
export const target: FuzzTarget = {
  seeds: [
    encodeCacheFile({ bytes: encode('instrument_token\n1\n'), etag: 'W/"1"', loadedAt: 1_764_500_000_000 }),
    encodeCacheFile({ bytes: new Uint8Array(), etag: null, loadedAt: 0 }),
    encode('{"format":1,"etag":null,"loadedAt":0,"length":0,"hash":0}\n'),
    encode('null\n'),
    encode('\n'),
  ],
  words: [
    '"format":1',
    '"etag":',
    '"loadedAt":',
    '"length":',
    '"hash":',
    'null',
    '1e400',
    '-1',
    '"__proto__":',
  ],
  run(input) {
    const list = decodeCacheFile(input);
    if (!list) return;
    const { bytes, etag, loadedAt } = list;
    assert.ok(bytes.length < input.length && Number.isFinite(loadedAt));
    assert.ok(etag === null || typeof etag === 'string');
    assert.deepEqual(decodeCacheFile(encodeCacheFile(list)), list);
  },
};
