import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { markAsUntransferable } from 'node:worker_threads';
import { type ClientOptions, WebSocket } from 'ws';

import { processEnvironment } from './environment.js';
import type { NetworkOptions } from './network.js';
import { environmentProxy, flawOfProxy, FROM_ENVIRONMENT, type Proxy, proxyAt } from './proxy.js';
import { readRefusal } from './refusal-response.js';
import type { SocketEnd, SocketListener, Transport, TransportRequest, TransportSocket } from './transport.js';
import { openTunnel } from './tunnel.js';

/** How many unsent bytes may pile up before a peer that sends pings and reads nothing gets no more answers. */
const MOST_UNSENT_BYTES = 64 * 1024;

/**
 * The default transport, on `ws`.
 *
 * `nodebuffer` passes a message on as a slice of the socket's chunk, without a copy; `arraybuffer` would copy.
 * Compression is off: packets are small and dense, and compression would delay them.
 */
export const wsTransport: Transport = {
  open(request, listener) {
    return new WsSocket(request, listener);
  },
};

class WsSocket implements TransportSocket {
  readonly #ws: WebSocket;
  #end: SocketEnd = { kind: 'closed', code: 1006, reason: '' };
  #chunk: ArrayBufferLike | undefined;
  #giveUpTunnel: (() => void) | undefined;

  constructor({ url, headers, maxPayloadBytes, network }: TransportRequest, listener: SocketListener) {
    const ws = new WebSocket(url, {
      ...(network && this.#way(url, network)),
      headers: { ...headers },
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
      followRedirects: false,
      // Answered below, with a bound.
      autoPong: false,
    });
    ws.binaryType = 'nodebuffer';
    ws.on('open', () => {
      listener.opened();
    });
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) listener.binary(this.#bytesOf(data));
      else listener.text(data.toString());
    });
    ws.on('ping', (data: Buffer) => {
      listener.alive();
      if (ws.bufferedAmount <= MOST_UNSENT_BYTES) ws.pong(data);
    });
    ws.on('pong', () => {
      listener.pong();
    });
    ws.on('unexpected-response', (_request, response: IncomingMessage) => {
      listener.refusing?.();
      readRefusal(response, (refused) => {
        this.#end = refused;
        ws.terminate();
      });
    });
    ws.on('error', (thrown: unknown) => {
      if (this.#end.kind === 'closed') this.#end = { ...this.#end, error: errorOf(thrown) };
      // `ws` has told the peer why, and would wait 30 s for its consent. Nothing is read meanwhile.
      ws.terminate();
    });
    ws.on('close', (code, reason) => {
      listener.ended(
        this.#end.kind === 'refused' ? this.#end : { ...this.#end, code, reason: reason.toString() },
      );
    });
    this.#ws = ws;
  }

  send(text: string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  ping(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.ping();
  }

  close(): void {
    this.#ws.close(1000);
  }

  terminate(): void {
    this.#giveUpTunnel?.();
    this.#ws.terminate();
  }

  /** How `ws` reaches the server: with Node's options, or through a tunnel, which it takes for a dialled socket. */
  #way(url: string, network: NetworkOptions): ClientOptions {
    const { tls, localAddress, family } = network;
    const proxy = proxyOf(new URL(url), network);
    if (!proxy)
      return {
        ...(tls as object),
        ...(localAddress !== undefined && { localAddress }),
        ...(family !== undefined && { family }),
      };
    const dial = (server: Dialled, done: (error: Error | null, socket?: Socket) => void): void => {
      const { host, port } = server;
      this.#giveUpTunnel = openTunnel({ proxy, host, port: Number(port), network }, (error, socket) => {
        if (error || !socket) done(error ?? null);
        else done(null, url.startsWith('wss:') ? secured(socket, host, network) : socket);
      });
    };
    // Node calls it with its request's options, and accepts an answer that comes later.
    return { createConnection: dial as unknown as NonNullable<ClientOptions['createConnection']> };
  }

  /**
   * The message as a plain `Uint8Array`, so that `slice()` copies, unlike a Buffer's. Its chunk has other messages, and
   * data that `ws` has not read yet: transferring it to another thread copies it, or fails, depending on the version of
   * Node.
   */
  #bytesOf(message: Buffer): Uint8Array {
    const { buffer, byteOffset, length } = message;
    if (buffer !== this.#chunk) keepHere(buffer);
    this.#chunk = buffer;
    return new Uint8Array(buffer, byteOffset, length);
  }
}

/** Bun has a `ws` of its own, which up to Bun 1.2 gives events where `ws` gives errors. */
function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const { error, message } = (thrown ?? {}) as { error?: unknown; message?: unknown };
  if (error instanceof Error) return error;
  return new Error(typeof message === 'string' && message !== '' ? message : 'the socket failed');
}

/** Bun up to 1.2 has the function, but it throws. There, a transfer of what cannot be marked copies it. */
function keepHere(buffer: ArrayBufferLike): void {
  try {
    markAsUntransferable(buffer);
  } catch {
    // Nothing else depends on it.
  }
}

/** The server, as Node names it to who dials. */
interface Dialled {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number | string;
}

function proxyOf(target: URL, { proxy }: NetworkOptions): Proxy | undefined {
  const named = proxy === FROM_ENVIRONMENT ? environmentProxy(target, processEnvironment()) : proxy;
  const flaw = named === undefined ? undefined : flawOfProxy(named);
  if (flaw !== undefined) throw new Error(`the proxy that HTTPS_PROXY names ${flaw}`);
  return named === undefined ? undefined : proxyAt(named);
}

function secured(socket: Socket, host: string, { tls }: NetworkOptions): Socket {
  return tlsConnect({ servername: isIP(host) === 0 ? host : '', ...(tls as object), host, socket });
}
