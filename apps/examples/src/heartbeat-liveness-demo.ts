/** A connection that dies silently, with its socket open, and how it is noticed and replaced. */
import { KiteTicker } from '@kite/connection';

import { example } from './kit/example.js';

await example(async ({ connection, tokens, onEnd, sleep, signal, simulator }) => {
  await using ticker = new KiteTicker({
    ...connection,
    // The server sends something about once a second. The default is ten seconds; this demo waits less.
    heartbeatLivenessThresholdMs: 2500,
    reconnectDelayMs: 100,
  });
  onEnd(() => ticker.close());
  const began = performance.now();
  const log = (what: string) =>
    console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)}s  ${what}`);

  ticker.on('state', ({ state, error }) =>
    log(`${state}${error ? `: ${error.message} (${error.code})` : ''}`),
  );
  ticker.on('gap', ({ from, to }) => log(`gap: nothing was received for ${to - from} ms`));
  // A heartbeat is a frame of one byte. It keeps the watchdog quiet, and decodes to no ticks.
  ticker.on('frame', ({ bytes }) => {
    if (bytes.length === 1) log('heartbeat');
  });

  await ticker.subscribe(tokens);
  await ticker.connect();
  // A quiet market: only heartbeats.
  simulator?.setTicksPerSecond(0);
  await sleep(2600);

  if (simulator) log('the server falls silent; the socket stays open');
  simulator?.stall();
  while (!signal.aborted) {
    await sleep(1000);
    const { lastFrameAgeMs, reconnects } = ticker.getStats();
    log(
      `last frame ${lastFrameAgeMs} ms ago, ${reconnects} ${reconnects === 1 ? 'reconnect' : 'reconnects'}`,
    );
  }
});
