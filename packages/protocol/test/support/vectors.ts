import type { DepthLevel, Tick } from '@kite/protocol';

import type { DepthLevels } from '../../src/tick.js';
import { frameOf, fromHex, fullBody, type LevelWire, ltpBody, quoteBody } from './wire.js';

/** A packet as the exchange sent it, and what two official clients agree that it says. */
export interface Vector {
  name: string;
  body: Uint8Array<ArrayBuffer>;
  tick: Tick;
}

const EMPTY: LevelWire = [0, 0, 0];
const NO_LEVELS: readonly LevelWire[] = [EMPTY, EMPTY, EMPTY, EMPTY, EMPTY];
const emptyLevel = (): DepthLevel => ({ quantity: 0, price: 0, orders: 0 });
const emptyLevels = (): DepthLevels => [emptyLevel(), emptyLevel(), emptyLevel(), emptyLevel(), emptyLevel()];

const nseQuote: Vector = {
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
  },
};

const nseFull: Vector = {
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
        { quantity: 5, price: 1573.4, orders: 1 },
        { quantity: 140, price: 1573, orders: 2 },
        { quantity: 2, price: 1572.95, orders: 1 },
        { quantity: 219, price: 1572.9, orders: 7 },
        { quantity: 50, price: 1572.85, orders: 1 },
      ],
      sell: [
        { quantity: 172, price: 1573.7, orders: 3 },
        { quantity: 44, price: 1573.75, orders: 3 },
        { quantity: 302, price: 1573.85, orders: 3 },
        { quantity: 141, price: 1573.9, orders: 2 },
        { quantity: 724, price: 1573.95, orders: 5 },
      ],
    },
  },
};

const upperCircuit: Vector = {
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
    mode: 'full',
    instrumentToken: 884737,
    segment: 1,
    tradable: true,
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
      buy: [
        { quantity: 5617, price: 392.95, orders: 30 },
        emptyLevel(),
        emptyLevel(),
        emptyLevel(),
        emptyLevel(),
      ],
      sell: emptyLevels(),
    },
  },
};

/** A packet that travelled: the bytes themselves, not built here. */
const niftyBytes = fromHex('0003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22');

const niftyFull: Vector = {
  name: 'NIFTY 50, an index in full mode',
  body: niftyBytes,
  tick: {
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
};

const niftyQuote: Vector = {
  name: 'NIFTY 50, an index in quote mode',
  body: niftyBytes.slice(0, 28),
  tick: {
    mode: 'quote',
    instrumentToken: 256265,
    segment: 9,
    tradable: false,
    lastPrice: 20917.05,
    ohlc: { open: 20932.4, high: 20941.25, low: 20850.8, close: 20937.7 },
    netChange: -20.65,
    changePercent: ((20917.05 - 20937.7) * 100) / 20937.7,
  },
};

const ltp = (name: string, token: number, raw: number, segment: number, lastPrice: number): Vector => ({
  name,
  body: ltpBody({ token, last: raw }),
  tick: { mode: 'ltp', instrumentToken: token, segment, tradable: segment !== 9, lastPrice },
});

export const VECTORS: readonly Vector[] = [
  nseQuote,
  nseFull,
  upperCircuit,
  niftyFull,
  niftyQuote,
  ltp('an NSE last price', 408065, 157315, 1, 1573.15),
  ltp("an index's last price", 256265, 2091705, 9, 20917.05),
  ltp('an NCO last price of 378.2', 31132428, 3782000, 12, 378.2),
  ltp('an NCO last price of 8494', 33539084, 84940000, 12, 8494),
  ltp('an NCO last price of 26850', 31503116, 268500000, 12, 26850),
];

/** All of them in one frame. */
export const VECTOR_FRAME = frameOf(...VECTORS.map(({ body }) => body));
export const VECTOR_TICKS = VECTORS.map(({ tick }) => tick);
