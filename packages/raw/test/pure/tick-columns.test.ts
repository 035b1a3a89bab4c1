import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type FrameIssue, type Tick } from '@kite/protocol';
import { TickColumns } from '@kite/raw';
import { embed, FRAME_OF_EACH_KIND, TICKS_OF_EACH_KIND } from '@kite/testkit';

import { anyFrame, anyOffset, decoded } from '../support/arbitraries.js';

const LENGTHS = { ltp: [8, 8], quote: [28, 44], full: [32, 184] } as const;

/** A row by the columns' names. */
function rowOf(columns: TickColumns, row: number): Record<string, unknown> {
  const levels = (column: ArrayLike<number>) => Array.from({ length: 5 }, (_, i) => column[row * 5 + i]);
  return {
    packetLength: columns.packetLength[row],
    instrumentToken: columns.instrumentToken[row],
    lastPrice: columns.lastPrice[row],
    lastTradedQuantity: columns.lastTradedQuantity[row],
    averageTradedPrice: columns.averageTradedPrice[row],
    volumeTraded: columns.volumeTraded[row],
    totalBuyQuantity: columns.totalBuyQuantity[row],
    totalSellQuantity: columns.totalSellQuantity[row],
    open: columns.open[row],
    high: columns.high[row],
    low: columns.low[row],
    close: columns.close[row],
    netChange: columns.netChange[row],
    changePercent: columns.changePercent[row],
    lastTradeTime: columns.lastTradeTime[row],
    oi: columns.oi[row],
    oiDayHigh: columns.oiDayHigh[row],
    oiDayLow: columns.oiDayLow[row],
    exchangeTimestamp: columns.exchangeTimestamp[row],
    buyQuantity: levels(columns.buyQuantity),
    buyPrice: levels(columns.buyPrice),
    buyOrders: levels(columns.buyOrders),
    sellQuantity: levels(columns.sellQuantity),
    sellPrice: levels(columns.sellPrice),
    sellOrders: levels(columns.sellOrders),
  };
}

/** What a tick's row should be: 0 and NaN where the kind has no such field, NaN where the tick says null. */
function rowFor(tick: Tick): Record<string, unknown> {
  const { ohlc, depth, mode, segment: _, tradable, ...fields } = { ohlc: {}, depth: undefined, ...tick };
  const index = mode === 'ltp' ? 0 : Number(tradable);
  const column = (side: 'buy' | 'sell', name: 'quantity' | 'price' | 'orders') =>
    depth?.[side].map((level) => level[name]) ?? Array<number>(5).fill(name === 'price' ? NaN : 0);
  const none = { open: NaN, high: NaN, low: NaN, close: NaN, netChange: NaN, changePercent: NaN };
  const row = {
    packetLength: LENGTHS[mode][index],
    lastTradedQuantity: 0,
    averageTradedPrice: NaN,
    volumeTraded: 0,
    totalBuyQuantity: 0,
    totalSellQuantity: 0,
    ...none,
    lastTradeTime: NaN,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: NaN,
    ...fields,
    ...ohlc,
    buyQuantity: column('buy', 'quantity'),
    buyPrice: column('buy', 'price'),
    buyOrders: column('buy', 'orders'),
    sellQuantity: column('sell', 'quantity'),
    sellPrice: column('sell', 'price'),
    sellOrders: column('sell', 'orders'),
  };
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? NaN]));
}

// -0 and 0 are one price: toEqual would tell them apart.
const plain = (row: unknown): unknown =>
  JSON.parse(JSON.stringify(row, (_, value: unknown) => (Number.isNaN(value) ? 'NaN' : value)));

const rowsOf = (columns: TickColumns) =>
  Array.from({ length: columns.rows }, (_, row) => plain(rowOf(columns, row)));

describe('TickColumns', () => {
  test('agree with decodeFrame in every column and every issue, on any bytes, in rows that held other kinds before', () => {
    const issues: FrameIssue[] = [];
    const columns = new TickColumns({ capacity: 2, onIssue: (issue) => issues.push(issue) });
    fc.assert(
      fc.property(anyFrame, anyOffset, fc.constantFrom('Buffer', 'Uint8Array'), (frame, offset, as) => {
        issues.length = 0;
        columns.clear();
        const expected = decoded(frame);
        expect(columns.append(embed(frame, offset, as))).toBe(expected.ticks.length);
        expect(rowsOf(columns)).toEqual(expected.ticks.map((tick) => plain(rowFor(tick))));
        expect(issues).toEqual(expected.issues);
      }),
      { numRuns: 300 },
    );
  });

  test('append frame after frame, and grow without losing a row', () => {
    const columns = new TickColumns({ capacity: 1 });
    for (let n = 0; n < 20; n++) expect(columns.append(FRAME_OF_EACH_KIND)).toBe(5);
    expect(columns.rows).toBe(100);
    expect(columns.capacity).toBe(128);
    const expected = TICKS_OF_EACH_KIND.map((tick) => plain(rowFor(tick)));
    expect(rowsOf(columns)).toEqual(Array.from({ length: 20 }, () => expected).flat());
  });

  test('keep their arrays while the rows fit, over clear() too', () => {
    const columns = new TickColumns({ capacity: 10 });
    const arrays = Object.entries(columns).filter(([name]) => name !== 'depth');
    for (let n = 0; n < 50; n++) {
      columns.clear();
      columns.append(FRAME_OF_EACH_KIND);
      columns.append(FRAME_OF_EACH_KIND);
    }
    expect(arrays).toHaveLength(25);
    for (const [name, array] of arrays) expect(columns[name as 'lastPrice']).toBe(array);
    columns.append(FRAME_OF_EACH_KIND);
    for (const [name, array] of arrays) expect(columns[name as 'lastPrice']).not.toBe(array);
    expect(columns.capacity).toBe(20);
  });

  test('leave the depth columns empty when told so, and fill the rest', () => {
    const columns = new TickColumns({ capacity: 1, depth: false });
    columns.append(FRAME_OF_EACH_KIND);
    expect(columns.depth).toBe(false);
    expect(columns.buyPrice).toHaveLength(0);
    expect(columns.sellOrders).toHaveLength(0);
    expect(columns.exchangeTimestamp[4]).toBe(1625461887000);
    columns.clear();
    columns.append(
      encodeFrame([
        TICKS_OF_EACH_KIND[0]!,
        TICKS_OF_EACH_KIND[0]!,
        TICKS_OF_EACH_KIND[0]!,
        TICKS_OF_EACH_KIND[0]!,
        TICKS_OF_EACH_KIND[0]!,
      ]),
    );
    expect(columns.exchangeTimestamp[4]).toBeNaN();
  });

  test('refuse a wrong option, naming it, what it was and what is allowed', () => {
    for (const capacity of [0, -1, 1.5, NaN, '5']) {
      expect(() => new TickColumns({ capacity: capacity as number })).toThrow(
        expect.objectContaining({
          code: 'KITE_RAW_INVALID_OPTION',
          field: 'capacity',
          value: capacity,
          allowed: 'a positive integer',
        }),
      );
    }
    expect(() => new TickColumns({ capcity: 5 } as object)).toThrow(/capcity.*capacity/);
    expect(() => new TickColumns({ divisors: { 1: 0 } })).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_DIVISOR' }),
    );
  });
});
