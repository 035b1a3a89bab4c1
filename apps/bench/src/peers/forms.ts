import { connect } from 'node:tls';
import { KiteTicker as OfficialTicker } from 'kiteconnect';
import { WebSocket } from 'ws';
import { KiteTickerManager, type ManagerOptions } from '@kite/manager';

import type { OfficialTick } from '../decode/official.js';
import { cursorReader } from '../receive/cursor-reader.js';
import { STAMP_OFFSET } from '../receive/frame-source.js';

/** A client's report: ticks that reached its callback, the stamp of the first (or 0), and ticks reported as lost. */
interface Heard {
  frame(ticks: number, stamp: number): void;
  dropped(ticks: number): void;
}

/** Opens this many connections, and reports what arrives until the process ends. */
type Form = (url: string, connections: number, heard: Heard) => Promise<void> | void;

/** The ways to read from our manager, by the thread that has its sockets. */
const THREADS = {
  inline: { enableDedicatedParsers: false },
  'worker, balanced': { latency: 'balanced' },
  'worker, lowest': { latency: 'lowest' },
} as const satisfies Record<string, Partial<ManagerOptions>>;

const READINGS = { ticks: readTicks, lazy: readLazily, cursor: readByCursor } as const;

export const BARE_WS = 'bare ws, counting packets';

/** The clients in JavaScript. Each runs in its own process. */
export const FORMS: Readonly<Record<string, Form>> = {
  'bare tls, counting bytes': bareTls,
  [BARE_WS]: bareWs,
  'kiteconnect 5.3.0 (JS)': officialClient,
  ...Object.fromEntries(
    Object.entries(READINGS).flatMap(([reading, read]) =>
      Object.entries(THREADS).map(([threads, options]): [string, Form] => [
        `ours: ${reading}, ${threads}`,
        async (url, connections, heard) => {
          const credentials = { apiKey: 'key', accessToken: 'token', maxConnections: connections, url };
          const manager = new KiteTickerManager({ ...credentials, ...options });
          read(manager, heard);
          await manager.start();
        },
      ]),
    ),
  ),
};

function readTicks(manager: KiteTickerManager, heard: Heard): void {
  manager.on('lagged', ({ dropped }) => {
    heard.dropped(dropped);
  });
  manager.on('ticks', ({ ticks }) => {
    const first = ticks[0]!;
    heard.frame(ticks.length, first.mode === 'full' && first.tradable ? first.volumeTraded : 0);
  });
}

function readLazily(manager: KiteTickerManager, heard: Heard): void {
  const channel = manager.ticks({ form: 'lazy' });
  void (async () => {
    for await (const { ticks, dropped } of channel) {
      if (dropped > 0) heard.dropped(dropped);
      const first = ticks[0];
      if (first) heard.frame(ticks.length, first.mode === 'full' && first.tradable ? first.volumeTraded : 0);
    }
  })();
}

function readByCursor(manager: KiteTickerManager, heard: Heard): void {
  manager.on('lagged', ({ dropped }) => {
    heard.dropped(dropped);
  });
  manager.on(
    'frame',
    cursorReader((ticks, stamp) => {
      heard.frame(ticks, stamp);
    }),
  );
}

/** A manual handshake, then bytes, only counted: the cost of TLS in Node. */
function bareTls(url: string, connections: number, heard: Heard): void {
  const { hostname, port } = new URL(url);
  for (let opened = 0; opened < connections; opened++) {
    const socket = connect({ host: hostname, servername: hostname, port: Number(port) });
    const key = Buffer.alloc(16, opened).toString('base64');
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    let rest = 0;
    socket.once('data', () => {
      socket.on('data', ({ length }: Buffer) => {
        rest += length;
        const ticks = Math.floor(rest / BYTES_OF_TICK);
        rest -= ticks * BYTES_OF_TICK;
        heard.frame(ticks, 0);
      });
    });
  }
}

/** Bytes of a full tick in a frame of ten, including its length field and its share of the frame's head. */
const BYTES_OF_TICK = (4 + 2 + 10 * (2 + 184)) / 10;

function bareWs(url: string, connections: number, heard: Heard): void {
  for (let opened = 0; opened < connections; opened++) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.binaryType = 'nodebuffer';
    socket.on('message', (bytes: Buffer) => {
      heard.frame(bytes.readUInt16BE(0), bytes.readUInt32BE(STAMP_OFFSET));
    });
  }
}

/** All its tickers share one socket. */
function officialClient(url: string, _connections: number, heard: Heard): void {
  const ticker = new OfficialTicker({ api_key: 'key', access_token: 'token', root: url } as never);
  ticker.on('ticks', ((ticks: OfficialTick[]) => {
    // It reads volumes as signed.
    heard.frame(ticks.length, ticks[0]!.volume_traded >>> 0);
  }) as never);
  ticker.connect();
}
