import { expect, test, vi } from 'vitest';
import { type WebSocket as Peer, WebSocket, WebSocketServer } from 'ws';
import { wsTransport } from '@kite/connection';
import { eventually } from '@kite/testkit';

import { describeTransport } from '../support/transport-contract.js';
import { startWsContractServer } from '../support/ws-contract-server.js';

describeTransport('wsTransport', async () => ({
  transport: wsTransport,
  server: await startWsContractServer(),
  eventually,
  settle: () => new Promise((resolve) => setTimeout(resolve, 30)),
}));

test('a peer that sends pings and reads nothing is answered no more once 64 KiB wait for it; every ping is a sign of life', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const accepted = new Promise<Peer>((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const ignore = (): void => undefined;
  let signs = 0;
  const listener = {
    opened: ignore,
    binary: ignore,
    text: ignore,
    pong: ignore,
    ended: ignore,
    alive: () => signs++,
  };
  const request = { url: `ws://127.0.0.1:${port}/`, headers: {}, maxPayloadBytes: 1000 };
  const socket = wsTransport.open(request, listener);
  const peer = await accepted;
  const answers: string[] = [];
  peer.on('pong', (data) => answers.push(data.toString()));
  const waiting = vi.spyOn(WebSocket.prototype, 'bufferedAmount', 'get');
  for (const [bytes, data] of [
    [64 * 1024, 'first'],
    [64 * 1024 + 1, 'second'],
    [0, 'third'],
  ] as const) {
    waiting.mockReturnValue(bytes);
    peer.ping(data);
    const before = signs;
    await eventually(() => expect(signs).toBe(before + 1));
  }
  await eventually(() => expect(answers).toEqual(['first', 'third']));
  waiting.mockRestore();
  socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});
