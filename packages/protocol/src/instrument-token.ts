import { describeValue, isIterable } from '@kite/kit';

import { KiteInputError } from './error.js';

/** The largest instrument token: tokens are unsigned 32-bit integers on the wire. */
export const MAX_INSTRUMENT_TOKEN = 0xffff_ffff;

/** Whether `value` is an integer from 1 to 2³²−1. */
export function isInstrumentToken(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_INSTRUMENT_TOKEN;
}

/**
 * Checks a list of instrument tokens and returns it as a new array, in order, each token once. With `instruments` it
 * also takes names like `NSE:INFY`.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN` for anything but an iterable of integers from 1 to 2³²−1, and
 * `KITE_PROTOCOL_UNKNOWN_INSTRUMENT` for a name that `instruments` does not have; `field` names the place, like
 * `tokens[3]`
 */
export function parseInstrumentTokens(
  tokens: Iterable<number | string>,
  field = 'tokens',
  instruments?: { tokenOf(name: string): number | undefined },
): number[] {
  if (!isIterable(tokens)) {
    const list = 'an array or another iterable of instrument tokens';
    const allowed = typeof tokens === 'string' ? `${list}: put it in one, as [${asItem(tokens)}]` : list;
    throw new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', { field, value: tokens, allowed });
  }
  const unique = new Set<number>();
  let index = 0;
  for (const token of tokens) {
    unique.add(parseInstrument(token, `${field}[${index}]`, instruments));
    index++;
  }
  return [...unique];
}

/** A text given in place of a list, as it would look inside one. */
function asItem(text: string): string {
  return /^\d+$/.test(text) ? text : describeValue(text);
}

/** The token of one instrument. */
function parseInstrument(
  instrument: unknown,
  field: string,
  instruments: NamedInstruments | undefined,
): number {
  const isName = typeof instrument === 'string' && NAME.test(instrument);
  const token = isName && instruments ? instruments.tokenOf(instrument) : instrument;
  if (isInstrumentToken(token)) return token;
  if (isName && instruments && token === undefined)
    throw new KiteInputError('KITE_PROTOCOL_UNKNOWN_INSTRUMENT', {
      field,
      value: instrument,
      allowed: 'a name that the list of instruments has: the exchange and the symbol, in capitals',
    });
  throw new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', {
    field,
    value: isName && instruments ? token : instrument,
    allowed: `an integer from 1 to ${MAX_INSTRUMENT_TOKEN}${isName || instruments ? namesHint(instruments) : ''}`,
  });
}

/** Resolves names to tokens. */
interface NamedInstruments {
  tokenOf(name: string): number | undefined;
}

/** The exchange and the symbol. A number in quotes is none. */
const NAME = /^[^:]+:./su;

function namesHint(instruments: NamedInstruments | undefined): string {
  return instruments
    ? ', or a name such as NSE:INFY'
    : '; a manager takes names with the option instruments: await Instruments.load() of @kite/instruments';
}
