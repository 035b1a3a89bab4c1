import { expect, test } from 'vitest';
import { Instruments } from '@kite/instruments';

import { SMALL_LIST } from '../support/csv.js';

const before = Instruments.parse(SMALL_LIST);

test('a list has no difference from itself, nor from one with other last prices', () => {
  const same = Instruments.parse(SMALL_LIST.replaceAll(',0,,0,0.05', ',1600.5,,0,0.05'));
  expect(same.get(408_065)?.lastPrice).toBe(1600.5);
  expect(same.diff(before)).toEqual({ added: [], removed: [], changed: [] });
});

test('a difference has what came, what went, and which fields of an instrument are others', () => {
  const csv = SMALL_LIST.replace('15000514,50003,INFY26DEC1620CE', '15000770,50003,INFY26DEC1620CE').replace(
    '"INFY",0,2026-12-29,1600,0.05,400,PE',
    '"INFY",0,2026-12-28,1600,0.05,800,PE',
  );
  const after = Instruments.parse(csv);
  const diff = after.diff(before);
  expect(diff.added).toEqual([after.get(15_000_770)]);
  expect(diff.removed).toEqual([before.get(15_000_514)]);
  expect(diff.changed).toEqual([
    { before: before.get(15_000_258), after: after.get(15_000_258), fields: ['expiry', 'lotSize'] },
  ]);
});

test.each([undefined, null, {}, []])('a difference from %s is refused', (older) => {
  expect(() => before.diff(older as Instruments)).toThrow(
    expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field: 'older' }),
  );
});
