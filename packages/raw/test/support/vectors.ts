import {
  type DepthLevel,
  encodeFrame,
  encodePacket,
  type FullTick,
  type QuoteTick,
  type Tick,
} from '@kite/protocol';

const level = (quantity: number, price: number, orders: number): DepthLevel => ({ quantity, price, orders });

/** A full packet of an NSE share, as the exchange sent it. */
export const NSE_FULL: FullTick = {
  mode: 'full',
  instrumentToken: 408065,
  segment: 1,
  tradable: true,
  lastPrice: 1573.7,
  lastTradedQuantity: 7,
  averageTradedPrice: 1570.37,
  volumeTraded: 1192471,
  totalBuyQuantity: 256443,
  totalSellQuantity: 363009,
  ohlc: { open: 1569.15, high: 1575, low: 1561.05, close: 1567.8 },
  netChange: 5.9,
  changePercent: 0.3763235106518747,
  lastTradeTime: 1625461887000,
  oi: 0,
  oiDayHigh: 0,
  oiDayLow: 0,
  exchangeTimestamp: 1625461887000,
  depth: {
    buy: [
      level(5, 1573.4, 1),
      level(140, 1573, 2),
      level(2, 1572.95, 1),
      level(219, 1572.9, 7),
      level(50, 1572.85, 1),
    ],
    sell: [
      level(172, 1573.7, 3),
      level(44, 1573.75, 3),
      level(302, 1573.85, 3),
      level(141, 1573.9, 2),
      level(724, 1573.95, 5),
    ],
  },
};

export const NSE_FULL_BODY = encodePacket(NSE_FULL);

/** NIFTY 50 in full mode. */
export const NIFTY_BODY = Uint8Array.from(
  Buffer.from('0003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22', 'hex'),
);

/** A quote packet of the same share, a little earlier. */
const NSE_QUOTE: QuoteTick = {
  mode: 'quote',
  instrumentToken: 408065,
  segment: 1,
  tradable: true,
  lastPrice: 1573.15,
  lastTradedQuantity: 1,
  averageTradedPrice: 1570.33,
  volumeTraded: 1175986,
  totalBuyQuantity: 256511,
  totalSellQuantity: 360503,
  ohlc: { open: 1569.15, high: 1575, low: 1561.05, close: 1567.8 },
  netChange: 5.35,
  changePercent: 0.3412425054216186,
};

/** One of each kind. */
export const TICKS: Tick[] = [
  { mode: 'ltp', instrumentToken: 408065, segment: 1, tradable: true, lastPrice: 1573.15 },
  {
    mode: 'quote',
    instrumentToken: 256265,
    segment: 9,
    tradable: false,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: ((20917.05 - 20937.7) * 100) / 20937.7,
  },
  {
    mode: 'full',
    instrumentToken: 256265,
    segment: 9,
    tradable: false,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: ((20917.05 - 20937.7) * 100) / 20937.7,
    exchangeTimestamp: 1701928226000,
  },
  NSE_QUOTE,
  NSE_FULL,
];

export const FRAME = encodeFrame(TICKS);
