import { KiteTicker as OfficialTicker } from 'kiteconnect';
import { WebSocket } from 'ws';
import { KiteTicker as OurTicker, type TickerOptions } from '@kite/connection';

import type { OfficialTick } from '../decode/official.js';
import { cursorReader } from './cursor-reader.js';
import { STAMP_OFFSET } from './frame-source.js';

/** A client's report on each frame: how many ticks reached its callback, and the stamp of the first. */
type OnFrame = (ticks: number, stamp: number) => void;

/** Connects, and calls back for each frame until the process ends. */
type Client = (url: string, onFrame: OnFrame) => Promise<void> | void;

/** The ways to get frames from a socket. Each runs in its own process. */
export const CLIENTS = {
  official: (url, onFrame) => {
    const ticker = new OfficialTicker({ api_key: 'key', access_token: 'token', root: url } as never);
    ticker.on('ticks', ((ticks: OfficialTick[]) => {
      // It reads volumes as signed.
      onFrame(ticks.length, ticks[0]!.volume_traded >>> 0);
    }) as never);
    ticker.connect();
  },
  'bare ws, counting bytes': (url, onFrame) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.binaryType = 'nodebuffer';
    socket.on('message', (bytes: Buffer) => onFrame(packetsOf(bytes), stampOf(bytes)));
  },
  'ours, on ticks': async (url, onFrame) => {
    const ticker = ourTicker(url);
    ticker.on('ticks', ({ ticks }) => {
      const first = ticks[0]!;
      onFrame(ticks.length, first.mode === 'full' && first.tradable ? first.volumeTraded : 0);
    });
    await ticker.connect();
  },
  'ours, ticks() channel': async (url, onFrame) => {
    const ticker = ourTicker(url);
    void (async () => {
      for await (const { ticks } of ticker.ticks()) {
        const first = ticks[0]!;
        onFrame(ticks.length, first.mode === 'full' && first.tradable ? first.volumeTraded : 0);
      }
    })();
    await ticker.connect();
  },
  'ours, on frame + cursor': async (url, onFrame) => {
    const ticker = ourTicker(url);
    ticker.on('frame', cursorReader(onFrame));
    await ticker.connect();
  },
  'ours, raw frames undecoded': async (url, onFrame) => {
    const ticker = ourTicker(url);
    ticker.on('frame', ({ bytes }) => onFrame(packetsOf(bytes), stampOf(bytes)));
    await ticker.connect();
  },
  'ours, raw-frame channel': async (url, onFrame) => {
    const ticker = ourTicker(url);
    void (async () => {
      for await (const { bytes } of ticker.subscribeRawFrames()) onFrame(packetsOf(bytes), stampOf(bytes));
    })();
    await ticker.connect();
  },
} as const satisfies Record<string, Client>;

export type ClientName = keyof typeof CLIENTS;

function ourTicker(url: string): OurTicker {
  const options: TickerOptions = { apiKey: 'key', accessToken: 'token', url };
  return new OurTicker(options);
}

function packetsOf(bytes: Uint8Array): number {
  return (bytes[0]! << 8) | bytes[1]!;
}

/** Reads the first packet's volume by hand: a view created only for this would count against the client. */
function stampOf(bytes: Uint8Array): number {
  const at = STAMP_OFFSET;
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
