import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

import type { ContractPeer, ContractServer } from './transport-contract.js';

/** A server on a real port, for transports that speak WebSocket. */
export async function startWsContractServer(): Promise<ContractServer> {
  const http = createServer();
  const websockets = new WebSocketServer({ noServer: true });
  const sockets = new Set<Duplex>();
  const peers: WsPeer[] = [];
  const requests: { target: string; headers: IncomingMessage['headers'] }[] = [];

  const contractServer: ContractServer = {
    url: '',
    // Nothing listens on port 1 of a machine of today.
    deadUrl: 'ws://127.0.0.1:1/',
    answer: 'accept',
    peers,
    requests,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      http.close();
      await once(http, 'close');
    },
  };
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request, socket: Socket, head) => {
    requests.push({ target: request.url ?? '', headers: request.headers });
    const { answer } = contractServer;
    if (answer === 'never') return;
    if (answer === 'accept')
      websockets.handleUpgrade(request, socket, head, (websocket) =>
        peers.push(new WsPeer(websocket, socket)),
      );
    else socket.end(`HTTP/1.1 ${answer} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return Object.assign(contractServer, { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` });
}

class WsPeer implements ContractPeer {
  readonly #websocket: WebSocket;
  readonly #socket: Socket;
  readonly received: string[] = [];
  pings = 0;
  closeCode: number | undefined;

  constructor(websocket: WebSocket, socket: Socket) {
    this.#websocket = websocket;
    this.#socket = socket;
    websocket.on('message', (data: Buffer) => this.received.push(data.toString()));
    websocket.on('ping', () => this.pings++);
    websocket.on('error', () => undefined);
    websocket.on('close', (code) => (this.closeCode = code));
  }

  sendBinary(bytes: Uint8Array): void {
    this.#websocket.send(bytes);
  }
  sendText(text: string): void {
    this.#websocket.send(text);
  }
  ping(): void {
    this.#websocket.ping();
  }
  close(code: number, reason: string): void {
    this.#websocket.close(code, reason);
  }
  drop(): void {
    this.#socket.resetAndDestroy();
  }
  goMute(): void {
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', () => undefined);
  }
}
