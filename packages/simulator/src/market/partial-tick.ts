import { nearestName } from '@kite/kit';
import {
  decodeFrame,
  type DepthLevel,
  encodeFrame,
  encodePacket,
  isInstrumentToken,
  KiteInputError,
  type Mode,
  type Ohlc,
  type Tick,
} from '@kite/protocol';

import type { InstrumentMarket } from './instrument-market.js';
import { checkTickSize } from './tick-size.js';

/**
 * Changes to an instrument, under the names of a tick. Omitted fields keep their values. The fields of a `Tick` that
 * follow from others (`segment`, `tradable`, `changePercent`) are accepted and ignored.
 */
export interface PartialTick {
  /** The instrument. */
  instrumentToken: number;
  /** The kind of packet. Default: the smallest with all the given fields. */
  mode?: Mode | undefined;
  /** In rupees, a multiple of the tick size. */
  lastPrice?: number | undefined;
  /** Of the last trade. */
  lastTradedQuantity?: number | undefined;
  /** In rupees. */
  averageTradedPrice?: number | undefined;
  /** Of the day. */
  volumeTraded?: number | undefined;
  /** Over the whole order book. */
  totalBuyQuantity?: number | undefined;
  /** Over the whole order book. */
  totalSellQuantity?: number | undefined;
  /** In rupees; omitted prices stay. */
  ohlc?: Partial<Ohlc> | undefined;
  /** Only for an index, in points. Default: last price less close, as for other instruments. */
  netChange?: number | null | undefined;
  /** Unix milliseconds. */
  lastTradeTime?: number | null | undefined;
  /** Open interest. */
  oi?: number | undefined;
  /** Of the day. */
  oiDayHigh?: number | undefined;
  /** Of the day. */
  oiDayLow?: number | undefined;
  /** Unix milliseconds. */
  exchangeTimestamp?: number | null | undefined;
  /** Up to five levels a side, best first; an omitted side stays, missing levels are empty. */
  depth?: { buy?: readonly DepthLevel[] | undefined; sell?: readonly DepthLevel[] | undefined } | undefined;
}

/** The smallest packet with the field; undefined: any, since it follows from others. */
const NEEDS: Readonly<Record<string, Mode | undefined>> = {
  instrumentToken: undefined,
  mode: undefined,
  segment: undefined,
  tradable: undefined,
  changePercent: undefined,
  lastPrice: 'ltp',
  lastTradedQuantity: 'quote',
  averageTradedPrice: 'quote',
  volumeTraded: 'quote',
  totalBuyQuantity: 'quote',
  totalSellQuantity: 'quote',
  ohlc: 'quote',
  netChange: 'quote',
  lastTradeTime: 'full',
  oi: 'full',
  oiDayHigh: 'full',
  oiDayLow: 'full',
  exchangeTimestamp: 'full',
  depth: 'full',
};
const EMPTY_LEVEL: DepthLevel = { quantity: 0, price: 0, orders: 0 };
const LEVELS = 5;

/**
 * Checks that a value is a tick, whole or partial.
 *
 * @param place what errors call it: `ticks[0]`
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
 */
export function checkPartialTick(place: string, tick: unknown): asserts tick is PartialTick {
  if (typeof tick !== 'object' || tick === null)
    throw refused(place, tick, 'a tick, a part of one with its instrumentToken, or the bytes of a packet');
  const { instrumentToken } = tick as { instrumentToken?: unknown };
  if (!isInstrumentToken(instrumentToken))
    throw refused(`${place}.instrumentToken`, instrumentToken, 'an integer from 1 to 4294967295');
  for (const field of Object.keys(tick)) {
    if (Object.hasOwn(NEEDS, field)) continue;
    const near = nearestName(field, Object.keys(NEEDS));
    throw refused(
      `${place}.${field}`,
      (tick as Record<string, unknown>)[field],
      near === undefined ? 'the fields of a tick' : `the fields of a tick: did you mean ${near}?`,
    );
  }
}

/**
 * The packet body of a tick; omitted fields come from the instrument.
 *
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` for a price off the tick size, `KITE_PROTOCOL_INVALID_TICK` for a
 * field that does not fit the wire
 */
export function packetOf(place: string, given: PartialTick, market: InstrumentMarket): Uint8Array {
  checkTickSize(place, given, market.instrument);
  const now = decodeFrame(encodeFrame([market.body]))[0]!;
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  const tick = { ...now, ...Object.fromEntries(fields), mode: given.mode ?? leastMode(fields) };
  const { ohlc, depth } = given;
  if ('ohlc' in now) Object.assign(tick, { ohlc: { ...now.ohlc, ...ohlc } });
  if ('depth' in now && depth)
    Object.assign(tick, {
      depth: {
        buy: depth.buy ? fiveLevels(depth.buy) : now.depth.buy,
        sell: depth.sell ? fiveLevels(depth.sell) : now.depth.sell,
      },
    });
  return encodePacket(given.netChange === undefined ? withNetChange(tick as Tick) : (tick as Tick));
}

function leastMode(fields: readonly (readonly [name: string, value: unknown])[]): Mode {
  const needed = new Set(fields.map(([name]) => NEEDS[name]));
  return needed.has('full') ? 'full' : needed.has('quote') ? 'quote' : 'ltp';
}

/** Only an index has its change on the wire. */
function withNetChange(tick: Tick): Tick {
  if (tick.mode === 'ltp' || tick.tradable) return tick;
  return { ...tick, netChange: tick.lastPrice - tick.ohlc.close };
}

/** Fills up to five levels; the encoder refuses more. */
function fiveLevels(levels: readonly DepthLevel[]): DepthLevel[] {
  return [...levels, ...Array.from({ length: LEVELS }, () => EMPTY_LEVEL)].slice(
    0,
    Math.max(LEVELS, levels.length),
  );
}

function refused(field: string, value: unknown, allowed: string): KiteInputError {
  return new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', { field, value, allowed });
}
