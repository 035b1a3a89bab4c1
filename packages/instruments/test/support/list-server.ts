import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { SMALL_LIST } from './csv.js';

/** A server that has the list as Kite has it: compressed, with a version. Elsewhere it has an empty page. */
export class ListServer implements AsyncDisposable {
  readonly headers: IncomingHttpHeaders[] = [];
  readonly #server: Server = createServer((request, response) => {
    if (request.url !== '/instruments') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
      return;
    }
    this.headers.push(request.headers);
    if (request.headers['if-none-match'] === 'W/"1"') return void response.writeHead(304).end();
    response.writeHead(200, { 'content-type': 'text/csv', 'content-encoding': 'gzip', etag: 'W/"1"' });
    response.end(gzipSync(SMALL_LIST));
  });

  static async start(): Promise<ListServer> {
    const server = new ListServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/instruments`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
