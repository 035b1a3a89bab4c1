import { setTimeout as sleep } from 'node:timers/promises';
import { KiteTickerManager, Mode } from '@kite/manager';

import { tokenOf } from '../frames/frames.js';

/** A manager with its main thread blocked for a while, as by a long calculation. */
export interface BlockedJob {
  readonly url: string;
  readonly ioThreads: number;
  readonly instruments: number;
  readonly blockMs: number;
  /** Orders posted meanwhile. */
  readonly expectedOrders: number;
}

export interface BlockedSample {
  /** From the end of the block until an order posted then came: all earlier input has been processed. */
  readonly catchUpMs: number;
  /** Ticks that newer ones replaced, as marked in the stream. */
  readonly conflatedTicks: number;
  readonly disconnects: number;
  /** Of the orders posted meanwhile. */
  readonly orders: number;
}

const SETTLE_MS = 1000;

export async function measureBlocked(
  { url, ioThreads, instruments, blockMs, expectedOrders }: BlockedJob,
  ask: (question: string) => Promise<unknown>,
): Promise<BlockedSample> {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url,
    enableDedicatedParsers: ioThreads > 0,
  });
  let orders = 0;
  let conflatedTicks = 0;
  let disconnects = 0;
  let caughtUp: () => void;
  const catchingUp = new Promise<void>((resolve) => (caughtUp = resolve));
  // With a reader of ticks, frames are decoded.
  manager.on('ticks', () => undefined);
  manager.on('order', () => {
    if (++orders === expectedOrders + 1) caughtUp();
  });
  manager.on('lagged', ({ dropped }) => void (conflatedTicks += dropped));
  manager.on('gap', () => {
    disconnects++;
  });
  await manager.start();
  await manager.subscribeSymbols(
    Array.from({ length: instruments }, (_, index) => tokenOf(index)),
    Mode.Full,
  );
  await sleep(SETTLE_MS);
  await ask('orders');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
  const from = performance.now();
  await ask('order');
  await catchingUp;
  const catchUpMs = performance.now() - from;
  await sleep(SETTLE_MS);
  await manager.stop();
  return { catchUpMs, conflatedTicks, disconnects, orders: orders - 1 };
}
