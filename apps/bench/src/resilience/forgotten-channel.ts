import { setImmediate as turn } from 'node:timers/promises';
import type { SocketListener } from '@kite/connection';
import { KiteTickerManager, presets, type Transport } from '@kite/manager';

import { makeFrames, tokenOf } from '../frames/frames.js';

export interface ForgottenChannelJob {
  readonly ticks: number;
}

export interface ForgottenChannelSample {
  readonly mostResidentBytes: number;
  readonly waitingItems: number;
  readonly received: number;
  readonly dropped: number;
  readonly reasons: readonly string[];
}

const INSTRUMENTS = 9000;
const TICKS_PER_FRAME = 10;
const PASSES_PER_TURN = 10;

/** Full ticks at full speed, and a channel over all connections that was opened and forgotten. */
export async function measureForgottenChannel({
  ticks,
}: ForgottenChannelJob): Promise<ForgottenChannelSample> {
  const market = new Market();
  await using manager = new KiteTickerManager({
    ...{ apiKey: 'key', accessToken: 'token', transport: market },
    ...presets.production,
  });
  await manager.start();
  await manager.subscribeSymbols(Array.from({ length: INSTRUMENTS }, (_, n) => tokenOf(n)));
  const channel = manager.getUnifiedChannel();
  const { slices } = makeFrames('full', TICKS_PER_FRAME, INSTRUMENTS, INSTRUMENTS);
  let mostResidentBytes = 0;
  for (let pushed = 0; pushed < ticks;) {
    for (let pass = 0; pass < PASSES_PER_TURN; pass++, pushed += INSTRUMENTS) market.send(slices);
    await turn();
    mostResidentBytes = Math.max(mostResidentBytes, process.memoryUsage.rss());
  }
  return {
    mostResidentBytes,
    waitingItems: channel.size,
    received: manager.getStats().connectionStats.reduce((sum, { ticksReceived }) => sum + ticksReceived, 0),
    dropped: channel.dropped,
    reasons: manager.getHealth().reasons,
  };
}

/** Sockets within the process, so that only the library is measured. */
class Market implements Transport {
  readonly #sockets: SocketListener[] = [];

  open(_request: unknown, listener: SocketListener): ReturnType<Transport['open']> {
    this.#sockets.push(listener);
    setImmediate(() => {
      listener.opened();
    });
    const end = (): void => {
      setImmediate(() => {
        listener.ended({ kind: 'closed', code: 1000, reason: '' });
      });
    };
    return { send: () => undefined, ping: () => undefined, close: end, terminate: () => undefined };
  }

  /** Each connection delivers its share. */
  send(frames: readonly Uint8Array[]): void {
    const share = frames.length / this.#sockets.length;
    for (const [index, frame] of frames.entries()) this.#sockets[Math.floor(index / share)]!.binary(frame);
  }
}
