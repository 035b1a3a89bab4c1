import { describeValue, isRecord, type OptionRule } from '@kite/kit';

const LAST_SEGMENT = 255;

/** The option `divisors`. */
export const DIVISORS_RULE: OptionRule = {
  allowed: 'an object of positive finite numbers by segment from 0 to 255, as { 13: 10000 }',
  accepts: (value) => isRecord(value) && flawOf(value) === undefined,
  why: (value) => (isRecord(value) ? flawOf(value) : undefined),
};

/** Which entry is wrong, in words. */
function flawOf(divisors: Record<string, unknown>): string | undefined {
  for (const [key, divisor] of Object.entries(divisors)) {
    const segment = Number(key);
    // The round trip refuses what Number() accepts: '', '0x3', ' 3'.
    if (String(segment) !== key || !Number.isInteger(segment) || segment < 0 || segment > LAST_SEGMENT)
      return `has ${JSON.stringify(key)} for a segment`;
    if (typeof divisor !== 'number' || !Number.isFinite(divisor) || divisor <= 0)
      return `has ${describeValue(divisor)} for segment ${key}`;
  }
  return undefined;
}
