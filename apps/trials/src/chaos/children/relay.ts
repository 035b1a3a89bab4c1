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
relay.listen(port, host, () => process.send?.((relay.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
