import { INSTRUMENTS_ERRORS } from '@kite/instruments';
import { CONNECTION_ERRORS, isKiteError, MANAGER_ERRORS } from '@kite/manager';
import { PROTOCOL_ERRORS } from '@kite/protocol';
import { SIMULATOR_ERRORS } from '@kite/simulator';

/** The text to print and the exit code: 2 for bad arguments, 1 for a failure. */
export interface Failure {
  readonly text: string;
  readonly exitCode: 1 | 2;
}

/** What to do about an error, by its code: the table of a package. */
export type Cures = Readonly<Record<string, { readonly cure: string }>>;

/** Of the packages that every example uses. */
const COMMON: Cures = {
  ...PROTOCOL_ERRORS,
  ...CONNECTION_ERRORS,
  ...MANAGER_ERRORS,
  ...INSTRUMENTS_ERRORS,
  ...SIMULATOR_ERRORS,
};

/**
 * An error as text: what happened, and what to do about it. A stack trace only for our own bugs.
 *
 * @param cures of further packages
 */
export function failureOf(error: unknown, cures: Cures = {}): Failure {
  if (!isKiteError(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text, exitCode: 1 };
  }
  const { message, code } = error;
  const { cure } = cures[code] ?? COMMON[code] ?? {};
  return {
    text: [message, ...(cure === undefined ? [] : [cure]), `(${code})`].join('\n'),
    exitCode: error.field === undefined ? 1 : 2,
  };
}
