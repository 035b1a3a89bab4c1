import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { KiteTickerManager, Mode } from '@kite/manager';
import { type Simulator, startSimulator } from '@kite/simulator';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const TIMEOUT_MS = 30_000;

test.each([false, true])(
  'after stop() nothing is kept of a manager, its channels and its ticks (I/O thread: %s)',
  async (enableDedicatedParsers) => {
    await using simulator = await startSimulator({ ticksPerSecond: 1000 });
    const kept = await useAndDrop(simulator, enableDedicatedParsers);
    for (let turns = 0; turns < 200 && kept.some((ref) => ref.deref() !== undefined); turns++) {
      await turn();
      collectGarbage();
    }
    expect(kept.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
  },
  TIMEOUT_MS,
);

/** In a function of its own, so that no local variable keeps what it has used. */
async function useAndDrop(simulator: Simulator, enableDedicatedParsers: boolean): Promise<WeakRef<object>[]> {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url: simulator.url,
    enableDedicatedParsers,
  });
  const ticks = manager.ticks();
  const frames = manager.getRawFrameChannel(0)!;
  const ticked = new Promise<object>((resolve) => {
    manager.on('ticks', (message) => {
      resolve(message);
    });
  });
  await manager.start();
  await manager.subscribeSymbols([408065, 738561], Mode.Full);
  const refs = [manager, ticks, frames, await ticked].map((object) => new WeakRef<object>(object));
  await manager.stop();
  return refs;
}
