import { expect, test } from 'vitest';
import type { SocketListener, Transport } from '@kite/connection';

import { WireLog } from '../../src/run/wire-log.js';

/** Opens each socket at once. */
const transport: Transport = {
  open: (_request, listener) => {
    listener.opened();
    return { send: ignore, ping: ignore, close: ignore, terminate: ignore };
  },
};
const listener: SocketListener = {
  opened: ignore,
  binary: ignore,
  text: ignore,
  alive: ignore,
  pong: ignore,
  ended: ignore,
};
const request = { url: 'wss://localhost', headers: {}, maxPayloadBytes: 1 };

test('a worker is lacking where none that was started has spoken, and the main thread has a socket', () => {
  const times = { now: 1000 };
  const wire = new WireLog({ trueNow: () => times.now, wallNow: () => times.now });
  const worker = wire.spawned();
  expect(wire.lacksWorkerSince(0)).toBe(false);
  const inMain = wire.over(transport).transport.open(request, listener);
  expect(wire.lacksWorkerSince(0)).toBe(true);
  expect(wire.lacksWorkerSince(1001)).toBe(false);
  worker.hasSpoken = true;
  expect(wire.lacksWorkerSince(0)).toBe(false);
  inMain.terminate();
  const another = wire.spawned();
  wire.over(transport, another).transport.open(request, listener);
  expect(wire.lacksWorkerSince(0)).toBe(false);
});

function ignore(): void {
  // Nothing to do.
}
