import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { textOf } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import type { Edge } from './server/edge.js';
import { refusal, type Verdict } from './server/handshake.js';
import type { KiteServer } from './server/kite-server.js';
import type { Peer } from './server/peer.js';

/** Far above a request of 3000 tokens, the most that clients send. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** The options of an edge. */
export interface EdgeOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string | Uint8Array; readonly cert: string | Uint8Array } | undefined;
}

/** The server's rules on a real port: HTTP upgrade, WebSocket, TCP. */
export class WebSocketEdge implements Edge {
  readonly #core: KiteServer;
  readonly #options: EdgeOptions;
  readonly #http: Server;
  readonly #websockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_REQUEST_BYTES,
  });
  /** Every TCP connection, including those still in a TLS or WebSocket handshake. */
  readonly #sockets = new Set<Duplex>();
  #port: number;

  constructor(core: KiteServer, options: EdgeOptions) {
    this.#core = core;
    this.#options = options;
    this.#port = options.port;
    this.#http = options.tls ? createTlsServer(tlsOptions(options.tls)) : createServer();
    this.#http.on('request', (request, response) => {
      const { method, url: target = '', headers } = request;
      const answer = core.instrumentsList.answer({ method, target, headers });
      const verdict = refusal(400);
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
      else
        response
          .writeHead(verdict.status, { 'Content-Type': 'application/json' })
          .end('body' in verdict && verdict.body);
      request.resume();
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket, head) =>
      this.#upgrade(request, socket, head),
    );
    this.#http.on('connection', (socket: Socket) => this.#track(socket));
  }

  /** Ends with `/`, like the real one. */
  get url(): string {
    const { host, tls } = this.#options;
    return `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${this.#port}/`;
  }

  get httpUrl(): string {
    return this.url.replace(/^ws(.*)\/$/u, 'http$1');
  }

  /** Listens on the requested port, later on the same one again. @throws KiteError `KITE_SIMULATOR_LISTEN_FAILED` */
  async listen(): Promise<void> {
    if (this.#http.listening) return;
    try {
      this.#http.listen(this.#port, this.#options.host);
      await once(this.#http, 'listening');
    } catch (cause) {
      const place = `${this.#options.host}:${this.#port}`;
      throw new KiteError('KITE_SIMULATOR_LISTEN_FAILED', `cannot listen on ${place}: ${textOf(cause)}`, {
        cause,
      });
    }
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** Stops listening and ends every TCP connection. Idempotent. */
  async close(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Resets by the other side are normal here; the close event follows.
    socket.on('error', () => undefined);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { url: target = '', headers } = request;
    let giveUp: () => void = ignore;
    const onClose = () => giveUp();
    socket.once('close', onClose);
    giveUp = this.#core.admit({ target, headers }, (verdict) => {
      socket.off('close', onClose);
      if (!socket.destroyed) this.#answer(verdict, request, socket, head);
    });
  }

  #answer(verdict: Verdict, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { account } = verdict;
    if (account === undefined) {
      socket.end(httpAnswer(verdict.status, 'body' in verdict ? verdict.body : ''));
      return;
    }
    this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
      websocket.binaryType = 'nodebuffer';
      const session = this.#core.open(account, new WebSocketPeer(websocket, socket));
      websocket.on('message', (data: Buffer) => session.receive(data.toString()));
      websocket.on('ping', () => session.counters.pingsReceived++);
      websocket.on('pong', () => session.counters.pongsReceived++);
      websocket.on('error', () => undefined);
      websocket.on('close', () => this.#core.closed(session));
    });
  }
}

class WebSocketPeer implements Peer {
  readonly #websocket: WebSocket;
  readonly #socket: Duplex;

  constructor(websocket: WebSocket, socket: Duplex) {
    this.#websocket = websocket;
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#websocket.bufferedAmount;
  }

  send(message: Uint8Array | string, fragments: number): void {
    const websocket = this.#websocket;
    if (websocket.readyState !== websocket.OPEN) return;
    const binary = typeof message !== 'string';
    // Needs a callback: without one, ws throws or emits errors.
    if (fragments <= 1) {
      websocket.send(message, { binary }, ignore);
      return;
    }
    const bytes = binary ? message : new TextEncoder().encode(message);
    const size = Math.max(1, Math.ceil(bytes.length / fragments));
    for (let at = 0; at === 0 || at < bytes.length; at += size)
      websocket.send(bytes.subarray(at, at + size), { binary, fin: at + size >= bytes.length }, ignore);
  }

  ping(): void {
    const websocket = this.#websocket;
    if (websocket.readyState === websocket.OPEN) websocket.ping(undefined, undefined, ignore);
  }

  close(code: number, reason: string): void {
    this.#websocket.close(code, reason);
  }

  terminate(): void {
    const socket = this.#socket;
    // A reset, as when a router forgets a connection. Node cannot reset a TLS socket: it just goes.
    if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
    else this.#websocket.terminate();
  }

  goMute(): void {
    // Keep reading: otherwise the end of the TCP connection goes unnoticed and its place stays taken.
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', ignore);
  }
}

function ignore(): void {
  // Nothing to do: the close event follows.
}

function tlsOptions({ key, cert }: NonNullable<EdgeOptions['tls']>): {
  key: string | Buffer;
  cert: string | Buffer;
} {
  const pem = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  return { key: pem(key), cert: pem(cert) };
}

function httpAnswer(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
