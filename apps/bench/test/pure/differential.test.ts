import { expect, test } from 'vitest';
import { decodeFrame, type Depth, priceDivisor, Segment, type Tick } from '@kite/protocol';

import { type OfficialTick, parseBinary } from '../../src/decode/official.js';
import { isSame } from '../../src/differential/is-same.js';
import { randomFrames } from '../../src/frames/random-frames.js';

/** Each night it is more. */
const FRAMES = Number(process.env['KITE_DIFFERENTIAL_FRAMES'] ?? 1_000_000);
const SEED = Number(process.env['KITE_DIFFERENTIAL_SEED'] ?? 20261129);
const TIMEOUT_MS = 60_000 + FRAMES / 5;

/** Where the official decoder reads otherwise than the protocol says. Nothing else may differ, in any bit. */
type Difference =
  | 'a u32 from 2³¹ on is negative'
  | 'a time from 2³¹ on is before 1970'
  | 'prices of NCO are divided by 100'
  | 'index packets of other segments are tradable, and other packets of an index are not'
  | 'where the close is 0 the change is 0, or the wire’s integer for an index'
  | 'the change is −0 where the price equals a negative close';

const seen = new Map<Difference, number>();
function note(difference: Difference): void {
  seen.set(difference, (seen.get(difference) ?? 0) + 1);
}

test(
  `decodes ${FRAMES} random frames as the official JS client does, but for the differences that are listed`,
  () => {
    let frames = 0;
    for (const frame of randomFrames(SEED)) {
      const ours = decodeFrame(new Uint8Array(frame)).map(officialReading);
      const theirs = parseBinary(frame);
      // Vitest compares too slowly for a million: it only tells what differs.
      if (!isSame(ours, theirs)) expect(ours).toStrictEqual(theirs);
      if (++frames === FRAMES) break;
    }
    console.log(`${frames} frames, seed ${SEED}:`, Object.fromEntries(seen));
    // Each of them was there: take a difference that is gone off the list.
    expect(seen.size).toBe(6);
  },
  TIMEOUT_MS,
);

/** What the official decoder makes of the packet of a tick of ours. */
function officialReading(tick: Tick): Partial<OfficialTick> {
  const ours = priceDivisor(tick.instrumentToken);
  const theirs = tick.segment === Segment.NCO ? 100 : ours;
  if (theirs !== ours) note('prices of NCO are divided by 100');
  const price = (value: number) => (theirs === ours ? value : Math.round(value * ours) / theirs);
  const tradable = tick.segment !== Segment.INDICES;
  if (tradable !== tick.tradable)
    note('index packets of other segments are tradable, and other packets of an index are not');
  const head = {
    tradable,
    mode: tick.mode,
    instrument_token: signed(tick.instrumentToken),
    last_price: price(tick.lastPrice),
  };
  if (tick.mode === 'ltp') return head;
  const { open, high, low, close } = tick.ohlc;
  const ohlc = { open: price(open), high: price(high), low: price(low), close: price(close) };
  const day = { ...head, ohlc, change: changeOf(tick, head.last_price, ohlc.close, ours) };
  if (!tick.tradable)
    return tick.mode === 'full' ? { ...day, exchange_timestamp: date(tick.exchangeTimestamp) } : day;
  const quote = {
    ...day,
    last_traded_quantity: signed(tick.lastTradedQuantity),
    average_traded_price: price(tick.averageTradedPrice),
    volume_traded: signed(tick.volumeTraded),
    total_buy_quantity: signed(tick.totalBuyQuantity),
    total_sell_quantity: signed(tick.totalSellQuantity),
  };
  if (tick.mode === 'quote') return quote;
  const side = (levels: Depth['buy']) =>
    levels.map((level) => ({
      quantity: signed(level.quantity),
      price: price(level.price),
      orders: level.orders,
    }));
  return {
    ...quote,
    last_trade_time: date(tick.lastTradeTime),
    exchange_timestamp: date(tick.exchangeTimestamp),
    oi: signed(tick.oi),
    oi_day_high: signed(tick.oiDayHigh),
    oi_day_low: signed(tick.oiDayLow),
    depth: { buy: side(tick.depth.buy), sell: side(tick.depth.sell) },
  };
}

function changeOf(
  tick: Exclude<Tick, { mode: 'ltp' }>,
  last: number,
  close: number,
  divisor: number,
): number {
  if (close === 0) {
    note('where the close is 0 the change is 0, or the wire’s integer for an index');
    return tick.tradable ? 0 : Math.round(tick.netChange * divisor);
  }
  const change = ((last - close) * 100) / close;
  if (Object.is(change, -0)) note('the change is −0 where the price equals a negative close');
  // Theirs is ours wherever the price is. Looked at first: `expect` is slow, and there are millions.
  else if (tick.segment !== Segment.NCO && !Object.is(change, tick.changePercent))
    expect(tick.changePercent).toBe(change);
  return change;
}

function signed(value: number): number {
  if (value < 0x8000_0000) return value;
  note('a u32 from 2³¹ on is negative');
  return value - 0x1_0000_0000;
}

function date(ms: number | null): Date | null {
  if (ms === null) return null;
  if (ms < 0x8000_0000 * 1000) return new Date(ms);
  note('a time from 2³¹ on is before 1970');
  return new Date(ms - 0x1_0000_0000 * 1000);
}
