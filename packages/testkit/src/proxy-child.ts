/** A proxy that opens tunnels, in a process of its own, obedient to `ProxyProcess`. */
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

import type { ProxySettings, ProxyWord } from './proxy-process.js';

const settings = JSON.parse(process.argv[2]!) as ProxySettings;
const { behaviour = 'tunnel', credentials, tls } = settings;
const tunnels = new Set<Duplex>();

function say(word: ProxyWord): void {
  process.send?.(word);
}

function tunnel(authority: string, client: Duplex): void {
  const { hostname, port } = new URL(`http://${authority}`);
  const server = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (behaviour === 'closes-midway') server.once('data', () => client.destroy());
    server.pipe(client);
    client.pipe(server);
  });
  server.on('error', () => client.destroy());
  server.on('close', () => client.destroy());
  client.on('close', () => server.destroy());
  tunnels.add(client);
}

const server = tls ? createSecureServer(tls) : createServer();
server.on('connect', (request, client: Duplex) => {
  client.on('error', () => undefined);
  const authorization = request.headers['proxy-authorization'];
  const from = request.socket.remoteAddress;
  say({ authority: request.url!, ...(authorization && { authorization }), ...(from && { from }) });
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  if (wanted !== undefined && authorization !== wanted) {
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
    return;
  }
  switch (behaviour) {
    case 'tunnel':
    case 'closes-midway':
      tunnel(request.url!, client);
      break;
    case 'mute':
      break;
    case 'hangs-up':
      client.destroy();
      break;
    case 'speaks-otherwise':
      client.end(`${authorization}\r\nSSH-2.0-OpenSSH_9.6\r\n`);
      break;
    case 'talks-for-ever':
      client.write('HTTP/1.1 200 OK\r\n');
      client.write(`X-Padding: ${'x'.repeat(1_000_000)}\r\n`);
      break;
    case 'repeats-the-request': {
      const body = `refused: ${request.method} ${authorization} ${credentials} ${encodeURIComponent(credentials ?? '')}`;
      client.end(`HTTP/1.1 502 ${authorization}\r\nX-Request: ${authorization}\r\n\r\n${body}`);
      break;
    }
  }
});
server.listen(0, '127.0.0.1', () => {
  say({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  for (const client of tunnels) client.destroy();
});
process.on('disconnect', () => process.exit());
