/** One connection, a few instruments, and every tick as it comes. */
import { KiteTicker, Mode } from '@kite/connection';

import { example } from './kit/example.js';
import { rupees } from './kit/format.js';

await example(async ({ connection, tokens, nameOf, onEnd }) => {
  await using ticker = new KiteTicker(connection);
  onEnd(() => ticker.close());

  // You can subscribe before there is a connection. Every reconnect subscribes again.
  await ticker.subscribe(tokens, Mode.Quote);
  await ticker.connect();

  // The loop ends when the ticker is closed.
  for await (const message of ticker.messages()) {
    if (message.type === 'ticks')
      for (const { instrumentToken, lastPrice } of message.ticks)
        console.log(`${nameOf(instrumentToken).padEnd(12)} ${rupees(lastPrice, instrumentToken)}`);
    // A gap cannot be overlooked: it comes where the ticks would have been.
    if (message.type === 'gap')
      console.log(`nothing came for ${message.to - message.from} ms: ${message.reason}`);
  }
});
