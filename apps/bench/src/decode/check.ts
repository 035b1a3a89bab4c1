import assert from 'node:assert/strict';
import { decodeFrame, FrameDecoder, type Tick } from '@kite/protocol';
import { decodeLazy } from '@kite/raw';

import { type Frames, makeFrames, SHAPES } from '../frames/frames.js';
import { type OfficialTick, parseBinary } from './official.js';
import { type Pass, READINGS, VARIANTS } from './variants.js';

/** Compares every variant that makes ticks with the official client, tick by tick, before anything is timed. */
export function checkOutputs(): void {
  const decoder = new FrameDecoder();
  for (const shape of SHAPES) {
    const frames = makeFrames(shape, 10, 500);
    checkSums(frames);
    const { slices, buffers } = frames;
    slices.forEach((frame, index) => {
      const ticks = decodeFrame(frame);
      assert.deepEqual(decoder.decode(frame), ticks);
      assert.deepEqual(JSON.parse(JSON.stringify(decodeLazy(frame))), ticks);
      assert.deepEqual(ticks.map(officialForm), JSON.parse(JSON.stringify(parseBinary(buffers[index]!))));
    });
  }
}

/** Compares all variants by the sum of what they read, including those that make no ticks. */
function checkSums(frames: Frames): void {
  for (const reading of READINGS) {
    const expected = sumOf(VARIANTS.official[reading], frames);
    for (const [variant, { [reading]: pass }] of Object.entries(VARIANTS)) {
      const sum = sumOf(pass, frames);
      assert(
        Math.abs(sum - expected) <= 1e-9 * Math.abs(expected),
        `${variant} read ${sum} where the official client read ${expected}`,
      );
    }
  }
}

function sumOf(pass: Pass, frames: Frames): number {
  const sum = new Float64Array(1);
  pass(frames, sum);
  return sum[0]!;
}

/** A tick of ours as the official client would print it. */
function officialForm(tick: Tick): Partial<Record<keyof OfficialTick, unknown>> {
  const head = {
    tradable: tick.tradable,
    mode: tick.mode,
    instrument_token: tick.instrumentToken,
    last_price: tick.lastPrice,
  };
  if (tick.mode === 'ltp') return head;
  const day = { ...head, ohlc: tick.ohlc, change: tick.changePercent ?? 0 };
  if (!tick.tradable) {
    return tick.mode === 'quote' ? day : { ...day, exchange_timestamp: date(tick.exchangeTimestamp) };
  }
  const quote = {
    ...day,
    last_traded_quantity: tick.lastTradedQuantity,
    average_traded_price: tick.averageTradedPrice,
    volume_traded: tick.volumeTraded,
    total_buy_quantity: tick.totalBuyQuantity,
    total_sell_quantity: tick.totalSellQuantity,
  };
  if (tick.mode === 'quote') return quote;
  return {
    ...quote,
    last_trade_time: date(tick.lastTradeTime),
    exchange_timestamp: date(tick.exchangeTimestamp),
    oi: tick.oi,
    oi_day_high: tick.oiDayHigh,
    oi_day_low: tick.oiDayLow,
    depth: tick.depth,
  };
}

function date(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
