import assert from 'node:assert/strict';
import { decodeFrame, FrameDecoder, type Tick } from '@kite/protocol';
import { decodeLazy } from '@kite/raw';
import { makeFrames, SHAPES } from './frames.js';
import { parseBinary, type OfficialTick } from './official.js';

/** Every variant that makes ticks, tick by tick, against the official client, before anything is timed. */
export function checkOutputs(): void {
  const decoder = new FrameDecoder();
  for (const shape of SHAPES) {
    const { slices, buffers } = makeFrames(shape, 10, 500);
    slices.forEach((frame, index) => {
      const ticks = decodeFrame(frame);
      assert.deepEqual(decoder.decode(frame), ticks);
      assert.deepEqual(JSON.parse(JSON.stringify(decodeLazy(frame))), ticks);
      assert.deepEqual(ticks.map(officialForm), JSON.parse(JSON.stringify(parseBinary(buffers[index]!))));
    });
  }
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
  const day = { ...head, ohlc: tick.ohlc, change: tick.changePercent };
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
