import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { KiteInputError } from '@kite/connection';

import { FEED_PATH } from '../relay-message.js';
import type { Asset } from './page-assets.js';

/** Never another address: anyone who can reach the relay sees the feed. */
const HOST = '127.0.0.1';

/** The names of this machine. Any other name in a request is another site's that resolves to this machine. */
const LOCAL_NAMES = new Set([HOST, 'localhost', '[::1]']);

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** Handlers for one page. */
export interface JoinedPage {
  /** The page has sent this. */
  hear(text: string): void;
  /** The page has gone. */
  leave(): void;
}

/** What is served, and where. */
export interface BoardServerOptions {
  readonly assets: ReadonlyMap<string, Asset>;
  /** 0: any free port. */
  readonly port: number;
  /** Called for every page that connects. */
  readonly join: (socket: WebSocket) => JoinedPage;
}

/** The page and its WebSocket, only on this machine. */
export interface BoardServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves the board; it listens when the promise resolves.
 *
 * @throws KiteInputError `KITE_EXAMPLES_LISTEN_FAILED`
 */
export async function serveBoard({ assets, port, join }: BoardServerOptions): Promise<BoardServer> {
  const http = createServer(serve(assets));
  const webSockets = new WebSocketServer({
    server: http,
    path: FEED_PATH,
    verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }) => isOwnPage(origin, req),
    // A page sends names and tokens.
    maxPayload: 1024,
  });
  // The HTTP server reports its own errors; `ws` repeats them.
  webSockets.on('error', () => undefined);
  webSockets.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    const page = join(socket);
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) page.hear(data.toString());
    });
    socket.on('close', () => page.leave());
  });
  try {
    http.listen(port, HOST);
    await once(http, 'listening');
  } catch (error) {
    throw cannotListen(port, error);
  }
  return {
    url: `http://${HOST}:${(http.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      for (const socket of webSockets.clients) socket.terminate();
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

function serve(assets: ReadonlyMap<string, Asset>): RequestListener {
  return (request, response) => {
    const found = assets.get((request.url ?? '').replace(/\?.*$/, ''));
    const status = !isLocal(request) ? 403 : !isRead(request) ? 405 : found ? 200 : 404;
    if (status === 200 && found) {
      response.writeHead(200, {
        ...HEADERS,
        'Content-Type': found.contentType,
        'Content-Length': found.body.length,
      });
      response.end(request.method === 'HEAD' ? undefined : found.body);
    } else {
      response.writeHead(status, HEADERS).end();
    }
  };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isLocal({ headers: { host = '' } }: IncomingMessage): boolean {
  return LOCAL_NAMES.has(host.replace(/:\d+$/, ''));
}

/** Browsers let any site open a WebSocket to this machine; the origin shows which page it is. */
function isOwnPage(origin: string | undefined, request: IncomingMessage): boolean {
  return isLocal(request) && origin === `http://${request.headers.host ?? ''}`;
}

function cannotListen(port: number, error: unknown): KiteInputError {
  const why = error instanceof Error ? error.message : String(error);
  return new KiteInputError(
    'KITE_EXAMPLES_LISTEN_FAILED',
    { field: 'port', value: port, allowed: 'a port that is free; 0 for any' },
    `the page cannot be served: ${why}`,
  );
}
