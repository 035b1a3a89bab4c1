/** One account's three connections as one feed: a loop for each, and their state every second. */
import { type Channel, KiteTickerManager, presets, type TickerMessage } from '@kite/manager';

import { example } from './kit/example.js';
import { count as counted } from './kit/format.js';

await example(
  async ({ connection, instruments, tokens, onEnd, sleep, signal }) => {
    // A preset is a plain object: spread it, and change any option.
    await using manager = new KiteTickerManager({ ...connection, instruments, ...presets.production });
    onEnd(() => manager.stop());
    manager.on('health', ({ status, reasons }) => console.log([`health: ${status}`, ...reasons].join('; ')));

    // A channel for each connection, read side by side. A slow one does not affect the others. Opened before the start,
    // each has every tick from the first on.
    const ticks = [0, 0, 0];
    for (const [channelId, channel] of manager.getAllChannels())
      void count(channel, (more) => (ticks[channelId]! += more));

    await manager.subscribeSymbols(tokens);
    await manager.start();
    for (const [channelId, held] of Object.entries(manager.getSymbolDistribution()))
      console.log(`connection ${Number(channelId) + 1} has ${held.length} instruments`);

    while (!signal.aborted) {
      await sleep(1000);
      const { connectionStats, totalErrors } = manager.getStats();
      for (const { connectionId, state, messagesPerSecond, averageLatencyMs } of connectionStats)
        console.log(
          `  connection ${connectionId + 1} ${state}, ${messagesPerSecond.toFixed(0)} messages/s, ` +
            `${counted(ticks[connectionId] ?? 0)} ticks, latency ${averageLatencyMs?.toFixed(2) ?? '–'} ms`,
        );
      const { status, healthPercentage } = manager.getHealth();
      console.log(`${status}, ${healthPercentage} % of the connections open, ${totalErrors} errors`);
    }
  },
  { instruments: 3000 },
);

async function count(channel: Channel<TickerMessage>, add: (ticks: number) => void): Promise<void> {
  for await (const message of channel) if (message.type === 'ticks') add(message.ticks.length);
}
