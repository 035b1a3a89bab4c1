import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeReport, encodeReport, type Report } from '../../src/wire/report.js';

const HEAD = { version: 1, publisher: 'a', epoch: 3, at: 1_701_928_226_123 } as const;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const BEAT = {
  type: 'beat',
  accounts: [''],
  states: [],
  sequences: [1],
  published: 1,
  dropped: 0,
  kept: 0,
  completeUntil: 5,
};
const GAP = { type: 'gap', account: 0, connection: 1, from: 1, to: 2, reason: 'closed' };

/** Reports that would make the feed throw, or tell of what cannot be. */
const FLAWED: [what: string, report: { type: string; [field: string]: unknown }][] = [
  ['a beat with a state that is null', { ...BEAT, states: [null] }],
  ['a beat with a state of no account', { ...BEAT, states: [{ connection: 0, state: 'open' }] }],
  ['a beat with an account that is no text', { ...BEAT, accounts: [1] }],
  ['a beat with a sequence below 0', { ...BEAT, sequences: [-1] }],
  ['a gap of tokens that are no list', { ...GAP, tokens: 408065 }],
  ['a gap of tokens that are none', { ...GAP, tokens: [0] }],
  ['a gap of a fourth connection', { ...GAP, connection: 3 }],
  ['a state whose reason is no text', { ...GAP, type: 'state', state: 'open', reason: {} }],
  ['a loss of half a frame', { ...GAP, type: 'lagged', dropped: 0.5 }],
];

describe('reports', () => {
  test.each<Report>([
    {
      ...HEAD,
      type: 'beat',
      accounts: [''],
      states: [],
      sequences: [1],
      published: 1,
      dropped: 0,
      kept: 0,
      completeUntil: 5,
    },
    { ...HEAD, type: 'gap', account: 0, connection: 1, from: 1, to: 2, reason: 'closed', tokens: [408065] },
    { ...HEAD, type: 'state', account: 0, connection: 1, state: 'open' },
    { ...HEAD, type: 'lagged', account: 0, connection: 1, dropped: 4 },
    { ...HEAD, type: 'bye' },
  ])('of the type $type are read as they were written', (report) => {
    expect(decodeReport(encodeReport(report))).toEqual(report);
  });

  test.each([
    ['no JSON', new Uint8Array([0xff]), 'it is not JSON'],
    ['null', bytes(null), 'it is not an object'],
    ['another version', bytes({ ...HEAD, version: 2 }), 'its version is not 1'],
    ['no publisher', bytes({ ...HEAD, publisher: 1 }), 'its publisher is no text'],
    ['no epoch', bytes({ ...HEAD, epoch: '3' }), 'its epoch or its time is no number'],
    [
      'a gap without its end',
      bytes({ ...HEAD, type: 'gap', from: 1 }),
      'a field of its type, gap, is missing or wrong',
    ],
    [
      'a beat of a form of its own',
      bytes({ ...HEAD, type: 'beat', states: {} }),
      'a field of its type, beat, is missing or wrong',
    ],
  ])('that are none have a flaw: %s', (_, data, flaw) => {
    expect(decodeReport(data)).toEqual({ flaw });
  });

  test.each(FLAWED)('that would mislead the feed have a flaw: %s', (_, report) => {
    const flaw = `a field of its type, ${report.type}, is missing or wrong`;
    expect(decodeReport(bytes({ ...HEAD, ...report }))).toEqual({ flaw });
  });

  test('of a type that a later version has are passed over', () => {
    expect(decodeReport(bytes({ ...HEAD, type: 'later' }))).toBeUndefined();
  });

  test('never throw, whatever the bytes or the JSON', () => {
    fc.assert(fc.property(fc.uint8Array(), (data) => void decodeReport(data)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void decodeReport(bytes(value))));
  });
});
