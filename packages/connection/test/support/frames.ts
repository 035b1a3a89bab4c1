import { encodeFrame, type FullTick, type LtpTick } from '@kite/protocol';

/** An ltp tick of an NSE instrument. */
export function ltpTick(instrumentToken: number, lastPrice = 100): LtpTick {
  return { mode: 'ltp', instrumentToken, segment: instrumentToken & 0xff, tradable: true, lastPrice };
}

/** A frame of ltp ticks, all at one price. */
export function ltpFrame(tokens: readonly number[], lastPrice = 100): Uint8Array {
  return encodeFrame(tokens.map((token) => ltpTick(token, lastPrice)));
}

/** A frame of full ticks, all at one price. */
export function fullFrame(tokens: readonly number[], lastPrice = 100): Uint8Array {
  return encodeFrame(tokens.map((token) => fullTick(token, lastPrice)));
}

function fullTick(instrumentToken: number, lastPrice: number): FullTick {
  const level = { quantity: 1, price: lastPrice, orders: 1 };
  const side: FullTick['depth']['buy'] = [level, level, level, level, level];
  return {
    ...{ mode: 'full', instrumentToken, segment: instrumentToken & 0xff, tradable: true, lastPrice },
    ...{ lastTradedQuantity: 1, averageTradedPrice: lastPrice, volumeTraded: 1 },
    ...{ totalBuyQuantity: 1, totalSellQuantity: 1, netChange: 0, changePercent: 0 },
    ohlc: { open: lastPrice, high: lastPrice, low: lastPrice, close: lastPrice },
    ...{ lastTradeTime: null, oi: 0, oiDayHigh: 0, oiDayLow: 0, exchangeTimestamp: null },
    depth: { buy: side, sell: side },
  };
}
