import { expect, test } from 'vitest';
import { isKiteError, KiteError, KiteInputError, type Mode } from '@kite/protocol';
import { INFY, RELIANCE } from '@kite/testkit';

import { decodeAnswer, decodeDemand, encodeAnswer, encodeDemand } from '../../src/wire/demand-message.js';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test('a demand is read as it was stated', () => {
  const modes = new Map<number, Mode>([
    [INFY, 'full'],
    [RELIANCE, 'ltp'],
  ]);
  expect(decodeDemand(encodeDemand(modes))).toEqual(new Map([...modes].reverse()));
});

test.each([
  ['no JSON', new Uint8Array([1, 2])],
  ['null', bytes(null)],
  ['another version', bytes({ version: 2, ltp: [], quote: [], full: [] })],
  ['a mode that is missing', bytes({ version: 1, ltp: [], quote: [] })],
  ['a token that is none', bytes({ version: 1, ltp: [0], quote: [], full: [] })],
  ['a text for a list', bytes({ version: 1, ltp: 'abc', quote: [], full: [] })],
])('%s is no demand, and says why', (_, data) => {
  expect(typeof decodeDemand(data)).toBe('string');
});

test('an error comes back as the collector’s call had it', () => {
  const capacity = new KiteError('KITE_MANAGER_CAPACITY' as never, '2 do not fit', {
    requested: 2,
    available: 0,
  });
  const input = new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', {
    field: 'token',
    value: 0,
    allowed: 'more',
  });
  for (const error of [capacity, input]) {
    const read = decodeAnswer(encodeAnswer({ revision: 7, error }))!;
    expect(read.revision).toBe(7);
    expect(isKiteError(read.error)).toBe(true);
    expect(read.error!.name).toBe(error.name);
    // A refused value comes as text.
    const { value, ...json } = error.toJSON();
    expect(read.error).toMatchObject({ ...json, ...(value === undefined ? {} : { value }) });
  }
});

test('what is no answer is none', () => {
  expect(decodeAnswer(encodeAnswer({ revision: 1 }))).toEqual({ revision: 1 });
  for (const data of [
    new Uint8Array(3),
    bytes([]),
    bytes({ version: 1 }),
    bytes({ version: 1, revision: 1, error: 5 }),
  ])
    expect(decodeAnswer(data)).toBeUndefined();
});

test.each([
  '"__proto__":null',
  '"toJSON":5',
  '"toString":5',
  '"status":"403"',
  '"tokens":[{}]',
  '"reasons":[5]',
])('an answer with %s, which no error has, does not spoil its error', (extra) => {
  const text = `{"version":1,"revision":1,"error":{"code":"KITE_NATS_DEMAND_REFUSED","message":"no",${extra}}}`;
  const { error } = decodeAnswer(new TextEncoder().encode(text))!;
  expect(isKiteError(error)).toBe(true);
  expect(String(error)).toBe('KiteError: no');
  expect(error!.toJSON()).toEqual({
    name: 'KiteError',
    message: 'no',
    code: 'KITE_NATS_DEMAND_REFUSED',
  });
});
