import { CONNECTION_ERRORS, isKiteError, MANAGER_ERRORS } from '@kite/manager';

/** The text to print and the exit code: 2 for bad arguments, 1 for a failure. */
export interface Failure {
  readonly text: string;
  readonly exitCode: 1 | 2;
}

const CURES: Readonly<Record<string, { cure: string }>> = {
  ...CONNECTION_ERRORS,
  ...MANAGER_ERRORS,
};

/** An error as text: what happened, and what to do about it. A stack trace only for our own bugs. */
export function failureOf(error: unknown): Failure {
  if (!isKiteError(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text, exitCode: 1 };
  }
  const { message, code } = error;
  const cure = CURES[code]?.cure;
  return {
    text: [message, ...(cure === undefined ? [] : [cure]), `(${code})`].join('\n'),
    exitCode: error.field === undefined ? 1 : 2,
  };
}
