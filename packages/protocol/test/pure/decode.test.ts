import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodePacket, isKiteError, type Tick } from '@kite/protocol';
import {
  embed,
  frameOf,
  fromHex,
  fullBody,
  indexFullBody,
  indexQuoteBody,
  ltpBody,
  quoteBody,
} from '@kite/testkit';

import { decodeWithIssues } from '../support/arbitraries.js';

const decodeOne = (body: Uint8Array): Tick => {
  const [tick, ...rest] = decodeFrame(frameOf(body));
  expect(rest).toEqual([]);
  return tick!;
};

const QUOTE = {
  token: 408065,
  last: 100,
  lastQuantity: 0,
  average: 0,
  volume: 0,
  buy: 0,
  sell: 0,
  open: 0,
  high: 0,
  low: 0,
  close: 0,
};
const EMPTY_SIDE = Array.from({ length: 5 }, () => [0, 0, 0] as const);
const FULL = {
  ...QUOTE,
  lastTradeTime: 0,
  oi: 0,
  oiDayHigh: 0,
  oiDayLow: 0,
  exchangeTime: 0,
  bids: EMPTY_SIDE,
  offers: EMPTY_SIDE,
};
const INDEX = { token: 256265, last: 100, high: 0, low: 0, open: 0, close: 0, change: 0 };

describe('a heartbeat', () => {
  test.each([0x00, 0x01, 0xff])('of the one byte %i gives no ticks and no issue', (byte) => {
    expect(decodeWithIssues(Uint8Array.of(byte))).toEqual({ ticks: [], issues: [] });
  });
});

describe('a frame that is not as documented', () => {
  const good = ltpBody({ token: 408065, last: 157315 });
  const tick = decodeOne(good);

  test('of no bytes is reported as truncated', () => {
    expect(decodeWithIssues(new Uint8Array())).toEqual({
      ticks: [],
      issues: [{ kind: 'truncated', offset: 0, packetIndex: 0, packetCount: 0, needed: 1, available: 0 }],
    });
  });

  test('that announces no packets gives none, and no issue', () => {
    expect(decodeWithIssues(fromHex('0000'))).toEqual({ ticks: [], issues: [] });
  });

  test('that announces 65535 packets and brings one yields the one', () => {
    const frame = frameOf(good);
    frame.set([0xff, 0xff]);
    expect(decodeWithIssues(frame)).toEqual({
      ticks: [tick],
      issues: [
        { kind: 'truncated', offset: 12, packetIndex: 1, packetCount: 65535, needed: 2, available: 0 },
      ],
    });
  });

  test('that ends within a length prefix says that two bytes were needed', () => {
    const frame = Uint8Array.from([0, 2, 0, 8, ...good, 0]);
    expect(decodeWithIssues(frame)).toEqual({
      ticks: [tick],
      issues: [{ kind: 'truncated', offset: 12, packetIndex: 1, packetCount: 2, needed: 2, available: 1 }],
    });
  });

  test('whose packet claims more bytes than are left is cut there, even if the rest looks like a packet', () => {
    const frame = Uint8Array.from([0, 2, 0xff, 0xff, 0, 8, ...good]);
    expect(decodeWithIssues(frame)).toEqual({
      ticks: [],
      issues: [
        { kind: 'truncated', offset: 2, packetIndex: 0, packetCount: 2, needed: 65537, available: 12 },
      ],
    });
  });

  test('reads nothing beyond its own end, whatever follows in the buffer', () => {
    const neighbour = frameOf(good, good);
    const cut = neighbour.subarray(0, 12);
    expect(decodeWithIssues(cut).ticks).toEqual([tick]);
    expect(decodeWithIssues(embed(cut, 3))).toEqual(decodeWithIssues(cut.slice()));
  });

  test('loses only its packet of an unknown length', () => {
    const alien = Uint8Array.from([0, 6, 0x3a, 0x01, 9, 9, 9, 9, 9, 9]);
    expect(decodeWithIssues(frameOf(good, alien, good))).toEqual({
      ticks: [tick, tick],
      issues: [
        { kind: 'unknown-length', offset: 12, packetIndex: 1, length: 10, instrumentToken: 0x0006_3a01 },
      ],
    });
  });

  test.each([0, 1, 2, 3])('names no token for an unknown packet of %i bytes', (length) => {
    expect(decodeWithIssues(frameOf(new Uint8Array(length).fill(0xff), good))).toEqual({
      ticks: [tick],
      issues: [{ kind: 'unknown-length', offset: 2, packetIndex: 0, length, instrumentToken: null }],
    });
  });

  test('names the token of an unknown packet of exactly four bytes, unsigned', () => {
    expect(decodeWithIssues(frameOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).issues).toEqual([
      { kind: 'unknown-length', offset: 2, packetIndex: 0, length: 4, instrumentToken: 0xffff_ffff },
    ]);
  });

  test('reports an unknown segment and divides by 100', () => {
    const token = 1000 * 256 + 77;
    expect(decodeWithIssues(frameOf(good, ltpBody({ token, last: 12345 }), good))).toEqual({
      ticks: [
        tick,
        { mode: 'ltp', instrumentToken: token, segment: 77, tradable: true, lastPrice: 123.45 },
        tick,
      ],
      issues: [{ kind: 'unknown-segment', offset: 12, packetIndex: 1, instrumentToken: token, segment: 77 }],
    });
  });

  test('reports bytes after its last packet and ignores them', () => {
    const frame = Uint8Array.from([...frameOf(good), 1, 2, 3]);
    expect(decodeWithIssues(frame)).toEqual({
      ticks: [tick],
      issues: [{ kind: 'trailing-bytes', offset: 12, length: 3 }],
    });
  });

  test('gives its offsets from the start of the frame, not of the buffer', () => {
    const frame = Uint8Array.from([...frameOf(good, new Uint8Array(5)), 7]);
    expect(decodeWithIssues(embed(frame, 1001)).issues).toEqual(decodeWithIssues(frame).issues);
  });

  test('decodes the same whether or not anybody listens', () => {
    const frame = Uint8Array.from([0, 9, 0, 3, 1, 2, 3, 0, 8, ...good, 0, 44, 1]);
    expect(decodeFrame(frame)).toEqual([tick]);
    expect(decodeFrame(frame, {})).toEqual([tick]);
  });

  test('passes on what onIssue throws, as it is', () => {
    const thrown = new Error('mine');
    const onIssue = () => {
      throw thrown;
    };
    expect(() => decodeFrame(new Uint8Array(), { onIssue })).toThrow(thrown);
  });
});

describe('what is no byte array', () => {
  test.each([
    ['a text frame', '{"type":"error"}'],
    ['a bare ArrayBuffer, as browsers hand out', new ArrayBuffer(12)],
    ['an array of numbers', [0, 0]],
    ['what only inherits from one', Object.create(Uint8Array.prototype) as unknown],
    ['what only stands before one', new Proxy(new Uint8Array(2), {})],
    ['null', null],
    ['undefined', undefined],
  ])('is refused by a code: %s', (_, frame) => {
    const attempt = () => decodeFrame(frame as Uint8Array);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_FRAME', field: 'frame', value: frame }),
    );
  });

  test('does not include the Uint8Array of another realm', () => {
    const foreign = runInNewContext('Uint8Array.of(0, 1, 0, 8, 0, 6, 58, 1, 0, 2, 102, 131)') as Uint8Array;
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    expect(decodeFrame(foreign)).toMatchObject([{ instrumentToken: 408065, lastPrice: 1573.15 }]);
  });

  test('does not include an array whose buffer was transferred away: it has no bytes', () => {
    const frame = frameOf(ltpBody({ token: 1, last: 1 }));
    structuredClone(frame.buffer, { transfer: [frame.buffer] });
    expect(decodeWithIssues(frame).issues).toMatchObject([{ kind: 'truncated', available: 0 }]);
  });
});

describe('the kind of a packet', () => {
  test('follows its length and never its segment', () => {
    const indexToken = 256265;
    const nseToken = 408065;
    const kinds = decodeFrame(
      frameOf(
        quoteBody({ ...QUOTE, token: indexToken }),
        fullBody({ ...FULL, token: indexToken }),
        indexQuoteBody({ ...INDEX, token: nseToken }),
        indexFullBody({ ...INDEX, token: nseToken, exchangeTime: 0 }),
      ),
    ).map(({ mode, tradable, segment }) => ({ mode, tradable, segment }));
    expect(kinds).toEqual([
      { mode: 'quote', tradable: true, segment: 9 },
      { mode: 'full', tradable: true, segment: 9 },
      { mode: 'quote', tradable: false, segment: 1 },
      { mode: 'full', tradable: false, segment: 1 },
    ]);
  });

  test('of an ltp packet has its tradable flag by segment', () => {
    expect(decodeOne(ltpBody({ token: 256265, last: 1 }))).toMatchObject({ mode: 'ltp', tradable: false });
    expect(decodeOne(ltpBody({ token: 408065, last: 1 }))).toMatchObject({ mode: 'ltp', tradable: true });
  });
});

describe('the fields at their extremes', () => {
  const MAX_U32 = 4_294_967_295;

  test('quantities, volume and open interest are unsigned', () => {
    const tick = decodeOne(
      fullBody({
        ...FULL,
        lastQuantity: MAX_U32,
        volume: 3_000_000_000,
        buy: MAX_U32,
        sell: 0x8000_0000,
        oi: MAX_U32,
        oiDayHigh: MAX_U32,
        oiDayLow: MAX_U32,
        bids: [[MAX_U32, 1, 65535], ...EMPTY_SIDE.slice(1)],
      }),
    );
    expect(tick).toMatchObject({
      lastTradedQuantity: MAX_U32,
      volumeTraded: 3_000_000_000,
      totalBuyQuantity: MAX_U32,
      totalSellQuantity: 2_147_483_648,
      oi: MAX_U32,
      oiDayHigh: MAX_U32,
      oiDayLow: MAX_U32,
      depth: { buy: [{ quantity: MAX_U32, price: 0.01, orders: 65535 }, {}, {}, {}, {}] },
    });
  });

  test('tokens are unsigned, and their segment is the low byte all the same', () => {
    expect(decodeOne(ltpBody({ token: MAX_U32 - 0xff + 7, last: 0 }))).toMatchObject({
      instrumentToken: 4_294_967_047,
      segment: 7,
    });
  });

  test('prices are signed: MCX futures trade below zero', () => {
    const tick = decodeOne(
      quoteBody({ ...QUOTE, token: 256 + 7, last: -3763, low: -0x8000_0000, high: 0x7fff_ffff, close: 1827 }),
    );
    expect(tick).toMatchObject({
      lastPrice: -37.63,
      ohlc: { low: -21474836.48, high: 21474836.47 },
      netChange: -55.9,
    });
  });

  test('net change does not wrap where last and close are 2³² apart', () => {
    const tick = decodeOne(quoteBody({ ...QUOTE, last: -0x8000_0000, close: 0x7fff_ffff }));
    expect(tick).toMatchObject({ netChange: -42949672.95 });
  });

  test('timestamps are milliseconds, unsigned beyond 2038, and null where the wire says 0', () => {
    expect(decodeOne(fullBody({ ...FULL, lastTradeTime: MAX_U32, exchangeTime: 1 }))).toMatchObject({
      lastTradeTime: 4_294_967_295_000,
      exchangeTimestamp: 1000,
    });
    expect(decodeOne(fullBody(FULL))).toMatchObject({ lastTradeTime: null, exchangeTimestamp: null });
    expect(decodeOne(indexFullBody({ ...INDEX, exchangeTime: 0 }))).toMatchObject({
      exchangeTimestamp: null,
    });
  });
});

describe('change', () => {
  test('is null in both its forms where close is 0', () => {
    expect(decodeOne(quoteBody(QUOTE))).toMatchObject({ netChange: null, changePercent: null });
    expect(decodeOne(fullBody(FULL))).toMatchObject({ netChange: null, changePercent: null });
  });

  test("of an index is the wire's own, also where close is 0", () => {
    expect(decodeOne(indexQuoteBody({ ...INDEX, change: -2065 }))).toMatchObject({
      netChange: -20.65,
      changePercent: null,
    });
    expect(decodeOne(indexFullBody({ ...INDEX, close: 90, change: 7, exchangeTime: 0 }))).toMatchObject({
      netChange: 0.07,
      changePercent: ((1 - 0.9) * 100) / 0.9,
    });
  });

  test('is computed from the integers: 5.35, not 5.350000000000136', () => {
    expect(1573.15 - 1567.8).not.toBe(5.35);
    expect(decodeOne(quoteBody({ ...QUOTE, last: 157315, close: 156780 }))).toMatchObject({
      netChange: 5.35,
    });
  });

  test('against a negative close keeps the sign that the formula gives', () => {
    expect(decodeOne(quoteBody({ ...QUOTE, last: -100, close: -200 }))).toMatchObject({
      netChange: 1,
      changePercent: -50,
    });
  });

  test('is 0 and never −0 where the price equals a negative close, in each kind of packet that has a change', () => {
    const fall = { last: -3700, close: -3700 };
    const bodies = [
      quoteBody({ ...QUOTE, ...fall }),
      fullBody({ ...FULL, ...fall }),
      indexQuoteBody({ ...INDEX, ...fall }),
      indexFullBody({ ...INDEX, ...fall, exchangeTime: 0 }),
    ];
    for (const body of bodies) expect(decodeOne(body)).toHaveProperty('changePercent', 0);
  });
});

/** All objects and lists in a value, at any depth. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

describe('a tick', () => {
  test('holds nothing of its frame', () => {
    const frame = frameOf(fullBody({ ...FULL, last: 4200 }));
    const [tick] = decodeFrame(frame);
    frame.fill(0xff);
    expect(tick).toMatchObject({ lastPrice: 42 });
    expect(encodePacket(tick!)).toEqual(fullBody({ ...FULL, last: 4200 }));
  });

  test('is a plain object that JSON carries whole', () => {
    const ticks = decodeFrame(frameOf(fullBody(FULL), indexQuoteBody(INDEX), ltpBody(QUOTE)));
    expect(JSON.parse(JSON.stringify(ticks))).toStrictEqual(ticks);
    for (const tick of ticks) expect(Object.getPrototypeOf(tick)).toBe(Object.prototype);
  });

  test.each([
    ['full', 15, fullBody(FULL)],
    ['quote', 2, quoteBody(QUOTE)],
    ['ltp', 1, ltpBody(QUOTE)],
  ])('is no more than its fields: out of a %s packet %i objects, lists included', (_, count, body) => {
    expect(objectsIn(decodeOne(body))).toHaveLength(count);
  });

  test('shares no level of depth with another level', () => {
    const tick = decodeOne(fullBody(FULL));
    if (tick.mode !== 'full' || !tick.tradable) throw new Error('not a full tick');
    expect(new Set([...tick.depth.buy, ...tick.depth.sell]).size).toBe(10);
  });
});

test('errors of this file carry the brand', () => {
  try {
    decodeFrame('' as unknown as Uint8Array);
    expect.unreachable();
  } catch (error) {
    expect(isKiteError(error, 'KITE_PROTOCOL_INVALID_FRAME')).toBe(true);
  }
});
