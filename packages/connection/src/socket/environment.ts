import type { Environment } from './proxy.js';

/** The variables of this process, for the option `proxy: 'env'` alone: the user has asked for them, and there every program reads them. */
export function processEnvironment(): Environment {
  // eslint-disable-next-line no-restricted-properties -- asked for by an option, as the comment above says
  return process.env;
}
