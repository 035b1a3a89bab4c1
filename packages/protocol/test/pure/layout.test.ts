import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { offsetsOf } from '@kite/kit';
import { decodeFrame, DEPTH, FRAME, PACKETS } from '@kite/protocol';
import { VECTOR_FRAME } from '@kite/testkit';

import type { WireField } from '../../src/layout.js';

/** The documentation's table: each packet's length, its fields with their byte offset, and how each is stored. */
const DOCUMENTED = {
  ltp: { length: 8, fields: ['u32 instrumentToken 0', 'price lastPrice 4'] },
  indexQuote: {
    length: 28,
    fields: [
      'u32 instrumentToken 0',
      'price lastPrice 4',
      'price high 8',
      'price low 12',
      'price open 16',
      'price close 20',
      'price priceChange 24',
    ],
  },
  indexFull: {
    length: 32,
    fields: [
      'u32 instrumentToken 0',
      'price lastPrice 4',
      'price high 8',
      'price low 12',
      'price open 16',
      'price close 20',
      'price priceChange 24',
      'seconds exchangeTimestamp 28',
    ],
  },
  quote: {
    length: 44,
    fields: [
      'u32 instrumentToken 0',
      'price lastPrice 4',
      'u32 lastTradedQuantity 8',
      'price averageTradedPrice 12',
      'u32 volumeTraded 16',
      'u32 totalBuyQuantity 20',
      'u32 totalSellQuantity 24',
      'price open 28',
      'price high 32',
      'price low 36',
      'price close 40',
    ],
  },
  full: {
    length: 184,
    fields: [
      'u32 instrumentToken 0',
      'price lastPrice 4',
      'u32 lastTradedQuantity 8',
      'price averageTradedPrice 12',
      'u32 volumeTraded 16',
      'u32 totalBuyQuantity 20',
      'u32 totalSellQuantity 24',
      'price open 28',
      'price high 32',
      'price low 36',
      'price close 40',
      'seconds lastTradeTime 44',
      'u32 oi 48',
      'u32 oiDayHigh 52',
      'u32 oiDayLow 56',
      'seconds exchangeTimestamp 60',
    ],
  },
};

const WIDTH = { u16: 2, u32: 4, price: 4, seconds: 4 };

function rows(fields: Record<string, WireField>): string[] {
  return Object.entries(fields)
    .sort(([, a], [, b]) => a.offset - b.offset)
    .map(([name, { type, offset }]) => `${type} ${name} ${offset}`);
}

/** Where the fields end, having checked that each begins where the one before ends. */
function endOf(fields: Record<string, WireField>): number {
  let end = 0;
  for (const { offset, type } of Object.values(fields).sort((a, b) => a.offset - b.offset)) {
    expect(offset).toBe(end);
    end += WIDTH[type];
  }
  return end;
}

/** All plain objects in a value, at any depth. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const within = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? within : [value, ...within];
}

describe('the layout table', () => {
  test('is the documented one, packet by packet and field by field', () => {
    const table = Object.entries(PACKETS).map(([kind, { length, fields }]) => [
      kind,
      { length, fields: rows(fields) },
    ]);
    expect(Object.fromEntries(table)).toEqual(DOCUMENTED);
  });

  test('has the five buy levels at 64 and the five sell levels at 124, 12 bytes each', () => {
    expect({ ...DEPTH, fields: rows(DEPTH.fields) }).toEqual({
      levels: 5,
      levelLength: 12,
      buyOffset: 64,
      sellOffset: 124,
      fields: ['u32 quantity 0', 'price price 4', 'u16 orders 8'],
    });
  });

  test('counts packets and their lengths in two bytes', () => {
    expect(FRAME).toEqual({ countLength: 2, lengthLength: 2, maxPackets: 65535, maxPacketLength: 65535 });
  });

  test.each(['ltp', 'indexQuote', 'indexFull', 'quote'] as const)(
    'leaves no gap and no overlap in the fields of %s',
    (kind) => {
      expect(endOf(PACKETS[kind].fields)).toBe(PACKETS[kind].length);
    },
  );

  test('fills a full packet with its fields, its buy levels and its sell levels', () => {
    expect(endOf(PACKETS.full.fields)).toBe(DEPTH.buyOffset);
    expect(DEPTH.buyOffset + DEPTH.levels * DEPTH.levelLength).toBe(DEPTH.sellOffset);
    expect(DEPTH.sellOffset + DEPTH.levels * DEPTH.levelLength).toBe(PACKETS.full.length);
  });

  test('allows a frame of 3000 full packets: 558 002 bytes', () => {
    expect(FRAME.countLength + 3000 * (FRAME.lengthLength + PACKETS.full.length)).toBe(558_002);
  });

  test('shares no hidden class with what is decoded, which would cost every price a check and an allocation', () => {
    setFlagsFromString('--allow-natives-syntax');
    const haveSameMap = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
    const tables = objectsIn([PACKETS, DEPTH, FRAME]);
    const decoded = objectsIn(decodeFrame(VECTOR_FRAME));
    expect(haveSameMap(decoded[0]!, decoded[0]!)).toBe(true);
    for (const table of tables) expect(decoded.filter((object) => haveSameMap(object, table))).toEqual([]);
  });

  test('gives its offsets as a frozen object', () => {
    const offsets = offsetsOf(PACKETS.ltp.fields);
    expect(offsets).toEqual({ instrumentToken: 0, lastPrice: 4 });
    expect(Object.isFrozen(offsets)).toBe(true);
  });
});
