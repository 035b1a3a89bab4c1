import type { Environment } from './proxy.js';

/** This process's variables, only for the option `proxy: 'env'`: the user asks for it, and all programs read them. */
export function processEnvironment(): Environment {
  // eslint-disable-next-line no-restricted-properties -- asked for by an option, as the comment above says
  return process.env;
}
