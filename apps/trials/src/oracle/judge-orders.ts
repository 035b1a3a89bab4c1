import { parseTextMessage } from '@kite/protocol';

import type { OrderArrival, WireLog } from '../run/wire-log.js';
import type { Failure, Rule } from './failure.js';
import type { Reference } from './reference.js';
import { fedUntil, type StreamRecord, wasUnheard } from './stream-record.js';

/** Tolerance for a wall-clock time that was computed, not seen. */
const ROUNDING_MS = 1.5;

/** When the consumer that reads everything had this order; undefined: it never had, or there is no such consumer. */
export type OrderTimes = (id: string) => number | undefined;

/** When these records say that they had an order. */
export function orderTimesOf(records: readonly StreamRecord[]): OrderTimes {
  const times = new Map<string, number>();
  for (const { items } of records)
    for (const { at, item } of items) if (item.type === 'order') times.set(item.order.order_id, at);
  return (id) => times.get(id);
}

/**
 * Judges the orders of one consumer: each order that reached a socket of the client while the consumer was there comes
 * once, as sent, however slow the consumer is. A queue full of items other than ticks may lose one. So may a crashed
 * thread, with a gap.
 */
export function judgeOrders(
  record: StreamRecord,
  wire: WireLog,
  reference: Reference | undefined,
  handed: OrderTimes = reference ? (id) => reference.ofOrder(id)?.at : () => undefined,
): Failure[] {
  const failures: Failure[] = [];
  const fail = (rule: Rule, at: number, text: string): void =>
    void failures.push({ rule, at, consumer: record.consumer, text });
  const arrived = firstArrivals(wire);
  const delivered = new Set<string>();
  for (const { at, item } of record.items) {
    if (item.type !== 'order') continue;
    const id = item.order.order_id;
    if (delivered.has(id)) fail('order-repeated', at, `order ${id}`);
    delivered.add(id);
    const text = arrived.get(id)?.text;
    if (text === undefined) fail('invented', at, `order ${id} never came`);
    else if (!isSame(text, item.order)) fail('invented', at, `order ${id} is not as it was sent`);
  }
  if (record.endedBy === 'consumer' || record.endedBy === 'overflow') return failures;
  for (const [id, arrival] of arrived) {
    if (delivered.has(id) || arrival.at <= record.from || arrival.at >= fedUntil(record)) continue;
    if (wasUnheard(record, handed(id))) continue;
    if (isInGap(record, arrival) || wasCrowdedOut(record, arrival, id, wire, reference)) continue;
    fail('order-lost', arrival.at, `order ${id} came at ${arrival.at}`);
  }
  return failures;
}

/** Each order's first arrival at a socket that the client still had. */
function firstArrivals(wire: WireLog): Map<string, OrderArrival> {
  const arrived = new Map<string, OrderArrival>();
  for (const arrival of wire.orders) {
    const message = parseTextMessage(arrival.text);
    if (!arrival.isOwed || message.type !== 'order') continue;
    if (!arrived.has(message.order.order_id)) arrived.set(message.order.order_id, arrival);
  }
  return arrived;
}

function isSame(text: string, order: object): boolean {
  return JSON.stringify((JSON.parse(text) as { data: object }).data) === JSON.stringify(order);
}

function isInGap(record: StreamRecord, { wall }: OrderArrival): boolean {
  return record.items.some(({ item }) => item.type === 'gap' && item.gap.from < wall && wall < item.gap.to);
}

/** Whether items other than ticks filled the queue after the order, before anything newer was taken. */
function wasCrowdedOut(
  record: StreamRecord,
  arrival: OrderArrival,
  id: string,
  { wall }: WireLog,
  reference?: Reference,
): boolean {
  const came = reference?.ofOrder(id);
  const { capacity } = record.plan;
  if (capacity === undefined) return false;
  // Without the consumer that reads everything, arrivals are unknown.
  if (!reference) return true;
  if (!came) return false;
  // The clock may have been set back since the item came.
  const newer = record.items.find(({ at, item }) => {
    if (at < came.at || !('receivedAt' in item)) return false;
    // A clock that was set back showed this time twice: count only what is certainly newer.
    const receivedAt = wall.firstAt(item.receivedAt, at);
    return receivedAt > arrival.at + ROUNDING_MS && receivedAt < Infinity;
  });
  const until = reference.upTo(newer?.at ?? Infinity);
  return until - came.number - reference.ticks(came.number, until) > capacity;
}
