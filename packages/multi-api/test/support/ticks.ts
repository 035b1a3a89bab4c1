import type { FullTick, IndexFullTick, LtpTick, QuoteTick } from '@kite/multi-api';

const LEVEL = { quantity: 1, price: 1, orders: 1 };
const LEVELS = [LEVEL, LEVEL, LEVEL, LEVEL, LEVEL] as const;
const OHLC = { open: 1, high: 2, low: 1, close: 1 };

export const TOKEN = 408065;

const DAY = Date.UTC(2026, 10, 20, 4);

export function ltp(lastPrice: number, instrumentToken = TOKEN): LtpTick {
  return { mode: 'ltp', instrumentToken, segment: 1, tradable: true, lastPrice };
}

export function quote(lastPrice: number, volumeTraded: number, instrumentToken = TOKEN): QuoteTick {
  return {
    mode: 'quote',
    instrumentToken,
    segment: 1,
    tradable: true,
    lastPrice,
    lastTradedQuantity: 1,
    averageTradedPrice: 1,
    volumeTraded,
    totalBuyQuantity: 1,
    totalSellQuantity: 1,
    ohlc: OHLC,
    netChange: 0,
    changePercent: 0,
  };
}

/** @param seconds after the day's first tick */
export function full(lastPrice: number, volumeTraded: number, seconds: number): FullTick {
  return {
    ...quote(lastPrice, volumeTraded),
    mode: 'full',
    lastTradeTime: null,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: DAY + seconds * 1000,
    depth: { buy: [...LEVELS], sell: [...LEVELS] },
  };
}

/** @param seconds after the day's first tick */
export function index(lastPrice: number, seconds: number): IndexFullTick {
  return {
    mode: 'full',
    instrumentToken: 256265,
    segment: 9,
    tradable: false,
    lastPrice,
    ohlc: OHLC,
    netChange: 0,
    changePercent: 0,
    exchangeTimestamp: DAY + seconds * 1000,
  };
}
