/** Undecoded frames of all three connections, for a relay or a recorder, and full packets as views. */
import {
  asTickRaw,
  type Channel,
  ChannelId,
  KiteTickerManager,
  Mode,
  packets,
  type RawFrame,
} from '@kite/manager';

import { example } from './kit/example.js';
import { price } from './kit/format.js';

await example(
  async ({ connection: { apiKey, accessToken, ...config }, tokens, nameOf, onEnd }) => {
    await using manager = KiteTickerManager.builder(apiKey, accessToken).config(config).rawOnly(true).build();
    onEnd(() => manager.stop());
    await manager.start();
    await manager.subscribeSymbols(tokens, Mode.Full);

    const channels = manager.getAllRawFrameChannels();
    const reading = channels.map(([channelId, frames]) => readFrames(channelId, frames));

    // Only the full packets of one connection, as views, each with the drops before it.
    const fullOnly = manager.getFullRawSubscriber(ChannelId.Connection2);
    for await (const { header, depth, dropped } of fullOnly ?? []) {
      const [best] = depth.buy;
      console.log(
        `${nameOf(header.instrumentToken)}: best bid ${price(best.price, header.instrumentToken)} of ${best.orders} orders, ${dropped} dropped`,
      );
    }
    await Promise.all(reading);
  },
  { instruments: 12 },
);

async function readFrames(channelId: ChannelId, frames: Channel<RawFrame>): Promise<void> {
  let seen = 0;
  for await (const { bytes, dropped, gap } of frames) {
    if (gap) console.log(`connection ${channelId + 1}: ${gap.reason}`);
    if (dropped > 0) console.log(`connection ${channelId + 1}: ${dropped} frames dropped by this loop`);
    let full = 0;
    // A heartbeat has one byte, and no packets.
    for (const body of packets(bytes)) if (asTickRaw(body)) full++;
    if (seen++ < 3) console.log(`connection ${channelId + 1}: ${bytes.length} bytes, ${full} full packets`);
  }
}
