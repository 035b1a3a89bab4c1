import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

import { KITE_HOST, KITE_PORT, type KiteIdentity } from '../native/kite-host.js';
import { FrameSource, type FrameSourceOptions } from './frame-source.js';
import { SELF_SIGNED } from './self-signed.js';

/** A server that sends prepared frames to every client and ignores what it receives. */
export interface WireServerJob extends FrameSourceOptions {
  readonly tls: boolean;
  /** Frames a second to each connection; 0 floods. */
  readonly framesPerSecond: number;
}

/** Bytes written to the kernel at once in a flood. */
const FLOOD_BYTES = 262_144;

export async function startWireServer(
  job: WireServerJob,
): Promise<{ url: string; answer: (question: string) => unknown }> {
  const source = new FrameSource(job);
  const { url, sockets } = await listenForSockets(job.tls ? 'localhost' : 'plain', (socket) => {
    if (job.framesPerSecond === 0) flood(socket, source);
  });
  if (job.framesPerSecond > 0) pace(sockets, source, job.framesPerSecond);
  return { url, answer: () => sockets.size };
}

/** The kind of server: plain, with this bench's certificate for localhost, or with Kite's own name and port. */
export type Identity = 'plain' | 'localhost' | KiteIdentity;

/** A WebSocket server that reads and ignores all messages, and its raw sockets. */
export async function listenForSockets(
  identity: Identity,
  onSocket: (socket: Duplex) => void,
  onRequest: (socket: Duplex) => void = () => undefined,
): Promise<{ url: string; sockets: ReadonlySet<Duplex> }> {
  const { address, port: wanted, server, hostname } = listener(identity);
  const webSockets = new WebSocketServer({ noServer: true });
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket: Duplex, head) => {
    webSockets.handleUpgrade(request, socket, head, (peer) => {
      // Requests are read, so that the client's socket does not fill up, and ignored.
      peer.on('message', () => onRequest(socket));
      peer.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      sockets.add(socket);
      onSocket(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${identity === 'plain' ? 'ws' : 'wss'}://${hostname}:${port}/`, sockets };
}

function listener(identity: Identity): { address: string; port: number; server: Server; hostname: string } {
  const loopback = '127.0.0.1';
  if (identity === 'plain')
    return { address: loopback, port: 0, server: createPlainServer(), hostname: loopback };
  if (identity === 'localhost')
    return { address: loopback, port: 0, server: createTlsServer({ ...SELF_SIGNED }), hostname: identity };
  const { address, key, cert } = identity;
  return { address, port: KITE_PORT, server: createTlsServer({ key, cert }), hostname: KITE_HOST };
}

/** As fast as the client takes it: writes ready-made wire bytes, past the WebSocket library. */
function flood(socket: Duplex, source: FrameSource): void {
  const bytes = source.wireBytes(FLOOD_BYTES);
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes)) {
      // The kernel took it all.
    }
  };
  socket.on('drain', more);
  more();
}

/** Each frame at its own time, stamped with it. The thread sleeps in between: timers are too coarse. */
function pace(sockets: ReadonlySet<Duplex>, source: FrameSource, framesPerSecond: number): void {
  const intervalMs = 1000 / framesPerSecond;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let due = performance.now();
  const step = (): void => {
    const now = performance.now();
    if (sockets.size === 0 || now - due > 100) due = now;
    for (; due <= now; due += intervalMs) for (const socket of sockets) socket.write(source.nextStamped());
    // New connections and client messages are handled between two frames.
    setImmediate(() => {
      const pauseMs = sockets.size === 0 ? 5 : due - performance.now();
      if (pauseMs > 0) Atomics.wait(sleeper, 0, 0, pauseMs);
      step();
    });
  };
  step();
}
