import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  encodePacket,
  type FullTick,
  type IndexFullTick,
  type IndexQuoteTick,
  type LtpTick,
  type QuoteTick,
  type Tick,
} from '@kite/protocol';
import { embed, frameOf, VECTOR_FRAME, VECTOR_TICKS, VECTORS } from '@kite/testkit';

const [quote, full, , indexFull, indexQuote, ltp] = VECTOR_TICKS as [
  QuoteTick,
  FullTick,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
];

/** The error that encoding `tick` ends in. */
function refusal(tick: unknown): unknown {
  try {
    encodePacket(tick as Tick);
  } catch (error) {
    return error;
  }
  throw new Error('was encoded');
}

const refused = (field: string, value: unknown, allowed: string | RegExp) =>
  expect.objectContaining({
    name: 'KiteInputError',
    code: 'KITE_PROTOCOL_INVALID_TICK',
    field,
    value,
    allowed: typeof allowed === 'string' ? allowed : (expect.stringMatching(allowed) as string),
  }) as unknown;

describe('encodePacket', () => {
  test.each([
    ['ltp', ltp, 8],
    ['index quote', indexQuote, 28],
    ['index full', indexFull, 32],
    ['quote', quote, 44],
    ['full', full, 184],
  ])('writes a body of the length that identifies %s', (_, tick, length) => {
    expect(encodePacket(tick)).toHaveLength(length);
  });

  test('ignores the segment, tradable and change of a tick where the wire has no place for them', () => {
    const altered: Tick = { ...quote, segment: 99, netChange: 1e9, changePercent: null };
    expect(encodePacket(altered)).toEqual(encodePacket(quote));
    expect(encodePacket({ ...ltp, tradable: !ltp.tradable })).toEqual(encodePacket(ltp));
  });

  test("rounds a price to the wire's unit", () => {
    expect(decodeFrame(encodeFrame([{ ...ltp, lastPrice: 1573.154999 }]))).toEqual([ltp]);
  });

  test('writes an absent time as 0', () => {
    const body = encodePacket({ ...indexFull, exchangeTimestamp: null });
    expect([...body.subarray(28)]).toEqual([0, 0, 0, 0]);
  });
});

describe('a tick with a field that does not fit is refused, by name, value and what is allowed', () => {
  const u32 = 'an integer from 0 to 4294967295';
  const u16 = 'an integer from 0 to 65535';
  const scaled = /signed 32-bit/;
  const seconds = /whole seconds/;
  const [bid] = full.depth.buy;
  const withBid = (change: object) => ({
    ...full,
    depth: {
      buy: [...full.depth.buy.slice(0, 3), { ...bid, ...change }, full.depth.buy[4]],
      sell: full.depth.sell,
    },
  });

  const cases: [tick: unknown, field: string, value: unknown, allowed: string | RegExp][] = [
    [{ ...ltp, instrumentToken: 2 ** 32 }, 'instrumentToken', 2 ** 32, u32],
    [{ ...ltp, instrumentToken: -1 }, 'instrumentToken', -1, u32],
    [{ ...ltp, instrumentToken: 1.5 }, 'instrumentToken', 1.5, u32],
    [{ ...ltp, instrumentToken: '408065' }, 'instrumentToken', '408065', u32],
    [{ ...ltp, lastPrice: Number.NaN }, 'lastPrice', Number.NaN, scaled],
    [{ ...ltp, lastPrice: Infinity }, 'lastPrice', Infinity, scaled],
    [{ ...ltp, lastPrice: 21474836.48 }, 'lastPrice', 21474836.48, scaled],
    [{ ...ltp, lastPrice: -21474836.49 }, 'lastPrice', -21474836.49, scaled],
    [{ ...ltp, lastPrice: undefined }, 'lastPrice', undefined, scaled],
    [{ ...ltp, lastPrice: 15n }, 'lastPrice', 15n, scaled],
    [{ ...quote, volumeTraded: -1 }, 'volumeTraded', -1, u32],
    [{ ...quote, volumeTraded: 2 ** 32 }, 'volumeTraded', 2 ** 32, u32],
    [{ ...quote, ohlc: { ...quote.ohlc, high: null } }, 'ohlc.high', null, scaled],
    [{ ...quote, ohlc: undefined }, 'ohlc.open', undefined, scaled],
    [{ ...indexQuote, netChange: null }, 'netChange', null, scaled],
    [{ ...indexFull, exchangeTimestamp: 1701928226001 }, 'exchangeTimestamp', 1701928226001, seconds],
    [{ ...indexFull, exchangeTimestamp: -1000 }, 'exchangeTimestamp', -1000, seconds],
    [{ ...full, lastTradeTime: 2 ** 32 * 1000 }, 'lastTradeTime', 2 ** 32 * 1000, seconds],
    [{ ...full, lastTradeTime: undefined }, 'lastTradeTime', undefined, seconds],
    [withBid({ orders: 65536 }), 'depth.buy[3].orders', 65536, u16],
    [withBid({ quantity: 0.5 }), 'depth.buy[3].quantity', 0.5, u32],
    [withBid({ price: 3e9 }), 'depth.buy[3].price', 3e9, scaled],
    [{ ...full, depth: undefined }, 'depth.buy', undefined, 'an array of 5 levels'],
    [{ ...full, depth: { ...full.depth, sell: [] } }, 'depth.sell', [], 'an array of 5 levels'],
    [{ ...full, depth: { ...full.depth, sell: new Array(5) } }, 'depth.sell[0].orders', undefined, u16],
    [{ ...quote, tradable: undefined }, 'tradable', undefined, 'true or false'],
    [{ ...quote, mode: 'FULL' }, 'mode', 'FULL', "'ltp', 'quote' or 'full'"],
    [{}, 'mode', undefined, "'ltp', 'quote' or 'full'"],
    [null, 'tick', null, 'a tick'],
    [42, 'tick', 42, 'a tick'],
  ];

  test.each(cases.map(([tick, field, value, allowed]) => ({ tick, field, value, allowed })))(
    '$field: $value',
    ({ tick, field, value, allowed }) => {
      expect(refusal(tick)).toEqual(refused(field, value, allowed));
    },
  );
});

describe('encodeFrame', () => {
  test('is the inverse of decodeFrame over a frame of all kinds', () => {
    expect(encodeFrame(VECTOR_TICKS)).toEqual(VECTOR_FRAME);
  });

  test('writes a frame that announces nothing for no ticks', () => {
    expect([...encodeFrame([])]).toEqual([0, 0]);
  });

  test('takes any iterable, once', () => {
    const once = VECTOR_TICKS.values();
    expect(encodeFrame(once)).toEqual(VECTOR_FRAME);
  });

  test('passes ready bodies on unchanged, of whatever length and from whatever realm, between ticks', () => {
    const alien = embed(Uint8Array.of(1, 2, 3), 5);
    const foreign = runInNewContext('Uint8Array.of(4, 5)') as Uint8Array;
    expect(encodeFrame([ltp, alien, foreign, new Uint8Array(0)])).toEqual(
      frameOf(VECTORS[5]!.body, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), new Uint8Array()),
    );
  });

  test.each([new Uint16Array([1, 2]), new DataView(new ArrayBuffer(4))])(
    'refuses %o for a packet: a body is of bytes, and nothing is cut to fit',
    (view) => {
      expect(() => encodeFrame([view as unknown as Uint8Array])).toThrow(
        expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TICK', field: 'tick', value: view }),
      );
    },
  );

  test('keeps its own bytes: a body that changes later changes nothing', () => {
    const body = encodePacket(ltp);
    const frame = encodeFrame([body]);
    body.fill(0xff);
    expect(decodeFrame(frame)).toEqual([ltp]);
  });

  test('holds 65535 packets and no more', () => {
    const none = new Uint8Array();
    expect(encodeFrame(Array<Uint8Array>(65535).fill(none))).toHaveLength(2 + 65535 * 2);
    expect(() => encodeFrame(Array<Uint8Array>(65536).fill(none))).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_FRAME_TOO_LARGE' }),
    );
  });

  test('holds a body of 65535 bytes and no longer one', () => {
    expect(encodeFrame([new Uint8Array(65535)])).toHaveLength(4 + 65535);
    expect(() => encodeFrame([new Uint8Array(65536)])).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_FRAME_TOO_LARGE' }),
    );
  });

  test.each([null, undefined, 5, 'ticks', ltp])('refuses what is no list: %j', (packets) => {
    expect(() => encodeFrame(packets as unknown as Tick[])).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TICK', field: 'packets' }),
    );
  });

  test('refuses a divisor that is none, and not the tick', () => {
    expect(() => encodeFrame([ltp], { divisors: { 1: 0 } })).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_DIVISOR', field: 'divisors[1]' }),
    );
  });
});
