// Runs a client that only dials wss://ws.kite.trade, so that it reaches the server at KITE_URL: that name leads to this
// process, which handles TLS and passes the bytes on. `at-kite.js <command…>`
import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';

import { KITE_PORT, KiteHost } from '../native/kite-host.js';
import { env } from './environment.js';

const server = new URL(env('KITE_URL'));
const port = Number(server.port);
// The suite runs two clients at a time, each with its own server, so each gets its own address here.
const host = await KiteHost.create(`127.1.${port >> 8}.${port & 0xff}`);
const { address, key, cert } = host.identity;
const relay = createServer({ key, cert }, (client) => {
  const upstream = connect(port, server.hostname);
  client.pipe(upstream).pipe(client);
  endTogether(client, upstream);
  endTogether(upstream, client);
});
await new Promise<void>((resolve, reject) => {
  relay.once('error', reject);
  relay.listen(KITE_PORT, address, resolve);
});

const [program, ...args] = host.command(process.argv.slice(2));
// Own pipes: a Node process's pipes may be non-blocking, and then a client that writes much fails.
const child = spawn(program!, args, {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, ...host.env },
});
child.stdout.pipe(process.stdout);
child.stderr.pipe(process.stderr);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
child.once('close', (code) => {
  host[Symbol.dispose]();
  process.exit(code ?? 1);
});

/** When one socket breaks, the other is closed. */
function endTogether(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy());
  one.on('close', () => other.destroy());
}
