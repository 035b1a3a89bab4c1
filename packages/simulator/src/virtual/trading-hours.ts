import { KiteInputError } from '@kite/protocol';

const MINUTE_MS = 60_000;
const IST_OFFSET_MS = 330 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When Kite ends all tokens, and when programs have logged in again. */
export const FLUSH = { tokens: '06:00', login: '08:30' } as const;

/** A time of day as ms since midnight; undefined if it is none. */
export function timeOfDay(text: string): number | undefined {
  const [, hours = '', minutes = '', seconds = '0', rest = '0'] =
    /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/.exec(text) ?? [];
  const ms = Number(hours) * 60 * MINUTE_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1000;
  const isOne = hours !== '' && Number(minutes) < 60 && Number(seconds) < 60 && ms < DAY_MS;
  return isOne ? ms + Number(rest.padEnd(3, '0')) : undefined;
}

/** Midnight in India at the start of a day, in Unix milliseconds; undefined if there is no such date. */
export function midnightOf(date: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const utc = Date.parse(`${date}T00:00:00Z`);
  // Some engines take the 31st of a 30-day month for the first of the next.
  const exists = !Number.isNaN(utc) && new Date(utc).toISOString().startsWith(date);
  return exists ? utc - IST_OFFSET_MS : undefined;
}

/** `HH:MM:SS.mmm` in India. */
export function clockTime(unixMs: number): string {
  return new Date(unixMs + IST_OFFSET_MS).toISOString().slice(11, 23);
}

/** @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
export function checkedTimeOfDay(field: string, text: string): number {
  const time = timeOfDay(text);
  if (time !== undefined) return time;
  const allowed = "a time of the day in India, as '09:15' or '09:15:30'";
  throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', { field, value: text, allowed });
}
