import { notAllowed } from './flag-value.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest delay of a timer; with a longer one it fires at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** In words, for messages. */
export const DURATION = 'a duration such as 500ms, 5s, 2m or 1h, at most 596h';

/** Milliseconds from `500ms`, `5s`, `1.5m`, `1h`; a bare number is milliseconds, `never` is Infinity. */
export function parseDuration(text: string): number {
  const ms = millisecondsOf(text);
  if (ms === undefined) throw notAllowed(DURATION);
  return ms;
}

/** When something happens: once or repeatedly. */
export interface When {
  readonly ms: number;
  readonly repeats: boolean;
}

/** `5s`: once, five seconds after the start. `every:5s`: every five seconds. */
export function parseWhen(text: string): When {
  const repeats = text.startsWith('every:');
  const ms = millisecondsOf(repeats ? text.slice('every:'.length) : text);
  if (ms === undefined || (repeats && ms === 0)) throw notAllowed(`${DURATION}, or every:5s`);
  return { ms, repeats };
}

function millisecondsOf(text: string): number | undefined {
  if (text === 'never') return Infinity;
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const ms = Number(amount) * UNITS[unit]!;
  return ms <= MAX_TIMEOUT_MS ? ms : undefined;
}
