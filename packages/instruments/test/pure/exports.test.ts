import { expect, test } from 'vitest';
import * as kite from '@kite/instruments';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 24);
errorCodeSuite(kite.INSTRUMENTS_ERRORS, 'INSTRUMENTS');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "AbortSignalLike",
        "ByteReader",
        "ByteStream",
        "ChainRow",
        "ChangedInstrument",
        "FetchList",
        "FutureMonth",
        "Instrument",
        "InstrumentField",
        "InstrumentsDiff",
        "ListIssue",
        "ListResponse",
        "LoadOptions",
        "ParseOptions",
        "RandomSource",
        "RequestSignal",
        "SearchOptions",
        "WatchOptions",
      ],
      "values": [
        "INSTRUMENTS_ERRORS",
        "Instruments",
        "KiteError",
        "KiteInputError",
        "isKiteError",
      ],
    }
  `);
});
