// `npm run calendar:check`: how long the holidays of @kite/calendar are known. Warns from 60 days before the first exchange's end,
// and fails once a year has begun that an exchange's list does not have. The exchanges publish a year's list in December.
import { readCommandLine } from './command-line.mjs';

const WARN_DAYS = 60;
const DAY_MS = 86_400_000;

readCommandLine({
  command: 'npm run calendar:check --',
  about: 'Says how long the holidays of @kite/calendar are known. The exit code is 1 if a list has ended.',
});

/** @type {{ EXCHANGES: string[], istDateOf(at: number): string, MarketCalendar: new () => { knownUntil(exchange: string): string | null } }} */
const { EXCHANGES, istDateOf, MarketCalendar } = await import(
  new URL('../packages/calendar/dist/index.js', import.meta.url).href
);

const calendar = new MarketCalendar();
const today = istDateOf(Date.now());

let isStale = false;
for (const exchange of EXCHANGES) {
  const end = calendar.knownUntil(exchange);
  const days = end === null ? -1 : (Date.parse(end) - Date.parse(today)) / DAY_MS;
  const line = `${exchange}: holidays are known until ${end ?? 'no date'}, ${Math.max(0, days)} days from ${today}`;
  if (days < 0) {
    isStale = true;
    console.log(`::error::${line}. Add the new year to packages/calendar/src/holidays.`);
  } else if (days < WARN_DAYS)
    console.log(
      `::warning::${line}. Look for the new year's circulars, and add it to packages/calendar/src/holidays.`,
    );
  else console.log(line);
}
process.exitCode = isStale ? 1 : 0;
