import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Instruments } from '@kite/instruments';
import { ACCESS_TOKEN, API_KEY, Program } from '@kite/testkit';

import { SMALL_LIST } from '../support/csv.js';
import { ListServer } from '../support/list-server.js';
import { TemporaryFolder } from '../support/temporary.js';

/** No chance is so small: it makes the pauses between attempts 0. */
const NO_PAUSE = -0.5;

test('a list comes compressed over HTTP, and is confirmed by its version', async () => {
  await using server = await ListServer.start();
  await using folder = await TemporaryFolder.make();
  const options = { url: server.url, cacheDir: folder.path };
  const first = await Instruments.load(options);
  const second = await Instruments.load({ ...options, maxAgeMs: Number.MIN_VALUE });
  expect([...second]).toEqual([...Instruments.parse(SMALL_LIST)]);
  expect(second.loadedAt).toBeGreaterThanOrEqual(first.loadedAt);
  expect(server.headers.map((headers) => headers['if-none-match'])).toEqual([undefined, 'W/"1"']);
});

test('the fetch and the signal of the runtime are taken as they are', async () => {
  await using server = await ListServer.start();
  const { signal } = new AbortController();
  const list = await Instruments.load({ url: server.url, fetch, signal });
  const { body } = await fetch(server.url);
  expect([...(await Instruments.parse(body!))]).toEqual([...list]);
});

test('a list that unpacks to more than 64 MiB, and never ends, is cut off', async () => {
  const zeros = gzipSync(new Uint8Array(16 << 20));
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const more = (): void => {
      while (response.write(zeros));
    };
    response.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await expect(Instruments.load({ url })).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      message: expect.stringContaining('more than 67108864 bytes') as string,
      attempts: 1,
    });
    // Ends when the client has left.
    await new Promise((resolve) => server.close(resolve));
  } finally {
    server.closeAllConnections();
  }
});

test('a redirect to another server is followed, without the credentials', async () => {
  await using server = await ListServer.start();
  const redirecting = createServer((_request, response) => {
    response.writeHead(302, { location: server.url }).end();
  });
  redirecting.listen(0, '127.0.0.1');
  await once(redirecting, 'listening');
  try {
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/`;
    const list = await Instruments.load({ url, apiKey: API_KEY, accessToken: ACCESS_TOKEN });
    expect(list.tokenOf('NSE:INFY')).toBe(408_065);
    expect(server.headers).toHaveLength(1);
    expect(server.headers[0]).not.toHaveProperty('authorization');
  } finally {
    redirecting.closeAllConnections();
    await new Promise((resolve) => redirecting.close(resolve));
  }
});

test('a server that cannot be reached rejects the load with its cause', async () => {
  const abort = new AbortController();
  const url = await ListServer.start().then(async (server) => {
    const { url } = server;
    await server[Symbol.asyncDispose]();
    return url;
  });
  const failing = Instruments.load({ url, random: () => NO_PAUSE, signal: abort.signal });
  await expect(failing).rejects.toMatchObject({
    code: 'KITE_INSTRUMENTS_LOAD_FAILED',
    attempts: 3,
    cause: { name: 'TypeError' },
  });
});

test('a program that loads, watches and ends, ends by itself', async () => {
  await using server = await ListServer.start();
  await using program = await Program.of(
    `import { Instruments } from '@kite/instruments';
     let isDown = false;
     const list = await Instruments.load({
       url: process.argv[2],
       fetch: (...request) => (isDown ? Promise.reject(new Error('down')) : fetch(...request)),
       random: () => ${NO_PAUSE},
     });
     let tell;
     const source = { clock: undefined, messages: () => [], on: (type, listener) => ((tell = listener), () => undefined) };
     list.watch(source, { onError: (error) => console.log(error.code, list.isStale) });
     isDown = true;
     tell({ count: 1, etag: 'W/"2"' });
     console.log(list.find('NSE:INFY').instrumentToken);`,
    { resolveDir: import.meta.dirname },
  );
  const { code, stdout, stderr } = await program.run(server.url);
  expect([code, stdout, stderr]).toEqual([0, '408065\nKITE_INSTRUMENTS_LOAD_FAILED true\n', '']);
});
