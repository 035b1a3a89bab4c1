import { frameOf, fromHex, fullBody, type LevelWire, ltpBody, quoteBody } from './wire.js';

// Packets as the exchange sent them, and what two official clients agree that they say. The ticks have no type of their own:
// that of the package under test has to accept them.

interface Level {
  quantity: number;
  price: number;
  orders: number;
}

type FiveLevels = [Level, Level, Level, Level, Level];

const EMPTY: LevelWire = [0, 0, 0];
const NO_LEVELS: readonly LevelWire[] = [EMPTY, EMPTY, EMPTY, EMPTY, EMPTY];
const level = (quantity: number, price: number, orders: number): Level => ({ quantity, price, orders });
const emptyLevel = (): Level => level(0, 0, 0);

/** A quote packet of an NSE share. */
export const NSE_QUOTE = {
  name: 'an NSE quote',
  body: quoteBody({
    token: 408065,
    last: 157315,
    lastQuantity: 1,
    average: 157033,
    volume: 1175986,
    buy: 256511,
    sell: 360503,
    open: 156915,
    high: 157500,
    low: 156105,
    close: 156780,
  }),
  tick: {
    mode: 'quote' as const,
    instrumentToken: 408065,
    segment: 1,
    tradable: true as const,
    lastPrice: 1573.15,
    lastTradedQuantity: 1,
    averageTradedPrice: 1570.33,
    volumeTraded: 1175986,
    totalBuyQuantity: 256511,
    totalSellQuantity: 360503,
    ohlc: { open: 1569.15, high: 1575, low: 1561.05, close: 1567.8 },
    netChange: 5.35,
    changePercent: 0.3412425054216186,
  },
};

/** A full packet of an NSE share. */
export const NSE_FULL = {
  name: 'an NSE full packet',
  body: fullBody({
    token: 408065,
    last: 157370,
    lastQuantity: 7,
    average: 157037,
    volume: 1192471,
    buy: 256443,
    sell: 363009,
    open: 156915,
    high: 157500,
    low: 156105,
    close: 156780,
    lastTradeTime: 1625461887,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTime: 1625461887,
    bids: [
      [5, 157340, 1],
      [140, 157300, 2],
      [2, 157295, 1],
      [219, 157290, 7],
      [50, 157285, 1],
    ],
    offers: [
      [172, 157370, 3],
      [44, 157375, 3],
      [302, 157385, 3],
      [141, 157390, 2],
      [724, 157395, 5],
    ],
  }),
  tick: {
    mode: 'full' as const,
    instrumentToken: 408065,
    segment: 1,
    tradable: true as const,
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
      ] as FiveLevels,
      sell: [
        level(172, 1573.7, 3),
        level(44, 1573.75, 3),
        level(302, 1573.85, 3),
        level(141, 1573.9, 2),
        level(724, 1573.95, 5),
      ] as FiveLevels,
    },
  },
};

const UPPER_CIRCUIT = {
  name: 'a full packet at a circuit limit, with one bid and no offers',
  body: fullBody({
    token: 884737,
    last: 39295,
    lastQuantity: 2,
    average: 40307,
    volume: 22261032,
    buy: 5617,
    sell: 0,
    open: 42000,
    high: 42090,
    low: 39010,
    close: 41410,
    lastTradeTime: 1655375264,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTime: 1655378328,
    bids: [[5617, 39295, 30], EMPTY, EMPTY, EMPTY, EMPTY],
    offers: NO_LEVELS,
  }),
  tick: {
    mode: 'full' as const,
    instrumentToken: 884737,
    segment: 1,
    tradable: true as const,
    lastPrice: 392.95,
    lastTradedQuantity: 2,
    averageTradedPrice: 403.07,
    volumeTraded: 22261032,
    totalBuyQuantity: 5617,
    totalSellQuantity: 0,
    ohlc: { open: 420, high: 420.9, low: 390.1, close: 414.1 },
    netChange: -21.15,
    changePercent: -5.107461965708774,
    lastTradeTime: 1655375264000,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: 1655378328000,
    depth: {
      buy: [level(5617, 392.95, 30), emptyLevel(), emptyLevel(), emptyLevel(), emptyLevel()] as FiveLevels,
      sell: [emptyLevel(), emptyLevel(), emptyLevel(), emptyLevel(), emptyLevel()] as FiveLevels,
    },
  },
};

/** A packet that travelled: the bytes themselves, not built here. */
const niftyBytes = fromHex('0003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22');

/** An index in full mode. */
export const NIFTY_FULL = {
  name: 'NIFTY 50, an index in full mode',
  body: niftyBytes,
  tick: {
    mode: 'full' as const,
    instrumentToken: 256265,
    segment: 9,
    tradable: false as const,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: ((20917.05 - 20937.7) * 100) / 20937.7,
    exchangeTimestamp: 1701928226000,
  },
};

const NIFTY_QUOTE = {
  name: 'NIFTY 50, an index in quote mode',
  body: niftyBytes.slice(0, 28),
  tick: {
    mode: 'quote' as const,
    instrumentToken: 256265,
    segment: 9,
    tradable: false as const,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: ((20917.05 - 20937.7) * 100) / 20937.7,
  },
};

const ltp = (name: string, token: number, raw: number, segment: number, lastPrice: number) => ({
  name,
  body: ltpBody({ token, last: raw }),
  tick: { mode: 'ltp' as const, instrumentToken: token, segment, tradable: segment !== 9, lastPrice },
});

const NSE_LTP = ltp('an NSE last price', 408065, 157315, 1, 1573.15);

export const VECTORS = [
  NSE_QUOTE,
  NSE_FULL,
  UPPER_CIRCUIT,
  NIFTY_FULL,
  NIFTY_QUOTE,
  NSE_LTP,
  ltp("an index's last price", 256265, 2091705, 9, 20917.05),
  ltp('an NCO last price of 378.2', 31132428, 3782000, 12, 378.2),
  ltp('an NCO last price of 8494', 33539084, 84940000, 12, 8494),
  ltp('an NCO last price of 26850', 31503116, 268500000, 12, 26850),
];

/** All of them in one frame. */
export const VECTOR_FRAME = frameOf(...VECTORS.map(({ body }) => body));

/** What that frame says. */
export const VECTOR_TICKS = VECTORS.map(({ tick }) => tick);

const EACH_KIND = [NSE_LTP, NIFTY_QUOTE, NIFTY_FULL, NSE_QUOTE, NSE_FULL];

/** A frame with one packet of each kind: ltp, index quote, index full, quote, full. */
export const FRAME_OF_EACH_KIND = frameOf(...EACH_KIND.map(({ body }) => body));

/** What that frame says. */
export const TICKS_OF_EACH_KIND = EACH_KIND.map(({ tick }) => tick);
