/** Records two seconds of the market into a file and plays the file back as a market: a test with real data. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KiteTicker, Mode } from '@kite/connection';
import { RecordingWriter, startSimulator } from '@kite/simulator';

import { example } from './kit/example.js';
import { count, rupees } from './kit/format.js';

await example(async ({ connection, tokens, nameOf, onEnd, sleep }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kite-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'market.kiterec');

  // Records raw frames: nothing is decoded, and gaps and drops are recorded in their places.
  await using writer = new RecordingWriter(file);
  await using recorded = new KiteTicker({ ...connection, rawOnly: true });
  onEnd(() => recorded.close());
  const recording = writer.recordAll(recorded.subscribeRawFrames());
  try {
    await recorded.subscribe(tokens, Mode.Full);
    await recorded.connect();
    await sleep(2000);
  } finally {
    // Also after Ctrl-C: write the last frame, then end the file.
    await recorded.close();
    await recording;
  }
  await writer.close();
  const { ticksReceived } = recorded.getStats();
  console.log(`recorded ${count(ticksReceived)} ticks in ${count((await stat(file)).size)} bytes`);

  // A recording is a server. Every subscriber gets the recorded data in its own mode, here four times as fast.
  await using replay = await startSimulator({ replay: { source: file, speed: 4 } });
  await using ticker = new KiteTicker({ apiKey: 'any', accessToken: 'any', url: replay.url });
  onEnd(() => ticker.close());
  replay.on('replayed', ({ frames, gaps, dropped }) => {
    console.log(`replayed ${count(frames)} frames, ${gaps} gaps, ${dropped} dropped before the recorder`);
    void ticker.close();
  });
  await ticker.subscribe(tokens, Mode.Quote);
  await ticker.connect();
  let replayed = 0;
  for await (const { ticks } of ticker.ticks()) {
    replayed += ticks.length;
    const [{ instrumentToken, lastPrice } = { instrumentToken: 0, lastPrice: 0 }] = ticks;
    if (replayed <= 10) console.log(`  ${nameOf(instrumentToken)} ${rupees(lastPrice, instrumentToken)}`);
  }
  console.log(`${count(replayed)} ticks came again`);
});
