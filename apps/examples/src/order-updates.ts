/** Order postbacks: they come on every connection of the account, and are delivered once. */
import { KiteTickerManager, type OrderUpdate } from '@kite/manager';

import { example } from './kit/example.js';
import { rupees } from './kit/format.js';

const ORDER: Partial<OrderUpdate> = {
  order_id: '261120000000001',
  tradingsymbol: 'INFY',
  instrument_token: 408065,
  transaction_type: 'BUY',
  quantity: 100,
};

/** Kite's messages for an order filled in two parts. */
const FILLED_IN_TWO: readonly Partial<OrderUpdate>[] = [
  { ...ORDER, status: 'OPEN', filled_quantity: 0, pending_quantity: 100, average_price: 0 },
  { ...ORDER, status: 'UPDATE', filled_quantity: 40, pending_quantity: 60, average_price: 1573.15 },
  { ...ORDER, status: 'COMPLETE', filled_quantity: 100, pending_quantity: 0, average_price: 1573.4 },
];

await example(async ({ connection, instruments, tokens, onEnd, sleep, simulator }) => {
  await using manager = new KiteTickerManager({ ...connection, instruments });
  onEnd(() => manager.stop());
  await manager.subscribeSymbols(tokens);
  await manager.start();

  const orders = readOrders(manager);
  // On a real feed, place an order anywhere: in the app, over the REST API. Here one is filled in two parts.
  for (const update of FILLED_IN_TWO) {
    simulator?.postOrder(connection.apiKey, update);
    if (simulator) await sleep(150);
  }
  await orders;
});

async function readOrders(manager: KiteTickerManager): Promise<void> {
  // Orders and ticks together. If this loop is slow, orders outlive ticks: no policy drops one for a tick.
  for await (const message of manager.getUnifiedChannel()) {
    if (message.type !== 'order') continue;
    const { order, channelId } = message;
    console.log(`${order.status.padEnd(8)} ${describe(order)}, first seen on connection ${channelId + 1}`);
  }
}

/** Uses the names of Kite's REST API; most fields may be null. */
function describe({
  transaction_type,
  filled_quantity,
  quantity,
  tradingsymbol,
  average_price,
  instrument_token,
}: OrderUpdate): string {
  const filled = `${transaction_type} ${filled_quantity ?? 0}/${quantity} ${tradingsymbol}`;
  // Kite's average price is 0 until something is filled.
  return average_price ? `${filled} at ${rupees(average_price, instrument_token ?? 0)}` : filled;
}
