import { dateOfDay, type DayNumber, parseDate, weekdayOf } from './ist.js';

/**
 * Whether the United States have summer time on a day: from March's second Sunday up to November's first. The
 * commodity markets then close 25 minutes earlier, as in 2026 from March 9 to October 30 (NSE/COM/72699 of 2026-02-09).
 */
export function isUsDaylightSaving(day: DayNumber): boolean {
  const year = dateOfDay(day).slice(0, 4);
  return day >= sundayFrom(`${year}-03-08`) && day < sundayFrom(`${year}-11-01`);
}

/** The first Sunday on or after a date. */
function sundayFrom(date: string): DayNumber {
  const day = parseDate('date', date);
  return day + ((7 - weekdayOf(day)) % 7);
}
