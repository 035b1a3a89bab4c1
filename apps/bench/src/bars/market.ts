import type { FullTick } from '@kite/protocol';

import { tokenOf } from '../frames/frames.js';

/** A market with instruments that trade in turn. It reuses one tick object for each, so that only bars are measured. */
export interface Market {
  /** When its day opens: 09:15 in India, Unix milliseconds. */
  readonly open: number;
  /** The next ticks, all at this time. The objects are reused. */
  ticks(count: number, at: number): readonly FullTick[];
}

/** Five of seven ticks are trades, the others depth changes. */
export function marketOf(instruments: number): Market {
  const all = Array.from({ length: instruments }, (_, n) => fullTick(tokenOf(n)));
  const open = Date.parse('2026-07-14T09:15:00+05:30');
  let next = 0;
  return {
    open,
    ticks: (count, at) =>
      Array.from({ length: count }, () => {
        const tick = all[next % instruments]!;
        if (next % 7 > 1) {
          tick.volumeTraded += 1 + (next % 100);
          tick.lastPrice = 100 + ((next * 7919) % 2000) / 20;
          if (tick.lastPrice > tick.ohlc.high) tick.ohlc.high = tick.lastPrice;
        }
        // Times on the wire are whole seconds.
        tick.exchangeTimestamp = Math.floor(at / 1000) * 1000;
        next++;
        return tick;
      }),
  };
}

function fullTick(instrumentToken: number): FullTick {
  const level = { quantity: 1, price: 100, orders: 1 };
  const side = [level, level, level, level, level] as FullTick['depth']['buy'];
  return {
    mode: 'full',
    tradable: true,
    instrumentToken,
    segment: 1,
    lastPrice: 100,
    lastTradedQuantity: 1,
    averageTradedPrice: 100,
    volumeTraded: 1000,
    totalBuyQuantity: 1,
    totalSellQuantity: 1,
    ohlc: { open: 100, high: 100, low: 100, close: 100 },
    netChange: 0,
    changePercent: 0,
    lastTradeTime: null,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: 0,
    depth: { buy: side, sell: side },
  };
}
