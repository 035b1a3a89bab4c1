import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { collect, eventually, ofType, SELF_SIGNED } from '@kite/testkit';

import { openBench } from '../support/connection-bench.js';

describe('tls', () => {
  test('with ca, a server whose authority the process does not know is trusted', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    await bench.open({ tls: { ca: SELF_SIGNED.cert } });
    await bench.open({ tls: { ca: [Buffer.from(SELF_SIGNED.cert)] }, apiKey: 'another-key' });
  });

  test('with servername, the certificate has to have that name', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    const ca = SELF_SIGNED.cert;
    await bench.open({ tls: { ca, servername: 'localhost' } });
    const ticker = bench.ticker({ tls: { ca, servername: 'ws.kite.trade' }, apiKey: 'another-key' });
    await expect(ticker.connect({ failFast: true })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_LOST',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  test('with minVersion and maxVersion, no other version is spoken', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    const ca = SELF_SIGNED.cert;
    await bench.open({ tls: { ca, maxVersion: 'TLSv1.2' } });
    await bench.open({ tls: { ca, minVersion: 'TLSv1.3' }, apiKey: 'another-key' });
  });

  test('with rejectUnauthorized: false, a loopback server is trusted with any certificate', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    await bench.open({ tls: { rejectUnauthorized: false } });
  });
});

describe('localAddress', () => {
  test('is where the connection comes from', async () => {
    const from: (string | undefined)[] = [];
    const server = createServer((socket) => {
      from.push(socket.remoteAddress);
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using bench = await openBench();
    const { port } = server.address() as { port: number };
    const ticker = bench.ticker({ url: `ws://127.0.0.1:${port}/`, localAddress: '127.0.0.2' });
    await expect(ticker.connect({ failFast: true })).rejects.toMatchObject({ code: 'KITE_CONNECTION_LOST' });
    expect(from).toEqual(['127.0.0.2']);
    await new Promise((resolve) => server.close(resolve));
  });

  test('that this machine does not have is in the error', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker({ localAddress: '192.0.2.1' });
    await expect(ticker.connect({ failFast: true })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_LOST',
      cause: { code: 'EADDRNOTAVAIL' },
    });
  });
});

test('family dials addresses of that family alone', async () => {
  await using bench = await openBench();
  const url = bench.simulator.url.replace('127.0.0.1', 'localhost');
  const ticker = bench.ticker({ url, family: 4 });
  const messages = collect(ticker.messages());
  await ticker.connect();
  const six = bench.ticker({ url, family: 6, apiKey: 'another-key' });
  await expect(six.connect({ failFast: true })).rejects.toMatchObject({ code: 'KITE_CONNECTION_LOST' });
  await eventually(() => expect(ofType(messages, 'state').at(-1)?.state).toBe('open'));
});
