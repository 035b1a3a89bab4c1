import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  FrameDecoder,
  isTradable,
  priceDivisor,
  type PriceDivisors,
  Segment,
  segmentName,
  segmentOf,
} from '@kite/protocol';
import { frameOf, ltpBody } from '@kite/testkit';

import { DEFAULT_PRICE_DIVISOR, divisorTable } from '../../src/segment.js';
import { decodeWithIssues } from '../support/arbitraries.js';

const DOCUMENTED = [
  ['NSE', 1, 100, true],
  ['NFO', 2, 100, true],
  ['CDS', 3, 10_000_000, true],
  ['BSE', 4, 100, true],
  ['BFO', 5, 100, true],
  ['BCD', 6, 10_000, true],
  ['MCX', 7, 100, true],
  ['MCXSX', 8, 100, true],
  ['INDICES', 9, 100, false],
  ['NCO', 12, 10_000, true],
] as const;

test('the documented segments are all there are', () => {
  expect(Object.entries(Segment)).toEqual(DOCUMENTED.map(([name, segment]) => [name, segment]));
});

describe.each(DOCUMENTED)('%s', (name, segment, divisor, tradable) => {
  const token = 0xabcd * 256 + segment;

  test(`is segment ${segment}, with its name and its tradable flag`, () => {
    expect(segmentOf(token)).toBe(segment);
    expect(segmentName(segment)).toBe(name);
    expect(isTradable(segment)).toBe(tradable);
  });

  test(`divides its prices by ${divisor}`, () => {
    expect(priceDivisor(token)).toBe(divisor);
    expect(divisorTable()[segment]).toBe(divisor);
    expect(decodeWithIssues(frameOf(ltpBody({ token, last: 1_234_567_891 })))).toEqual({
      ticks: [{ mode: 'ltp', instrumentToken: token, segment, tradable, lastPrice: 1_234_567_891 / divisor }],
      issues: [],
    });
  });
});

describe('an unknown segment', () => {
  const known: readonly number[] = DOCUMENTED.map(([, segment]) => segment);
  const unknown = Array.from({ length: 256 }, (_, segment) => segment).filter((s) => !known.includes(s));

  test('stays itself, has no name, is divided by 100 and is reported: all 246', () => {
    expect(unknown).toHaveLength(246);
    for (const segment of unknown) {
      const token = 256 + segment;
      expect(segmentOf(token)).toBe(segment);
      expect(segmentName(segment)).toBeUndefined();
      expect(priceDivisor(token)).toBe(DEFAULT_PRICE_DIVISOR);
      expect(divisorTable()[segment]).toBe(0);
      expect(decodeWithIssues(frameOf(ltpBody({ token, last: 250 })))).toMatchObject({
        ticks: [{ segment, lastPrice: 2.5 }],
        issues: [{ kind: 'unknown-segment', segment, instrumentToken: token }],
      });
    }
  });

  test('is the low byte of a token beyond 2³¹ as well', () => {
    expect(segmentOf(0xffff_ffff)).toBe(255);
    expect(segmentOf(0x8000_0007)).toBe(7);
  });
});

describe('custom divisors', () => {
  test('name an unknown segment, and replace a known one', () => {
    const divisors = { 77: 1000, 3: 100 };
    expect(priceDivisor(256 + 77, divisors)).toBe(1000);
    expect(priceDivisor(256 + 3, divisors)).toBe(100);
    expect(priceDivisor(256 + 12, divisors)).toBe(10_000);
    expect(decodeFrame(frameOf(ltpBody({ token: 256 + 77, last: 5 })), { divisors })).toMatchObject([
      { lastPrice: 0.005 },
    ]);
  });

  const refused: [string, unknown, string][] = [
    ['a divisor of 0', { 3: 0 }, 'divisors[3]'],
    ['a negative one', { 3: -100 }, 'divisors[3]'],
    ['NaN', { 3: Number.NaN }, 'divisors[3]'],
    ['Infinity', { 3: Infinity }, 'divisors[3]'],
    ['a string', { 3: '100' }, 'divisors[3]'],
    ['null', { 3: null }, 'divisors[3]'],
    ['a segment by name', { CDS: 100 }, 'divisors'],
    ['a segment above a byte', { 256: 100 }, 'divisors'],
    ['a negative segment', { [-1]: 100 }, 'divisors'],
    ['a fractional segment', { 1.5: 100 }, 'divisors'],
    ['an empty key', { '': 100 }, 'divisors'],
    ['a hexadecimal key', { '0x3': 100 }, 'divisors'],
    ['a Map', new Map([[3, 100]]), 'divisors'],
    ['an array', [100], 'divisors'],
    ['a number', 100, 'divisors'],
    ['null for all', null, 'divisors'],
  ];

  test.each(refused)('refuse %s', (_, divisors, field) => {
    const error = expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_DIVISOR', field }) as Error;
    const wrong = divisors as PriceDivisors;
    expect(() => divisorTable(wrong)).toThrow(error);
    expect(() => new FrameDecoder({ divisors: wrong })).toThrow(error);
    expect(() => decodeFrame(Uint8Array.of(0), { divisors: wrong })).toThrow(error);
  });

  test('do not reach the next table', () => {
    divisorTable()[1] = 7;
    expect(divisorTable({ 1: 5 })[1]).toBe(5);
    expect(divisorTable()[1]).toBe(100);
    expect(decodeFrame(frameOf(ltpBody({ token: 257, last: 100 })))).toMatchObject([{ lastPrice: 1 }]);
  });
});
