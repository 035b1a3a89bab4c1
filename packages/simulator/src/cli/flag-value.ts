import { InvalidArgumentError } from 'commander';
import { isKiteError } from '@kite/protocol';

import { checkSimulatorOptions, type SimulatorOptions } from '../options.js';

/** The error for a flag's text; commander puts the flag and the text before it. */
export function notAllowed(allowed: string): InvalidArgumentError {
  return new InvalidArgumentError(`Allowed: ${allowed}.`);
}

/** A number; any other text gives NaN, which no flag allows. */
export function number(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/**
 * Reads a flag's text and lets the simulator's own check decide on it before anything listens.
 *
 * @param allowed what is allowed, in the command line's words if the check's are for programs
 */
export function checked<T>(
  read: (text: string) => T,
  check: (value: T) => void,
  allowed?: string,
): (text: string) => T {
  return (text) => {
    const value = read(text);
    try {
      check(value);
    } catch (error) {
      if (!isKiteError(error) || error.allowed === undefined) throw error;
      throw notAllowed(allowed ?? error.allowed);
    }
    return value;
  };
}

/** Reads a flag's text as one of the simulator's options. */
export function option<T>(
  name: keyof SimulatorOptions,
  read: (text: string) => T,
  allowed?: string,
): (text: string) => T {
  return checked(read, (value) => checkSimulatorOptions({ [name]: value }), allowed);
}
