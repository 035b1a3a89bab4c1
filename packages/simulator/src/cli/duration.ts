import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds from `500ms`, `5s`, `1.5m`, `1h`; a bare number is milliseconds, `never` is Infinity. */
export function parseDuration(text: string): number {
  if (text === 'never') return Infinity;
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Use a duration such as 500ms, 5s, 2m or 1h.');
  return Number(amount) * UNITS[unit]!;
}

/** When something is to happen: once, or again and again. */
export interface When {
  readonly ms: number;
  readonly repeats: boolean;
}

/** `5s`: once, five seconds after the start. `every:5s`: each five seconds. */
export function parseWhen(text: string): When {
  const repeats = text.startsWith('every:');
  return { ms: parseDuration(repeats ? text.slice('every:'.length) : text), repeats };
}
