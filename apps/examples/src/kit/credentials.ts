import './error-codes.js';

import { KiteInputError } from '@kite/manager';

/** What the real feed needs. */
export interface Credentials {
  readonly apiKey: string;
  readonly accessToken: string;
}

/**
 * The credentials in the environment, undefined if there are none.
 *
 * @throws KiteInputError `KITE_EXAMPLES_CREDENTIALS_MISSING` if only one is set: that means the real feed, and a
 *   simulated one must not replace it
 */
export function credentialsFrom(env: NodeJS.ProcessEnv): Credentials | undefined {
  const apiKey = env['KITE_API_KEY']?.trim();
  const accessToken = env['KITE_ACCESS_TOKEN']?.trim();
  if (apiKey && accessToken) return { apiKey, accessToken };
  if (!apiKey && !accessToken) return undefined;
  throw apiKey
    ? missing('KITE_ACCESS_TOKEN', 'KITE_API_KEY is set and KITE_ACCESS_TOKEN is not')
    : missing('KITE_API_KEY', 'KITE_ACCESS_TOKEN is set and KITE_API_KEY is not');
}

/** The error for a variable that should be set. */
export function missing(field: string, why: string): KiteInputError {
  return new KiteInputError(
    'KITE_EXAMPLES_CREDENTIALS_MISSING',
    { field, value: undefined, allowed: 'a non-empty string' },
    `${why}; set both for a real feed, or neither for the simulator`,
  );
}
