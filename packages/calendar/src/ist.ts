import { CalendarError } from './error.js';

/** India is 5 h 30 min ahead of UTC all year. */
const OFFSET_MS = 330 * 60_000;
const DAY_MS = 86_400_000;
/** The first day of the year 10000. */
const END_OF_TIME_MS = 253_402_300_800_000;

/** Days since 1970-01-01, in India. */
export type DayNumber = number;

/** The date in India at a time, as `YYYY-MM-DD`. @param at Unix milliseconds @throws CalendarError for anything else */
export function istDateOf(at: number): string {
  return dateOfDay(dayOf(at));
}

/**
 * When a time of day is reached in India.
 *
 * @param date `YYYY-MM-DD` @param time `HH:MM` @returns Unix milliseconds
 * @throws CalendarError for a date or a time of day that does not exist
 */
export function istTimeOf(date: string, time: string): number {
  return timeOfDay(parseDate('date', date), parseMinutes('time', time));
}

/** The day in India at a time. */
export function dayOf(at: number): DayNumber {
  if (typeof at !== 'number' || !(at >= 0 && at < END_OF_TIME_MS))
    throw new CalendarError('KITE_CALENDAR_INVALID_TIME', {
      field: 'at',
      value: at,
      allowed: 'Unix milliseconds in the years 1970 to 9999',
    });
  return Math.floor((at + OFFSET_MS) / DAY_MS);
}

/** When these minutes of a day have passed, in Unix milliseconds. */
export function timeOfDay(day: DayNumber, minutes: number): number {
  return day * DAY_MS + minutes * 60_000 - OFFSET_MS;
}

/** A day's date, as `YYYY-MM-DD`. */
export function dateOfDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekdayOf(day: DayNumber): number {
  return (day + 4) % 7;
}

/** @throws CalendarError naming the field, for anything but a date */
export function parseDate(field: string, date: unknown): DayNumber {
  const day =
    typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00Z`) : NaN;
  // February 30 is parsed as March 2.
  if (!(day >= 0) || dateOfDay(day / DAY_MS) !== date)
    throw new CalendarError('KITE_CALENDAR_INVALID_DATE', {
      field,
      value: date,
      allowed: 'a date from 1970 to 9999, as YYYY-MM-DD',
    });
  return day / DAY_MS;
}

/** Minutes since midnight. @throws CalendarError naming the field, for anything but a time of day */
export function parseMinutes(field: string, time: unknown): number {
  const match = typeof time === 'string' ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) : null;
  if (match === null)
    throw new CalendarError('KITE_CALENDAR_INVALID_TIME', {
      field,
      value: time,
      allowed: 'a time of day in India from 00:00 to 23:59, as HH:MM',
    });
  return Number(match[1]) * 60 + Number(match[2]);
}
