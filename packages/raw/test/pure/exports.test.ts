import { expect, test } from 'vitest';
import * as kite from '@kite/raw';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 32);
errorCodeSuite(kite.RAW_ERRORS, 'RAW');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "DepthEntryFields",
        "DepthEntryRaw",
        "DepthRaw",
        "DepthSideRaw",
        "IndexQuote32",
        "IndexQuoteFields",
        "InstHeader64",
        "InstHeaderFields",
        "LazyFullTick",
        "LazyIndexFullTick",
        "LazyIndexQuoteTick",
        "LazyLtpTick",
        "LazyQuoteTick",
        "LazyTick",
        "LoadedTick",
        "TickColumnsOptions",
        "TickRaw",
        "TickRawFields",
      ],
      "values": [
        "FrameCursor",
        "INDEX_QUOTE_SIZE",
        "INST_HEADER_SIZE",
        "LazyDecoder",
        "RAW_ERRORS",
        "TICK_FULL_SIZE",
        "TickColumns",
        "asIndexQuote32",
        "asInstHeader64",
        "asTickRaw",
        "decodeLazy",
        "packets",
      ],
    }
  `);
});
