import type { IncomingMessage } from 'node:http';
import { markAsUntransferable } from 'node:worker_threads';
import { WebSocket } from 'ws';

import { readRefusal } from './refusal-response.js';
import type { SocketEnd, SocketListener, Transport, TransportRequest, TransportSocket } from './transport.js';

/**
 * The default transport, on `ws`.
 *
 * `nodebuffer` hands a message out as a slice of the socket's chunk, without a copy; `arraybuffer` would copy. Compression
 * is off: packets are small, dense and late when compressed.
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

  constructor({ url, headers, maxPayloadBytes }: TransportRequest, listener: SocketListener) {
    const ws = new WebSocket(url, {
      headers: { ...headers },
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    ws.binaryType = 'nodebuffer';
    ws.on('open', () => {
      listener.opened();
    });
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) listener.binary(this.#bytesOf(data));
      else listener.text(data.toString());
    });
    ws.on('ping', () => {
      listener.alive();
    });
    ws.on('pong', () => {
      listener.pong();
    });
    ws.on('unexpected-response', (_request, response: IncomingMessage) => {
      readRefusal(response, (refused) => {
        this.#end = refused;
        ws.terminate();
      });
    });
    ws.on('error', (error: Error) => {
      if (this.#end.kind === 'closed') this.#end = { ...this.#end, error };
      // `ws` has told the peer why, and would wait 30 s for it to agree. Nothing is read meanwhile.
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
    this.#ws.terminate();
  }

  /**
   * The message as a plain `Uint8Array`, whose `slice()` is a copy: that of a Buffer is not. Its chunk has other messages, and
   * what `ws` has not read yet: a transfer to another thread copies it, or fails, depending on the version of Node.
   */
  #bytesOf(message: Buffer): Uint8Array {
    const { buffer, byteOffset, length } = message;
    if (buffer !== this.#chunk) markAsUntransferable(buffer);
    this.#chunk = buffer;
    return new Uint8Array(buffer, byteOffset, length);
  }
}
