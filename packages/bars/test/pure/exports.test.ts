import { expect, test } from 'vitest';
import * as kite from '@kite/bars';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 28);
errorCodeSuite(kite.BARS_ERRORS, 'BARS');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "Bar",
        "BarCalendar",
        "BarInterval",
        "BarOptions",
        "BarStats",
        "Candle",
        "Repair",
        "Tick",
        "TickBatch",
        "TickSource",
        "TickerMessage",
      ],
      "values": [
        "BARS_ERRORS",
        "BarBuilder",
        "MarketCalendar",
        "barsOf",
        "isKiteError",
        "resample",
      ],
    }
  `);
});
