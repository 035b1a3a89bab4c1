/** A loop that is too slow for the market, under each overflow policy, side by side. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Channel,
  type ChannelOptions,
  isKiteError,
  KiteTicker,
  Mode,
  type TickBatch,
} from '@kite/connection';

import { example } from './kit/example.js';
import { count } from './kit/format.js';

const WORK_MS = 100;

/** How each loop is doing. */
interface Progress {
  seen: number;
  ageMs: number;
  end?: string;
}

await example(
  async ({ connection, tokens, onEnd, sleep, simulator, signal }) => {
    await using ticker = new KiteTicker(connection);
    onEnd(() => ticker.close());
    await ticker.subscribe(tokens, Mode.Quote);
    await ticker.connect();
    simulator?.setTicksPerSecond(3000);

    // Kite does not wait, so no policy stops reading. Each consumer has its own buffer, and chooses what to drop.
    const policies: Record<string, ChannelOptions> = {
      'drop-oldest': { capacity: 8 },
      'drop-newest': { capacity: 8, overflow: 'drop-newest' },
      conflate: { overflow: 'conflate' },
      'throttleMs: 500': { throttleMs: 500 },
      error: { capacity: 8, overflow: 'error' },
    };
    const loops = Object.entries(policies).map(([name, options]) => {
      const channel = ticker.ticks(options);
      const progress: Progress = { seen: 0, ageMs: 0 };
      void readSlowly(channel, progress);
      return { name, channel, progress };
    });

    while (!signal.aborted) {
      await sleep(1500);
      // With conflate and throttleMs, only ticks that newer ones replaced are dropped.
      console.log(`${'policy'.padEnd(16)} ${'seen'.padStart(7)} ${'dropped'.padStart(7)}  behind`);
      for (const { name, channel, progress } of loops) {
        const { seen, ageMs, end } = progress;
        console.log(
          `${name.padEnd(16)} ${count(seen).padStart(7)} ${count(channel.dropped).padStart(7)}  ${end ?? `${count(ageMs)} ms`}`,
        );
      }
    }
  },
  { instruments: 100 },
);

async function readSlowly(channel: Channel<TickBatch>, progress: Progress): Promise<void> {
  try {
    for await (const { ticks, receivedAt } of channel) {
      progress.seen += ticks.length;
      progress.ageMs = Math.max(0, Date.now() - receivedAt);
      await delay(WORK_MS);
    }
  } catch (error) {
    // Only the policy `error` ends a channel: for programs that prefer to stop rather than miss a tick.
    if (!isKiteError(error, 'KITE_CONNECTION_CHANNEL_OVERFLOW')) throw error;
    progress.end = 'ended by its policy';
  }
}
