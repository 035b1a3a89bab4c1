import type { WireLog } from '../run/wire-log.js';
import type { Failure } from './failure.js';
import type { StreamRecord } from './stream-record.js';

/** Judges the orders of one consumer: each that reached a socket of the client while it was there comes once. */
export function judgeOrders(stream: StreamRecord, wire: WireLog): Failure[] {
  const failures: Failure[] = [];
  const delivered = new Map<string, number>();
  for (const { at, item } of stream.items) {
    if (item.type !== 'order') continue;
    const id = `${item.from.account}: ${item.order.order_id}`;
    delivered.set(id, (delivered.get(id) ?? 0) + 1);
    if (delivered.get(id)! > 1)
      failures.push({ rule: 'order-repeated', at, consumer: stream.consumer, text: id });
  }
  const ids = new Set([...delivered.keys()].map((id) => id.split(': ')[1]!));
  const reached = new Map<string, number>();
  for (const { text, at } of wire.orders) {
    const { order_id: id } = (JSON.parse(text) as { data: { order_id: string } }).data;
    if (!reached.has(id)) reached.set(id, at);
  }
  const end = stream.to ?? Infinity;
  for (const [id, at] of reached)
    if (at > stream.from && end === Infinity && !ids.has(id))
      failures.push({ rule: 'order-lost', at, consumer: stream.consumer, text: `order ${id}` });
  return failures;
}
