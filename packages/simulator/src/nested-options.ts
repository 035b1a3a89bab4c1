import { checkOptions, type OptionRule } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

/** The code of a refusal: for an option, or for an argument of a method. */
export type RefusalCode = 'KITE_SIMULATOR_INVALID_OPTION' | 'KITE_SIMULATOR_INVALID_ARGUMENT';

/** Checks an object against its rules, and that its required fields exist. @throws KiteInputError `code` */
export function checkRequired(
  code: RefusalCode,
  value: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  required: readonly string[],
): void {
  checkOptions(KiteInputError, code, value, rules);
  for (const field of required) {
    if ((value as Record<string, unknown>)[field] !== undefined) continue;
    throw new KiteInputError(code, { field, value: undefined, allowed: rules[field]?.allowed ?? 'required' });
  }
}

/** Names the place of a nested option in the error: `accounts[0].apiKey`. */
export function inside(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof KiteInputError)) throw error;
    const { code, field, value, allowed, message } = error;
    const nested = field === 'options' ? place : `${place}.${field}`;
    throw new KiteInputError(code, { field: nested, value, allowed }, `${place}: ${message}`);
  }
}
