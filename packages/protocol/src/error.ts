import { describeValue, textOf } from '@kite/kit';

import type { KiteErrorCode } from './error-codes.js';

/** Shared by duplicated copies of this package, so that {@link isKiteError} works across them. */
const BRAND = Symbol.for('@kite/error');

/** An error's fields besides code and message; only those that apply are set. */
export interface KiteErrorFields {
  /** The underlying failure. */
  cause?: unknown;
  /** The name of the refused option, argument or tick field. */
  field?: string;
  /** The refused value; never a secret. */
  value?: unknown;
  /** What is accepted, in words. */
  allowed?: string;
  /** The instrument tokens that the error is about. */
  tokens?: readonly number[];
  /** The HTTP status of a refused handshake. */
  status?: number;
  /** The beginning of the refusal's body: 1 KiB at most, without secrets. */
  response?: string;
  /** The WebSocket close code of a connection that ended. */
  closeCode?: number;
  /** How many instruments were requested. */
  requested?: number;
  /** How many more instruments would fit. */
  available?: number;
  /** How many attempts were made. */
  attempts?: number;
  /** How many items were lost. */
  dropped?: number;
  /** How many of the lost items were order postbacks. */
  orders?: number;
  /** Every failure behind an error that sums up several. */
  reasons?: readonly KiteError[];
  /** The id of the account that the error is about. */
  apiKeyId?: string;
}

/**
 * The base of every error that the `@kite/*` packages throw, reject with or report.
 *
 * `code` is stable and names what went wrong (`KITE_<AREA>_<REASON>`); the message is for people and may change.
 */
export class KiteError<Code extends KiteErrorCode = KiteErrorCode> extends Error implements KiteErrorFields {
  /** @internal Plain `instanceof`: without this line the compiler narrows to an error with the code `any`. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is KiteError;

  /** Stable: `KITE_<AREA>_<REASON>`. */
  readonly code: Code;
  declare readonly field?: string;
  declare readonly value?: unknown;
  declare readonly allowed?: string;
  declare readonly tokens?: readonly number[];
  declare readonly status?: number;
  declare readonly response?: string;
  declare readonly closeCode?: number;
  declare readonly requested?: number;
  declare readonly available?: number;
  declare readonly attempts?: number;
  declare readonly dropped?: number;
  declare readonly orders?: number;
  declare readonly reasons?: readonly KiteError[];
  declare readonly apiKeyId?: string;

  constructor(code: Code, message: string, fields: KiteErrorFields = {}) {
    const { cause, ...rest } = fields;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, rest);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Plain and safe for `JSON.stringify`: the refused value is rendered as text. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    const json = Object.assign<Record<string, unknown>, KiteErrorFields>({ name, message }, this);
    if ('value' in json) json.value = describeValue(json.value);
    if (cause !== undefined) json.cause = cause instanceof Error ? textOf(cause) : describeValue(cause);
    return json;
  }
}
Object.defineProperty(KiteError.prototype, 'name', {
  value: 'KiteError',
  configurable: true,
  writable: true,
});

/** Input refused before anything happened: message and fields name the field, the value and what is allowed. */
export class KiteInputError<Code extends KiteErrorCode = KiteErrorCode> extends KiteError<Code> {
  /** @internal As in {@link KiteError}. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is KiteInputError;

  declare readonly field: string;
  declare readonly value: unknown;
  declare readonly allowed: string;

  constructor(
    code: Code,
    refused: KiteErrorFields & { field: string; value: unknown; allowed: string },
    message = `${refused.field} is ${describeValue(refused.value)}; allowed: ${refused.allowed}`,
  ) {
    super(code, message, refused);
  }
}
Object.defineProperty(KiteInputError.prototype, 'name', {
  value: 'KiteInputError',
  configurable: true,
  writable: true,
});

/**
 * Whether `error` comes from a `@kite/*` package, with this code if one is given.
 * Works across duplicated copies of the packages, where `instanceof` does not. A misspelt code does not compile.
 */
export function isKiteError<Code extends KiteErrorCode = KiteErrorCode>(
  error: unknown,
  code?: Code,
): error is KiteError<Code> {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}
