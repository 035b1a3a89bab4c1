const ZERO = 0x30;
const DASH = 0x2d;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The result of {@link parseDate} for a cell that is no date; 0 stands for an empty one. */
export const NOT_A_DATE = -1;

/** The date in a cell, `YYYY-MM-DD`, as the number YYYYMMDD; 0 for an empty cell. */
export function parseDate(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return 0;
  if (to - from !== 10 || bytes[from + 4] !== DASH || bytes[from + 7] !== DASH) return NOT_A_DATE;
  const year = digits(bytes, from, from + 4);
  const month = digits(bytes, from + 5, from + 7);
  const day = digits(bytes, from + 8, to);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return NOT_A_DATE;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && day === 29 && !isLeap ? NOT_A_DATE : year * 10_000 + month * 100 + day;
}

/** The number YYYYMMDD as `YYYY-MM-DD`; null for 0. */
export function formatDate(date: number): string | null {
  if (date === 0) return null;
  const text = String(date).padStart(8, '0');
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/** The text `YYYY-MM-DD` as the number YYYYMMDD; undefined for any other text. */
export function dateNumber(text: string): number | undefined {
  const date = parseDate(
    Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff),
    0,
    text.length,
  );
  return date > 0 && formatDate(date) === text ? date : undefined;
}

function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return NOT_A_DATE;
    value = value * 10 + digit;
  }
  return value;
}
