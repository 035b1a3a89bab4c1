import { isIterable } from '@kite/kit';

import { KiteInputError } from './error.js';

/** The largest instrument token: tokens are unsigned 32-bit integers on the wire. */
export const MAX_INSTRUMENT_TOKEN = 0xffff_ffff;

/** Whether `value` is an integer from 1 to 2³²−1. */
export function isInstrumentToken(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_INSTRUMENT_TOKEN;
}

/**
 * Checks a list of instrument tokens and returns it as a new array, in order, each token once.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN` for anything but an iterable of integers from 1 to 2³²−1;
 * `field` names the offending place, as `tokens[3]`.
 */
export function parseInstrumentTokens(tokens: Iterable<number>, field = 'tokens'): number[] {
  if (!isIterable(tokens)) {
    throw new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', {
      field,
      value: tokens,
      allowed: 'an array or another iterable of instrument tokens',
    });
  }
  const unique = new Set<number>();
  let index = 0;
  for (const token of tokens) {
    if (!isInstrumentToken(token)) {
      throw new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', {
        field: `${field}[${index}]`,
        value: token,
        allowed: `an integer from 1 to ${MAX_INSTRUMENT_TOKEN}`,
      });
    }
    unique.add(token);
    index++;
  }
  return [...unique];
}
