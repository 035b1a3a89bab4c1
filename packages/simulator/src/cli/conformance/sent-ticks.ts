import type { FullTick, IndexFullTick, IndexQuoteTick, LtpTick, Mode, QuoteTick } from '@kite/protocol';

/** The client's subscriptions: an instrument for each kind of packet and each divisor. */
export const PLAN: ReadonlyMap<number, Mode> = new Map<number, Mode>([
  [408065, 'full'],
  [738561, 'quote'],
  [884737, 'ltp'],
  [256265, 'full'],
  [260105, 'quote'],
  [1000 * 256 + 3, 'quote'],
  [1000 * 256 + 6, 'quote'],
  [1000 * 256 + 7, 'quote'],
  [31132428, 'quote'],
  [0x8000_0000 + 1000 * 256 + 1, 'ltp'],
]);

const SECOND = 1_700_000_000_000;

export function ltp(instrumentToken: number, lastPrice: number): LtpTick {
  return { mode: 'ltp', instrumentToken, segment: instrumentToken & 0xff, tradable: true, lastPrice };
}

export function quote(instrumentToken: number, lastPrice: number, close: number): QuoteTick {
  return {
    ...ltp(instrumentToken, lastPrice),
    mode: 'quote',
    tradable: true,
    lastTradedQuantity: 7,
    averageTradedPrice: lastPrice,
    volumeTraded: 1_192_471,
    totalBuyQuantity: 256_443,
    totalSellQuantity: 363_009,
    ohlc: { open: close, high: Math.max(lastPrice, close), low: Math.min(lastPrice, close), close },
    netChange: null,
    changePercent: null,
  };
}

export function full(instrumentToken: number, lastPrice: number, close: number): FullTick {
  const level = (distance: number) => ({
    quantity: 100 + Math.abs(distance),
    price: (Math.round(lastPrice * 100) + distance * 5) / 100,
    orders: 1 + Math.abs(distance),
  });
  return {
    ...quote(instrumentToken, lastPrice, close),
    mode: 'full',
    lastTradeTime: SECOND,
    oi: 30,
    oiDayHigh: 40,
    oiDayLow: 20,
    exchangeTimestamp: SECOND + 1000,
    depth: {
      buy: [level(-1), level(-2), level(-3), level(-4), level(-5)],
      sell: [level(1), level(2), level(3), level(4), level(5)],
    },
  };
}

export function indexQuote(instrumentToken: number): IndexQuoteTick {
  return {
    mode: 'quote',
    instrumentToken,
    segment: 9,
    tradable: false,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: null,
  };
}

export function indexFull(instrumentToken: number): IndexFullTick {
  return { ...indexQuote(instrumentToken), mode: 'full', exchangeTimestamp: SECOND };
}
