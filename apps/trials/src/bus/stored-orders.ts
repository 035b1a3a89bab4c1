import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** An order in the stream. */
export interface StoredOrder {
  readonly id: string;
  /** When the server stored it, Unix milliseconds. */
  readonly storedAt: number;
}

/** Every order that the server has stored, in order. */
export async function storedOrders(servers: string): Promise<StoredOrder[]> {
  const nats = await connect({ servers });
  try {
    const consumer = await jetstream(nats).consumers.get('ORDERS');
    const orders: StoredOrder[] = [];
    if ((await consumer.info()).num_pending === 0) return orders;
    for await (const message of await consumer.consume()) {
      const { order_id: id } = message.json<{ order_id: string }>();
      orders.push({ id, storedAt: Date.parse(message.timestamp) });
      if (message.info.pending === 0) break;
    }
    return orders;
  } finally {
    await nats.close();
  }
}
