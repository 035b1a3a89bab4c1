import { isRecord } from './is-record.js';
import { nearestName } from './nearest-name.js';

/** What an option accepts. */
export interface OptionRule {
  /** In words, for the error message. */
  readonly allowed: string;
  /** Whether a value is allowed; not called for undefined. */
  readonly accepts: (value: unknown) => boolean;
  /** What is wrong with a refused value, in words that do not show it: `ends with a newline`. */
  readonly why?: (value: unknown) => string | undefined;
  /** The value is a secret: the error does not show it. */
  readonly secret?: boolean;
}

/** What was refused, why, and what is accepted. */
export interface Refused {
  field: string;
  value: unknown;
  allowed: string;
}

/** The class of an error for refused input: `KiteInputError`. */
export type InputErrorClass<Code> = new (code: Code, refused: Refused, message?: string) => Error;

/** The rules shared by the options of the `@kite/*` packages. */
export const optionRules = {
  /** A duration, in milliseconds. */
  durationMs: {
    allowed: 'a finite positive number of milliseconds',
    accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
  },
  positiveInteger: {
    allowed: 'a positive integer',
    accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  },
  boolean: { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' },
  function: { allowed: 'a function', accepts: (value) => typeof value === 'function' },
  object: { allowed: 'an object', accepts: (value) => typeof value === 'object' && value !== null },
  secret: {
    allowed: 'a non-empty string',
    accepts: (value) => typeof value === 'string' && value.trim() !== '',
    secret: true,
  },
} as const satisfies Record<string, OptionRule>;

/** An option that takes one of these values. */
export function oneOf(...values: readonly string[]): OptionRule {
  return {
    allowed: values.map((value) => `'${value}'`).join(', '),
    accepts: (value) => values.includes(value as string),
  };
}

/** An option with these methods: a clock, a transport. */
export function withMethods(...methods: readonly string[]): OptionRule {
  return {
    allowed: `an object with the methods ${methods.join(', ')}`,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  };
}

/**
 * Checks an options object against one rule per option. An undefined option counts as absent.
 *
 * @throws `InputError` with `code` and `field` for a refused value, or an unknown option, naming the nearest known one
 */
export function checkOptions<Code extends string>(
  InputError: InputErrorClass<NoInfer<Code>>,
  code: Code,
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
): void {
  if (!isRecord(options)) {
    // Redacted: a token in place of the options is the likeliest mistake.
    const value = options === undefined || options === null ? options : REDACTED;
    throw new InputError(code, { field: 'options', value, allowed: 'an object' });
  }
  for (const field of Object.keys(rules)) {
    // Callers copy only own properties: those of a class or a prototype would be ignored silently.
    const value = options[field];
    if (value !== undefined && !Object.prototype.propertyIsEnumerable.call(options, field))
      throw new InputError(code, {
        field,
        value: REDACTED,
        allowed: 'a property of the options themselves',
      });
  }
  for (const [field, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, field)) throw unknownOption(InputError, code, field, Object.keys(rules));
    const rule = rules[field]!;
    if (value === undefined || rule.accepts(value)) continue;
    throw refusedOption(InputError, code, field, value, rule);
  }
}

/** The error for a refused value. */
export function refusedOption<Code extends string>(
  InputError: InputErrorClass<NoInfer<Code>>,
  code: Code,
  field: string,
  value: unknown,
  { allowed, secret = false, why }: OptionRule,
): Error {
  const shown = secret && value !== undefined ? REDACTED : value;
  const flaw = why?.(value);
  const message = flaw === undefined ? undefined : `${field} ${flaw}; allowed: ${allowed}`;
  return new InputError(code, { field, value: shown, allowed }, message);
}

const REDACTED = '(not shown)';

/** Shows the option's name but never its value, which may be a secret under a mistyped name. */
function unknownOption<Code extends string>(
  InputError: InputErrorClass<NoInfer<Code>>,
  code: Code,
  field: string,
  known: readonly string[],
): Error {
  const allowed = known.join(', ') || 'no option at all';
  const nearest = nearestName(field, known);
  const hint = nearest === undefined ? '.' : `; did you mean ${nearest}?`;
  const message = `unknown option ${field}${hint} Allowed: ${allowed}`;
  return new InputError(code, { field, value: REDACTED, allowed }, message);
}
