import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startSimulator } from '@kite/simulator';

import { serveBoard } from '../../src/depth-board/relay/board-server.js';
import { PageLink } from '../../src/depth-board/relay/page-link.js';
import { parsePageMessage, type RelayMessage } from '../../src/depth-board/relay-message.js';
import { type ServedBoard, type ServedBoardOptions, serveTestBoard } from '../support/served-board.js';

const TOKENS = [408065, 738561, 256265];
const NO_ASSETS = new Map([['/', { contentType: 'text/html', body: Buffer.from('<title>board</title>') }]]);
const POLL = { timeout: 10_000, interval: 10 };

async function serve(options: ServedBoardOptions = {}): Promise<ServedBoard> {
  const board = await serveTestBoard({ assets: NO_ASSETS, tokens: TOKENS, ...options });
  onTestFinished(() => board[Symbol.asyncDispose]());
  return board;
}

/** A page without a browser: everything that it is told, in order. */
class ListeningPage {
  readonly received: (RelayMessage | Uint8Array)[] = [];
  readonly socket: WebSocket;

  constructor(url: string, headers: Record<string, string> = {}) {
    const { host, origin } = new URL(url);
    this.socket = new WebSocket(`ws://${host}/feed`, { headers: { origin, ...headers } });
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.received.push(isBinary ? new Uint8Array(data) : (JSON.parse(data.toString()) as RelayMessage));
    });
    onTestFinished(() => this.socket.terminate());
  }

  get frames(): Uint8Array[] {
    return this.received.filter((one) => one instanceof Uint8Array);
  }

  of<Type extends RelayMessage['type']>(type: Type): Extract<RelayMessage, { type: Type }>[] {
    return this.received.filter(
      (one): one is Extract<RelayMessage, { type: Type }> =>
        !(one instanceof Uint8Array) && one.type === type,
    );
  }
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const { socket } = new ListeningPage(url, headers);
  const opened = once(socket, 'open').then(() => 101);
  const refused = new Promise<number | undefined>((resolve) => {
    socket.on('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.on('error', () => undefined);
  });
  return Promise.race([opened, refused]);
}

describe('the relay', () => {
  test('passes frames on byte for byte, heartbeats included, after a hello that names the instruments', async () => {
    const board = await serve();
    board.simulator!.setTicksPerSecond(0);
    const page = new ListeningPage(board.url);
    await expect.poll(() => page.of('history').length, POLL).toBe(1);
    expect(page.of('hello')).toEqual([
      {
        type: 'hello',
        feed: 'simulator',
        now: expect.any(Number) as number,
        instruments: [
          { instrumentToken: 408065, symbol: 'INFY' },
          { instrumentToken: 738561, symbol: 'RELIANCE' },
          { instrumentToken: 256265, symbol: 'NIFTY 50' },
        ],
      },
    ]);
    // A heartbeat, and then packets of a kind that nobody knows: what is not decoded cannot be mangled.
    await expect.poll(() => page.frames.at(-1)?.length, POLL).toBe(1);
    const body = Uint8Array.from({ length: 184 }, (_, at) => at);
    new DataView(body.buffer).setUint32(0, 408065);
    board.simulator!.publish([body]);
    await expect.poll(() => page.frames.at(-1), POLL).toEqual(Uint8Array.from([0, 1, 0, 184, ...body]));
  });

  test('tells of states and gaps in text, the gap before the first frame after it', async () => {
    const board = await serve();
    const page = new ListeningPage(board.url);
    await expect.poll(() => page.of('state').at(-1)?.state, POLL).toBe('open');
    await expect.poll(() => page.frames.length, POLL).toBeGreaterThan(0);
    board.simulator!.drop();
    await expect.poll(() => page.of('gap').length, POLL).toBe(1);
    await expect.poll(() => page.received.at(-1), POLL).toBeInstanceOf(Uint8Array);
    const told = page.received.map((one) => (one instanceof Uint8Array ? 'frame' : one.type));
    const gap = told.indexOf('gap');
    expect(page.of('state').map(({ state }) => state)).toContain('waiting');
    expect(page.of('state').find(({ state }) => state === 'waiting')?.reason).toContain('1006');
    // Nothing was received between the loss and the gap.
    expect(told.slice(told.lastIndexOf('frame', gap) + 1, gap)).not.toContain('frame');
    expect(told[gap + 1]).toBe('frame');
  });

  test('any number of pages share the one connection to Kite', async () => {
    const board = await serve();
    const pages = Array.from({ length: 5 }, () => new ListeningPage(board.url));
    await expect.poll(() => pages.every(({ frames }) => frames.length > 0), POLL).toBe(true);
    expect(board.simulator!.connections).toHaveLength(1);
    pages[0]!.socket.close();
    await expect.poll(() => pages[0]!.socket.readyState, POLL).toBe(WebSocket.CLOSED);
    const before = pages[1]!.frames.length;
    await expect.poll(() => pages[1]!.frames.length, POLL).toBeGreaterThan(before);
  });

  test('neither credentials nor orders reach a page', async () => {
    const accounts = [{ apiKey: 'real-key', accessToken: 'real-secret-token', userId: 'AB1234' }];
    await using kite = await startSimulator({ accounts });
    const env = { KITE_API_KEY: 'real-key', KITE_ACCESS_TOKEN: 'real-secret-token' };
    const board = await serve({ env, url: kite.url });
    const page = new ListeningPage(board.url);
    await expect.poll(() => page.frames.length, POLL).toBeGreaterThan(0);
    kite.postOrder('real-key', { status: 'COMPLETE' });
    kite.sendError('something about real-key');
    await expect.poll(() => page.of('error').length, POLL).toBe(1);
    kite.drop();
    await expect.poll(() => page.of('gap').length, POLL).toBe(1);
    const told = JSON.stringify(page.received.filter((one) => !(one instanceof Uint8Array)));
    expect(told).not.toMatch(/real-secret-token|AB1234|order_id/);
  });

  test('says to a page that comes later how things are, and what was received before', async () => {
    const board = await serve();
    const first = new ListeningPage(board.url);
    await expect.poll(() => first.frames.length, POLL).toBeGreaterThan(2);
    const second = new ListeningPage(board.url);
    await expect.poll(() => second.of('history').length, POLL).toBe(1);
    const { receivedAt } = second.of('history')[0]!;
    expect(receivedAt.length).toBeGreaterThan(1);
    await expect.poll(() => second.frames.length, POLL).toBeGreaterThanOrEqual(receivedAt.length);
    expect(second.of('state')[0]).toMatchObject({ state: 'open' });
    const ticks = first.frames.filter(({ length }) => length > 1);
    expect(second.frames.slice(0, receivedAt.length)).toEqual(expect.arrayContaining([ticks[0]]));
  });

  test.each([
    '',
    'null',
    '[]',
    '{"type":"add"}',
    '{"type":"remove","instrumentToken":"408065"}',
    '{"type":"stop"}',
  ])('takes %j of a page for nothing', (text) => {
    expect(parsePageMessage(text)).toBeUndefined();
  });

  test('subscribes what a page adds, and unsubscribes what it removes, but for the last one', async () => {
    const board = await serve();
    const page = new ListeningPage(board.url);
    await once(page.socket, 'open');
    const listed = () =>
      page
        .of('instruments')
        .at(-1)
        ?.instruments.map(({ symbol }) => symbol);
    const subscribed = () => board.simulator!.connections[0]!.book.size;
    page.socket.send(JSON.stringify({ type: 'add', name: 'NSE:TCS' }));
    await expect.poll(listed, POLL).toEqual(['INFY', 'RELIANCE', 'NIFTY 50', 'TCS']);
    await expect.poll(subscribed, POLL).toBe(4);
    for (const instrumentToken of [408065, 738561, 256265])
      page.socket.send(JSON.stringify({ type: 'remove', instrumentToken }));
    await expect.poll(listed, POLL).toEqual(['TCS']);
    await expect.poll(subscribed, POLL).toBe(1);
    page.socket.send(JSON.stringify({ type: 'remove', instrumentToken: 2953217 }));
    await expect.poll(() => page.of('refused').at(-1)?.reason, POLL).toBe('the last instrument stays');
  });

  test('a page that takes nothing is cut off, not waited for', () => {
    const calls: string[] = [];
    const socket = {
      bufferedAmount: 0,
      send: () => void calls.push('send'),
      terminate: () => void calls.push('terminate'),
    };
    const page = new PageLink(socket, 1000);
    page.forward(new Uint8Array(10));
    socket.bufferedAmount = 1001;
    page.forward(new Uint8Array(10));
    expect(calls).toEqual(['send', 'terminate']);
  });
});

describe('the server of the page', () => {
  test('listens on the loopback address alone', async () => {
    const { url } = await serve();
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  test.each([
    ['a page of another site', { origin: 'https://example.com' }, 401],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }, 401],
    ['no page at all', { origin: '' }, 401],
    [
      'a name that was made to resolve to this machine',
      { host: 'example.com', origin: 'http://example.com' },
      401,
    ],
  ])('refuses the feed to %s', async (_, headers, status) => {
    const { url } = await serve();
    expect(await statusOf(url, headers)).toBe(status);
  });

  test('gives the feed to its own page, under each name of this machine', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    expect(await statusOf(url, {})).toBe(101);
    const localhost = `localhost:${port}`;
    expect(await statusOf(url, { host: localhost, origin: `http://${localhost}` })).toBe(101);
  });

  test('serves what there is, read-only, with a policy that lets nothing else in', async () => {
    const { url } = await serve();
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, '<title>board</title>']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${url}?query`)).status).toBe(200);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  test('a port that is taken is an error that names it', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    const second = serveBoard({
      assets: NO_ASSETS,
      port,
      join: () => ({ hear: () => undefined, leave: () => undefined }),
    });
    await expect(second).rejects.toMatchObject({
      code: 'KITE_EXAMPLES_LISTEN_FAILED',
      field: 'port',
      value: port,
    });
  });
});
