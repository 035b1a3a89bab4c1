import type { Tick } from '@kite/protocol';

import type { Instrument } from './instrument.js';
import type { TradingDay } from './trading-day.js';

/** The tick shows no trade: the depth changed, or it is the first and shows an earlier state. */
export const NO_TRADE = -1;
/** The tick is older than the known state. */
export const OLD = -2;

/** A larger step means that the volume went down: the wire counts modulo 2³². */
const HALF = 2 ** 31;

/**
 * What a tick of a day shows about trading: the new volume, {@link NO_TRADE} or {@link OLD}. 0 is a trade of unknown
 * volume. The caller must {@link remember} the tick once the trade has a bar.
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
    // The first of its ticks with a volume.
    remember(state, tick, time, day);
    return NO_TRADE;
  }
  const { volumeTraded } = tick;
  const lastTradeTime = tick.mode === 'full' ? (tick.lastTradeTime ?? 0) : 0;
  if (day.from > state.dayFrom) {
    // The exchange keeps yesterday's figures until it begins the new day.
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
    // The first known last trade time is not a change.
    if (state.lastTradeTime === 0) state.lastTradeTime = lastTradeTime;
    return NO_TRADE;
  }
  if (time >= day.open) return volume;
  // The pre-open trade counts in the day's volume but in no bar.
  remember(state, tick, time, day);
  return NO_TRADE;
}

/** Without a volume, another price means a trade; for an index, so does a later time. */
function pricedIn(state: Instrument, tick: Tick, time: number, day: TradingDay): number {
  const hasTime = tick.mode === 'full';
  if (hasTime && time < state.lastTime) return OLD;
  if (time < day.open) {
    remember(state, tick, time, day);
    return NO_TRADE;
  }
  return tick.lastPrice !== state.price || (hasTime && time > state.lastTime) ? 0 : NO_TRADE;
}

/** Whether this is the first tick after an outage that covered part of the session. */
function wasAway(state: Instrument, day: TradingDay): boolean {
  return state.isAfterGap && state.gapTo > day.open;
}

/** Begins a day that was seen from its start: nothing was traded yet. */
function beginDay(state: Instrument, day: TradingDay): void {
  state.dayFrom = day.from;
  state.volume = 0;
  state.dayHigh = -Infinity;
  state.dayLow = Infinity;
}

/** Makes the tick the known state. */
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
