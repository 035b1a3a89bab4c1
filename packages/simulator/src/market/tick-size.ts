import { isTradable, KiteInputError, priceDivisor } from '@kite/protocol';

import type { Instrument } from './instrument.js';

/** What of a tick an order can have been at. */
interface Priced {
  readonly lastPrice?: number | undefined;
  readonly ohlc?: Readonly<Record<string, number | undefined>> | undefined;
  readonly depth?:
    Readonly<Partial<Record<'buy' | 'sell', readonly { readonly price: number }[] | undefined>>> | undefined;
}

/** A price that is off by less than this part of the wire's unit is on it: rupees are binary fractions. */
const ROUNDING = 1e-4;

/**
 * Refuses prices that no order could have: an exchange takes multiples of the tick size alone. Averages are computed, and so
 * are the prices of an index.
 *
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
 */
export function checkTickSize(place: string, tick: Priced, instrument: Instrument): void {
  const check = (field: string, price: number | undefined) => {
    if (price !== undefined) checkPrice(`${place}.${field}`, price, instrument);
  };
  check('lastPrice', tick.lastPrice);
  for (const [name, price] of Object.entries(tick.ohlc ?? {})) check(`ohlc.${name}`, price);
  for (const side of ['buy', 'sell'] as const)
    tick.depth?.[side]?.forEach(({ price }, level) => check(`depth.${side}[${level}].price`, price));
}

/** @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
export function checkPrice(field: string, price: number, instrument: Instrument): void {
  // What is no number, or no price that the wire can hold, is for the encoder to refuse.
  if (!Number.isFinite(price) || !isTradable(instrument.segment)) return;
  const { tickSize, tradingsymbol, instrumentToken } = instrument;
  const divisor = priceDivisor(instrumentToken);
  const wire = Math.round(price * divisor);
  const tick = Math.max(1, Math.round(tickSize * divisor));
  if (Math.abs(price * divisor - wire) < ROUNDING && wire % tick === 0) return;
  throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', {
    field,
    value: price,
    allowed: `a multiple of ${tickSize}, the tick size of ${tradingsymbol}`,
  });
}
