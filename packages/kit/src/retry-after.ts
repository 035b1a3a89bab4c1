/**
 * The header `Retry-After` in milliseconds: a number of seconds, or a date, which is compared with the given time.
 * Undefined if there is none, or if it is neither.
 */
export function retryAfter(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\s*\d+\s*$/u.test(header)) return Number(header) * 1000;
  // Engines take a bare number for a year.
  const ms = /[a-z]/iu.test(header) ? Date.parse(header) - now : NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
