import { isTradable, KiteInputError, priceDivisor } from '@kite/protocol';

import type { Instrument } from './instrument.js';

/** The prices of a tick that an order can have. */
interface Priced {
  readonly lastPrice?: number | undefined;
  readonly ohlc?: Readonly<Record<string, number | undefined>> | undefined;
  readonly depth?:
    Readonly<Partial<Record<'buy' | 'sell', readonly { readonly price: number }[] | undefined>>> | undefined;
}

/** A price within this part of the wire's unit is on the tick size: rupees are binary fractions. */
const ROUNDING = 1e-4;

/**
 * Refuses prices that no order could have: an exchange takes only multiples of the tick size. Averages and the prices
 * of an index are computed, so they are exempt.
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
  // The encoder refuses what is no number or does not fit the wire.
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
