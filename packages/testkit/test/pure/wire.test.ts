import { describe, expect, test } from 'vitest';
import { embed, frameOf, fullBody, indexFullBody, ltpBody, NIFTY_FULL, quoteBody } from '@kite/testkit';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const QUOTE = {
  ...{ token: 0x01020304, last: -1, lastQuantity: 1, average: 2, volume: 0xffff_ffff, buy: 3, sell: 4 },
  ...{ open: 5, high: 6, low: -0x8000_0000, close: 8 },
};

describe('the encoder of the tests', () => {
  test('writes an index as it travelled', () => {
    const prices = {
      last: 2091705,
      high: 2094125,
      low: 2085080,
      open: 2093240,
      close: 2093770,
      change: -2065,
    };
    expect(indexFullBody({ token: 256265, ...prices, exchangeTime: 1701928226 })).toEqual(NIFTY_FULL.body);
  });

  test('writes integers with the high byte first, negative ones as two’s complement', () => {
    expect(hex(ltpBody({ token: 408065, last: -2 }))).toBe('00063a01fffffffe');
    expect(hex(quoteBody(QUOTE))).toBe(
      '01020304ffffffff0000000100000002ffffffff0000000300000004000000050000000680000000' + '00000008',
    );
  });

  test('writes a level as quantity, price, two bytes of orders and two of padding', () => {
    const side = Array.from({ length: 5 }, () => [1, -1, 0xffff] as const);
    const times = { lastTradeTime: 9, oi: 10, oiDayHigh: 11, oiDayLow: 12, exchangeTime: 13 };
    const body = fullBody({ ...QUOTE, ...times, bids: side, offers: side });
    expect(body).toHaveLength(184);
    expect(hex(body.subarray(44, 76))).toBe(
      '000000090000000a0000000b0000000c0000000d00000001ffffffffffff0000',
    );
  });

  test('puts the number of packets before them, and each behind its length', () => {
    expect(hex(frameOf())).toBe('0000');
    expect(hex(frameOf(Uint8Array.of(7), Uint8Array.of(8, 9)))).toBe('0002' + '000107' + '00020809');
  });
});

test.each(['Uint8Array', 'Buffer'] as const)(
  'a %s in a larger chunk has its bytes, and ones around',
  (as) => {
    const embedded = embed(Uint8Array.of(1, 2), 3, as);
    expect([...embedded]).toEqual([1, 2]);
    expect(Buffer.isBuffer(embedded)).toBe(as === 'Buffer');
    expect(hex(new Uint8Array(embedded.buffer)).slice(0, 14)).toBe('ffffff0102ffff');
  },
);
