// Ticks as plain data, without a type of their own: that of the package under test has to accept them.

import { INFY, NIFTY } from './tokens.js';

const OHLC = { open: 1, high: 2, low: 1, close: 1 };
const LEVEL = { quantity: 1, price: 1, orders: 1 };

/** 09:30 in India on a trading day. */
const DAY = Date.UTC(2026, 10, 20, 4);

export function ltpTick(lastPrice: number, instrumentToken = INFY) {
  return {
    mode: 'ltp' as const,
    instrumentToken,
    segment: instrumentToken & 0xff,
    tradable: instrumentToken !== NIFTY,
    lastPrice,
  };
}

export function quoteTick(lastPrice: number, volumeTraded: number, instrumentToken = INFY) {
  return {
    mode: 'quote' as const,
    instrumentToken,
    segment: instrumentToken & 0xff,
    tradable: true as const,
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
export function fullTick(lastPrice: number, volumeTraded: number, seconds: number) {
  return {
    ...quoteTick(lastPrice, volumeTraded),
    mode: 'full' as const,
    lastTradeTime: null,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: DAY + seconds * 1000,
    depth: { buy: levels(), sell: levels() },
  };
}

/** A full tick of an index. @param seconds after the day's first tick */
export function indexTick(lastPrice: number, seconds: number) {
  return {
    mode: 'full' as const,
    instrumentToken: NIFTY,
    segment: NIFTY & 0xff,
    tradable: false as const,
    lastPrice,
    ohlc: OHLC,
    netChange: 0,
    changePercent: 0,
    exchangeTimestamp: DAY + seconds * 1000,
  };
}

type Level = typeof LEVEL;

function levels(): [Level, Level, Level, Level, Level] {
  return [LEVEL, LEVEL, LEVEL, LEVEL, LEVEL];
}
