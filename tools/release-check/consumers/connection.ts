import { KiteTicker, Mode } from '@kite/connection';

async function main(): Promise<string> {
  const url = process.argv[2] ?? '';
  const ticker = new KiteTicker({ apiKey: `connection-${process.pid}`, accessToken: 'token', url });
  try {
    await ticker.subscribe([408065], Mode.Full);
    await ticker.connect();
    for await (const { ticks } of ticker.ticks()) {
      for (const tick of ticks) {
        if (tick.mode === 'full' && tick.tradable) {
          return `streamed ${tick.instrumentToken} with ${tick.depth.buy.length} bids`;
        }
      }
    }
    throw new Error('the channel ended');
  } finally {
    await ticker.close();
  }
}

main().then(console.log, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
