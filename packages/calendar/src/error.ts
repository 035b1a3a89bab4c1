import { describeValue, nearestName } from '@kite/kit';

import type { CalendarErrorCode } from './error-codes.js';

/** The brand of all `@kite/*` errors: `isKiteError` of `@kite/protocol` looks for it. */
const BRAND = Symbol.for('@kite/error');

/**
 * Input that the calendar refuses. Has the fields of a `KiteInputError` of `@kite/protocol`, and `isKiteError` accepts
 * it; a separate class, because the calendar depends on no other package.
 */
export class CalendarError extends Error {
  /** Stable: `KITE_CALENDAR_<REASON>`. */
  readonly code: CalendarErrorCode;
  /** The refused argument or option. */
  readonly field: string;
  /** The refused value. */
  readonly value: unknown;
  /** What is accepted, in words. */
  readonly allowed: string;

  constructor(
    code: CalendarErrorCode,
    { field, value, allowed }: { field: string; value: unknown; allowed: string },
    message = `${field} is ${describeValue(value)}; allowed: ${allowed}`,
  ) {
    super(message);
    this.code = code;
    this.field = field;
    this.value = value;
    this.allowed = allowed;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Plain and safe for `JSON.stringify`: the refused value is rendered as text. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, field, allowed } = this;
    return { name, message, code, field, value: describeValue(this.value), allowed };
  }
}
Object.defineProperty(CalendarError.prototype, 'name', {
  value: 'CalendarError',
  configurable: true,
  writable: true,
});

/** Checks that a value is one of some names. @throws CalendarError that suggests the nearest name */
export function checkName<Name extends string>(
  code: CalendarErrorCode,
  field: string,
  value: unknown,
  names: readonly Name[],
): asserts value is Name {
  if (names.includes(value as Name)) return;
  const allowed = names.join(', ') || 'none';
  const nearest = typeof value === 'string' ? nearestName(value, names) : undefined;
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new CalendarError(
    code,
    { field, value, allowed },
    `${field} is ${describeValue(value)}${hint === '' ? '; ' : `${hint} `}${hint === '' ? 'allowed' : 'Allowed'}: ${allowed}`,
  );
}
