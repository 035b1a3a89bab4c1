/** Throughput, latency and cost: the manager's own figures, at three rates. */
import { KiteTickerManager, Mode } from '@kite/manager';

import { example } from './kit/example.js';
import { count, megabytes } from './kit/format.js';

/** How long each rate runs. The figures include the simulator on this machine: `npm run bench` measures without it. */
const STEP_MS = 1000;

await example(
  async ({ connection, instruments, tokens, onEnd, sleep, simulator }) => {
    await using manager = new KiteTickerManager({ ...connection, instruments });
    onEnd(() => manager.stop());
    await manager.subscribeSymbols(tokens, Mode.Full);
    await manager.start();

    let received = 0;
    void (async () => {
      for await (const { ticks } of manager.ticks()) received += ticks.length;
    })();

    // A real feed has its own pace: measure it three times.
    for (const rate of [3_000, 10_000, 30_000]) {
      simulator?.setTicksPerSecond(rate);
      received = 0;
      const cpu = process.cpuUsage();
      const began = performance.now();
      await sleep(STEP_MS);
      const seconds = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      const stats = manager.getProcessorStats();
      const p99 = Math.max(...stats.map(({ processingLatencyMs }) => processingLatencyMs.p99));
      const queued = stats.reduce((total, { queueSize }) => total + queueSize, 0);
      console.log(
        `${count(received / seconds)} ticks/s, p99 ${p99.toFixed(2)} ms from socket to loop, ${queued} queued, ` +
          `CPU ${Math.round((user + system) / seconds / 1e4)} %, ${megabytes(process.memoryUsage.rss())}`,
      );
    }
    const dropped = manager
      .getStats()
      .connectionStats.reduce((total, { droppedTicks }) => total + droppedTicks, 0);
    console.log(`${count(dropped)} ticks dropped`);
  },
  { instruments: 3000 },
);
