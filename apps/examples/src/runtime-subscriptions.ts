/** Instruments come and go, and change their modes, while ticks flow over the same connection. */
import { KiteTicker, Mode } from '@kite/connection';

import { example } from './kit/example.js';

const STEP_MS = 700;

await example(async ({ connection, tokens, nameOf, onEnd, sleep }) => {
  await using ticker = new KiteTicker({ ...connection, defaultMode: Mode.LTP });
  onEnd(() => ticker.close());
  await ticker.connect();

  const seen = new Map<string, number>();
  ticker.on('ticks', ({ ticks }) => {
    for (const { instrumentToken, mode } of ticks) {
      const key = `${nameOf(instrumentToken)} ${mode}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  });
  const step = async (what: string, done: Promise<void>) => {
    await done;
    console.log(what);
    seen.clear();
    await sleep(STEP_MS);
    const lines = [...seen].map(([key, ticks]) => `${key}: ${ticks}`);
    console.log(`  ${lines.length > 0 ? lines.join(', ') : 'no ticks'}`);
  };

  const [first = 256265, ...others] = tokens;
  await step('subscribe one, in the default mode', ticker.subscribe([first]));
  await step('subscribe the others, in quote', ticker.subscribe(others, Mode.Quote));
  // Subscribing again is harmless. A given mode replaces the old one; without one, the mode stays.
  await step('subscribe all again: nothing changes', ticker.subscribe(tokens));
  await step('the first in full', ticker.changeMode([first], Mode.Full));
  await step('unsubscribe the others', ticker.unsubscribe(others));
  await step('unsubscribe everything', ticker.unsubscribeAll());
});
