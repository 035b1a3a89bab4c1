import type { StoredOrder } from './stored-orders.js';
import type { ProgramTold } from './told.js';

/** By then a program follows the orders. */
const FOLLOWS_WITHIN_MS = 5000;
/** After a restart of the server the stream is ready later than the server, and the loss of the consumer is noticed within 5 s. */
export const ORDERS_WITHIN_MS = 20_000;

/**
 * What is wrong with the orders of one life of a program: each order that was stored while it lived must have come, and
 * nothing else. What was stored in its last seconds may have been on its way.
 */
export function judgeBusOrders(
  { orderIds, openedAt, toldAt }: Pick<ProgramTold, 'orderIds' | 'openedAt' | 'toldAt'>,
  stored: readonly StoredOrder[],
): string[] {
  const came = new Set(orderIds);
  const known = new Set(stored.map(({ id }) => id));
  const strange = [...came].filter((id) => !known.has(id));
  const first = stored.findIndex(({ id }) => came.has(id));
  const lost = stored.filter(({ id, storedAt }, index) => {
    const isFollowed =
      first >= 0 ? index > first : storedAt > openedAt + FOLLOWS_WITHIN_MS + ORDERS_WITHIN_MS;
    return isFollowed && storedAt < toldAt - ORDERS_WITHIN_MS && !came.has(id);
  });
  return [
    ...strange.map((id) => `the order ${id} came, and is not stored`),
    ...lost.map(({ id }) => `the order ${id} is stored, and did not come`),
  ];
}
