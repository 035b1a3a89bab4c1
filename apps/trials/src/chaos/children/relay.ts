/** A relay in front of the server, in its own process: it can be killed while the server stays up. */
import { type AddressInfo, connect, createServer } from 'node:net';

import type { RelayJob } from '../relay-process.js';

const { host, port, serverPort } = JSON.parse(process.argv[2]!) as RelayJob;

const relay = createServer((client) => {
  const server = connect(serverPort, host);
  client.pipe(server).pipe(client);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => undefined);
    one.on('close', () => other.destroy());
  }
});
/** Below the ports that the kernel gives to outgoing connections: one of those must not take it while no relay lives. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const AGAIN_MS = 50;

const listen = (): void => {
  relay.listen(port || FIRST_PORT + Math.floor(Math.random() * PORTS), host);
};
relay.on('listening', () => process.send?.((relay.address() as AddressInfo).port));
relay.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error;
  setTimeout(listen, AGAIN_MS);
});
listen();
process.on('disconnect', () => process.exit());
