import type { Tick } from '@kite/protocol';

import type { Instrument } from './instrument.js';
import type { TradingDay } from './trading-day.js';

/** The tick tells of no trade: depth changed, or it is the first and shows what was before. */
export const NO_TRADE = -1;
/** The tick is older than what is known. */
export const OLD = -2;

/** More than this is no trade but a volume that went down: the wire counts modulo 2³². */
const HALF = 2 ** 31;

/**
 * What a tick of a day tells about trading: the volume that is new, {@link NO_TRADE} or {@link OLD}. 0 is a trade whose volume is
 * not told. What it leaves to the caller is to {@link remember} the tick once the trade has a bar.
 */
export function tradedIn(state: Instrument, tick: Tick, time: number, day: TradingDay): number {
  if (state.isNew) {
    remember(state, tick, time, day);
    state.completeFrom = time + 1;
    return NO_TRADE;
  }
  if (day.from < state.dayFrom) return OLD;
  if (tick.mode === 'ltp' || !tick.tradable) return pricedIn(state, tick, time, day);

  if (!state.hasVolume) {
    // Until now its ticks had no volume: this is the first that does.
    remember(state, tick, time, day);
    return NO_TRADE;
  }
  const { volumeTraded } = tick;
  const lastTradeTime = tick.mode === 'full' ? (tick.lastTradeTime ?? 0) : 0;
  if (day.from > state.dayFrom) {
    // The figures of the day before stay until the exchange begins the new one.
    if (volumeTraded === state.volume && lastTradeTime <= state.lastTradeTime) return NO_TRADE;
    if (time < day.open || wasAway(state, day)) {
      if (time >= day.open) state.completeFrom = time + 1;
      remember(state, tick, time, day);
      return NO_TRADE;
    }
    beginDay(state, day);
    return volumeTraded > 0 ? volumeTraded : NO_TRADE;
  }
  const volume = (volumeTraded - state.volume) >>> 0;
  if (volume >= HALF) return OLD;
  if (volume === 0 && (state.lastTradeTime === 0 || lastTradeTime <= state.lastTradeTime)) {
    // The first last trade time that is told is no change of it.
    if (state.lastTradeTime === 0) state.lastTradeTime = lastTradeTime;
    return NO_TRADE;
  }
  if (time >= day.open) return volume;
  // The trade of the pre-open phase counts in the day's volume, and in no bar.
  remember(state, tick, time, day);
  return NO_TRADE;
}

/** Where no volume tells of trades, another price does; of an index, a later time as well. */
function pricedIn(state: Instrument, tick: Tick, time: number, day: TradingDay): number {
  const hasTime = tick.mode === 'full';
  if (hasTime && time < state.lastTime) return OLD;
  if (time < day.open) {
    remember(state, tick, time, day);
    return NO_TRADE;
  }
  return tick.lastPrice !== state.price || (hasTime && time > state.lastTime) ? 0 : NO_TRADE;
}

/** Whether part of a day's session went by in an outage, and this is the first tick after it. */
function wasAway(state: Instrument, day: TradingDay): boolean {
  return state.isAfterGap && state.gapTo > day.open;
}

/** Nothing was traded before the first trade of a day whose beginning was seen. */
function beginDay(state: Instrument, day: TradingDay): void {
  state.dayFrom = day.from;
  state.volume = 0;
  state.dayHigh = -Infinity;
  state.dayLow = Infinity;
}

/** The tick is now what is known. */
export function remember(state: Instrument, tick: Tick, time: number, day: TradingDay): void {
  state.isNew = false;
  if (day.from > state.dayFrom) state.dayFrom = day.from;
  state.price = tick.lastPrice;
  if (time > state.lastTime) state.lastTime = time;
  if (tick.mode === 'ltp') return;
  state.dayHigh = tick.ohlc.high;
  state.dayLow = tick.ohlc.low;
  if (!tick.tradable) return;
  state.hasVolume = true;
  state.volume = tick.volumeTraded;
  if (tick.mode === 'full' && tick.lastTradeTime !== null) state.lastTradeTime = tick.lastTradeTime;
}
