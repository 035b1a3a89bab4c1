import assert from 'node:assert/strict';
import { isKiteError, KiteError, KiteInputError, type Mode } from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

import { decodeAnswer, decodeDemand, encodeAnswer, encodeDemand } from '../../src/wire/demand-message.js';

const MODES: ReadonlyMap<number, Mode> = new Map([
  [408065, 'full'],
  [256265, 'quote'],
  [738561, 'ltp'],
]);
const REFUSALS = [
  new KiteError('KITE_NATS_DEMAND_REFUSED', 'no'),
  new KiteInputError('KITE_PROTOCOL_INVALID_TOKEN', { field: 'token', value: 0, allowed: 'more' }),
];

/** What a program states as its demand, and what a collector answers. Neither throws, and what is read has its types. */
export const target: FuzzTarget = {
  seeds: [
    encodeDemand(MODES),
    encodeDemand(new Map()),
    encodeAnswer({ revision: 7 }),
    ...REFUSALS.map((error) => encodeAnswer({ revision: 7, error })),
  ].map((message) => Buffer.from(message)),
  words: [
    '"version":1',
    '"ltp":',
    '"quote":',
    '"full":',
    '"revision":',
    '"error":',
    '"name":',
    '"KiteInputError"',
    '"message":',
    '"code":',
    '"field":',
    '"cause":',
    '"stack":',
    '"toJSON":',
    '"__proto__":',
    '"constructor":',
    'null',
    '-1',
    '4294967296',
    '{}',
    '[null]',
  ],
  run(input) {
    checkDemand(input);
    checkAnswer(input);
  },
};

function checkDemand(input: Uint8Array): void {
  const demand = decodeDemand(input);
  if (typeof demand === 'string') return;
  for (const [token, mode] of demand) {
    assert.ok(Number.isInteger(token) && token > 0 && token <= 0xffff_ffff, String(token));
    assert.ok(['ltp', 'quote', 'full'].includes(mode));
  }
  const again = decodeDemand(encodeDemand(demand));
  assert.deepEqual(new Map(again as Map<number, Mode>), demand);
}

function checkAnswer(input: Uint8Array): void {
  const answer = decodeAnswer(input);
  if (!answer) return;
  assert.equal(typeof answer.revision, 'number');
  const { error } = answer;
  if (!error) return;
  // What a program does with an error: look at what it is, print it, send it on.
  assert.ok(isKiteError(error) && error instanceof Error);
  for (const text of [error.code, error.name, error.message, String(error)])
    assert.equal(typeof text, 'string');
  const again = decodeAnswer(encodeAnswer(answer))?.error;
  assert.equal(again?.code, error.code);
  assert.equal(again.name, error.name);
  assert.equal(again.message, error.message);
}
