import { expect, test } from 'vitest';
import * as kite from '@kite/calendar';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 24);
errorCodeSuite(kite.CALENDAR_ERRORS, 'CALENDAR');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "CalendarErrorCode",
        "Exchange",
        "Holiday",
        "HolidaySource",
        "HolidayYear",
        "InstrumentGroup",
        "MarketCalendarOptions",
        "MarketPhase",
        "PhaseChange",
        "PhaseOptions",
        "PhaseSpan",
        "Session",
        "SpecialSession",
      ],
      "values": [
        "CALENDAR_ERRORS",
        "CalendarError",
        "EXCHANGES",
        "HOLIDAY_YEARS",
        "MarketCalendar",
        "istDateOf",
        "istTimeOf",
      ],
    }
  `);
});
