/** Six in the morning: the access token expires, the connection gets 403, someone logs in, and the stream continues. */
import { KiteTicker } from '@kite/connection';

import { example } from './kit/example.js';

await example(async ({ connection: { accessToken, ...connection }, tokens, onEnd, sleep, simulator }) => {
  // The place where a login stores the token of the day: a file, a vault, a table.
  const vault = { token: accessToken };

  await using ticker = new KiteTicker({
    ...connection,
    // A function in place of a token is called before every connect, so the stream can run for weeks.
    accessToken: () => {
      console.log(`asked for the token: ${vault.token === accessToken ? "yesterday's" : "today's"}`);
      return Promise.resolve(vault.token);
    },
    // A new token is tried at once, the same one at this interval: tokens expire at 06:00, people log in at 09:00.
    unauthorizedRetryDelayMs: 500,
    reconnectDelayMs: 100,
  });
  onEnd(() => ticker.close());
  ticker.on('state', ({ state, error }) => console.log(`  ${state}${error ? `: ${error.code}` : ''}`));
  ticker.on('gap', ({ from, to }) => console.log(`  gap of ${((to - from) / 1000).toFixed(1)} s`));
  await ticker.subscribe(tokens);
  await ticker.connect();
  await sleep(300);

  if (simulator) {
    console.log('the token expires: the open stream outlives it');
    simulator.expireTokens();
    await sleep(400);
    console.log('the connection drops, as it does once in a while');
    simulator.drop();
    await sleep(1500);
    console.log('somebody logs in');
    vault.token = 'token-of-today';
    simulator.setAccessToken(connection.apiKey, vault.token);
  }

  for await (const { ticks } of ticker.ticks({ throttleMs: 500 })) console.log(`${ticks.length} ticks`);
});
