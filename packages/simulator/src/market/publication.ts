import { tokenOf } from '../packets.js';
import type { Market } from './market.js';
import { checkPartialTick, packetOf, type PartialTick } from './partial-tick.js';

/**
 * Makes ticks, whole or partial, and packet bodies the state of their instruments. All or nothing: if one tick is
 * wrong, none is taken.
 *
 * @returns how many were taken: those of a kind that fits a traded instrument
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`, `KITE_PROTOCOL_INVALID_TICK`
 */
export function publishTicks(market: Market, ticks: Iterable<PartialTick | Uint8Array>): number {
  const given = [...ticks];
  for (const [index, tick] of given.entries()) {
    if (!(tick instanceof Uint8Array)) checkPartialTick(`ticks[${index}]`, tick);
    bodyOf(market, index, tick);
  }
  let published = 0;
  for (const [index, tick] of given.entries()) {
    // Again: what this tick omits may come from an earlier one.
    const body = bodyOf(market, index, tick);
    if (body && market.publish(tokenOf(body), body)) published++;
  }
  return published;
}

/** The packet body of a tick; undefined if no instrument has its token. */
function bodyOf(market: Market, index: number, tick: PartialTick | Uint8Array): Uint8Array | undefined {
  if (tick instanceof Uint8Array) return tick.length >= 4 ? tick : undefined;
  const instrument = market.get(tick.instrumentToken);
  return instrument && packetOf(`ticks[${index}]`, tick, instrument);
}
