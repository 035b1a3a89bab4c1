import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FullTick, parseTextMessage, type QuoteTick } from '@kite/protocol';
import { type Simulator, startSimulator } from '@kite/simulator';
import { indexFullBody, INFY, NIFTY, NSE_FULL } from '@kite/testkit';

import { connect, credentials, refusalOf, TestClient } from '../support/client.js';

const FULL_TICK = decodeFrame(encodeFrame([NSE_FULL.body]))[0] as FullTick;

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 20 });
});
afterEach(() => simulator.stop());

describe('the handshake', () => {
  const failed = { status: 'error', message: 'Authentication failed.', error_type: 'TokenException' };
  const invalid = {
    status: 'error',
    message: 'Invalid `access_token` or `api_key`.',
    error_type: 'InputException',
  };

  test("refuses what has no api_key or no access_token with 400 and Kite's own words", async () => {
    for (const target of ['', '?api_key=a', '?access_token=b', '?api_key=&access_token=b'])
      expect([target, await refusalOf(simulator.url + target)]).toMatchObject([
        target,
        { status: 400, body: invalid },
      ]);
  });

  test('refuses another path with 400, and does not blame the credentials for it', async () => {
    const { status, text } = await refusalOf(`${simulator.url}quotes${credentials()}`);
    expect(status).toBe(400);
    expect(text).not.toMatch(/token|key/);
  });

  test("refuse() answers 400 and 403 in Kite's own words unless it is given a body", async () => {
    simulator.refuse(1, 400);
    expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 400, body: invalid });
    simulator.refuse(1, 403);
    expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 403, body: failed });
    simulator.refuse(1, 403, undefined, 'own words');
    expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 403, text: 'own words' });
  });

  test('takes any key with any token where no accounts are given', async () => {
    using client = await connect(simulator, 'whatever', 'x/y+z=&');
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(simulator.connections.map(({ apiKey }) => apiKey)).toEqual(['whatever']);
  });

  test("refuses a wrong token and an unknown key with 403 and Kite's JSON body", async () => {
    await using strict = await startSimulator({ accounts: [{ apiKey: 'a', accessToken: 'right+token/=' }] });
    for (const [key, token] of [
      ['a', 'wrong'],
      ['b', 'right+token/='],
    ] as const) {
      expect(await refusalOf(strict.url + credentials(key, token))).toMatchObject({
        status: 403,
        body: failed,
      });
    }
    using client = await connect(strict, 'a', 'right+token/=');
    expect(client.closed).toBeUndefined();
  });

  test('answers a token whose reserved characters were not percent-encoded as a wrong one', async () => {
    await using strict = await startSimulator({ accounts: [{ apiKey: 'a', accessToken: 'to+ken' }] });
    expect(await refusalOf(`${strict.url}?api_key=a&access_token=to+ken`)).toMatchObject({ status: 403 });
  });

  test('refuses a fourth connection of one key with 429, and takes one again when one has gone', async () => {
    const clients = [await connect(simulator), await connect(simulator), await connect(simulator)];
    expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 429 });
    using _other = await connect(simulator, 'another key');
    const gone = new Promise((resolve) => simulator.on('close', resolve));
    clients.pop()?.socket.terminate();
    await gone;
    clients.push(await connect(simulator));
    expect(simulator.connections.filter(({ apiKey }) => apiKey === 'key')).toHaveLength(3);
    for (const client of clients) client.socket.terminate();
  });

  test('remembers every attempt with its status and client, and never a token', async () => {
    const client = new TestClient(simulator.url + credentials('key', 'sesame'), {
      headers: { 'X-Kite-Version': '3', 'User-Agent': 'test/1' },
    });
    await client.until(() => client.texts.length === 2);
    await refusalOf(`${simulator.url}?access_token=sesame`);
    expect(simulator.handshakes).toMatchObject([
      { path: '/', apiKey: 'key', status: 101, userAgent: 'test/1', kiteVersion: '3' },
      { path: '/', apiKey: undefined, status: 400 },
    ]);
    const { inspect } = await import('node:util');
    expect(
      JSON.stringify(simulator.handshakes) + inspect(simulator, { depth: 9, showHidden: true }),
    ).not.toContain('sesame');
    client.socket.terminate();
  });

  test('answers a plain HTTP request with 400', async () => {
    const response = await fetch(simulator.url.replace('ws:', 'http:'));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 'error' });
  });
});

describe('ticks come on change only', () => {
  test('an ltp subscriber gets no packet twice in a row, whatever else of the instrument changes', async () => {
    simulator.setTicksPerSecond(2000);
    using client = await connect(simulator);
    client.subscribe([INFY, 738561, 884737, NIFTY], 'ltp');
    await client.until(() => client.ticks.filter(({ mode }) => mode === 'ltp').length > 400);
    simulator.burst(100);
    await client.settled();
    const last = new Map<number, number>();
    for (const { mode, instrumentToken, lastPrice } of client.ticks) {
      if (mode !== 'ltp') continue;
      expect([instrumentToken, lastPrice]).not.toEqual([instrumentToken, last.get(instrumentToken)]);
      last.set(instrumentToken, lastPrice);
    }
  });

  test('a published quote whose price stays is sent to a quote subscriber, and to an ltp subscriber not', async () => {
    using quote = await connect(simulator, 'quote');
    using ltp = await connect(simulator, 'ltp');
    quote.subscribe([INFY]);
    ltp.subscribe([INFY], 'ltp');
    await Promise.all([quote.settled(), ltp.settled()]);
    const [before] = quote.ticks;
    ltp.forget();
    quote.forget();
    simulator.publish([{ ...(before as QuoteTick), volumeTraded: 4_000_000_000 }]);
    await Promise.all([quote.settled(), ltp.settled()]);
    expect(quote.ticks).toMatchObject([{ volumeTraded: 4_000_000_000 }]);
    expect(ltp.ticks).toEqual([]);
  });

  test('a published price is sent to an ltp subscriber each time, the same one included', async () => {
    using client = await connect(simulator);
    client.subscribe([INFY], 'ltp');
    await client.settled();
    client.forget();
    const price = {
      mode: 'ltp',
      instrumentToken: INFY,
      segment: 1,
      tradable: true,
      lastPrice: 1573.15,
    } as const;
    simulator.publish([price]);
    simulator.publish([price]);
    await client.settled();
    expect(client.ticks).toEqual([price, price]);
  });

  test('after a stall an ltp subscriber gets what it missed, although the price has not changed since', async () => {
    using client = await connect(simulator);
    client.subscribe([INFY], 'ltp');
    await client.settled();
    const price = {
      mode: 'ltp',
      instrumentToken: INFY,
      segment: 1,
      tradable: true,
      lastPrice: 1500,
    } as const;
    simulator.stall();
    simulator.publish([price]);
    await simulator.resume();
    client.forget();
    simulator.publish([{ ...FULL_TICK, lastPrice: 1500 }]);
    await client.settled();
    expect(client.ticks).toEqual([price]);
  });
});

describe('after connecting', () => {
  test('sends instruments_meta and then app_code, which has no data', async () => {
    const client = new TestClient(simulator.url + credentials());
    await client.until(() => client.texts.length === 2);
    expect(client.texts.map(parseTextMessage)).toEqual([
      {
        type: 'instruments-meta',
        count: 10_000,
        etag: expect.stringMatching(/^W\/"[\da-f]+-2710"$/) as string,
      },
      {
        type: 'app-code',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30$/) as string,
      },
    ]);
    expect(JSON.parse(client.texts[1]!)).not.toHaveProperty('data');
    client.socket.terminate();
  });

  test('sends heartbeats of one byte while nothing else flows', async () => {
    using client = await connect(simulator);
    await client.until(() => client.heartbeats >= 3);
    expect(client.frames.every(({ length }) => length === 1)).toBe(true);
  });
});

describe('pings', () => {
  test('are sent where asked to, and their answers counted', async () => {
    await using pinging = await startSimulator({ pingIntervalMs: 10 });
    using client = await connect(pinging);
    let pings = 0;
    client.socket.on('ping', () => pings++);
    pinging.ping();
    while (pings < 3) await new Promise((resolve) => client.socket.once('ping', resolve));
    await client.settled();
    const { pingsSent, pongsReceived, pingsReceived } = pinging.connections[0]!.counters;
    expect(pongsReceived).toBeGreaterThanOrEqual(3);
    expect(pingsSent).toBeGreaterThanOrEqual(pongsReceived);
    expect(pingsReceived).toBe(1);
  });
});

describe('subscriptions', () => {
  test('streams quotes after a subscribe, beginning with the cached one, at once', async () => {
    using client = await connect(simulator);
    client.subscribe([INFY, NIFTY]);
    await client.until(() => client.ticks.length > 0);
    expect(client.tickFrames).toHaveLength(1);
    expect(client.ticks).toMatchObject([
      { mode: 'quote', instrumentToken: INFY, tradable: true },
      { mode: 'quote', instrumentToken: NIFTY, tradable: false },
    ]);
    expect(client.tickFrames[0]).toHaveLength(2 + 2 + 44 + 2 + 28);
  });

  test.each([
    ['ltp', 8, 8],
    ['quote', 44, 28],
    ['full', 184, 32],
  ] as const)(
    'sends the cached tick at once when a mode changes to %s: %d bytes, an index %d',
    async (mode, full, index) => {
      using client = await connect(simulator);
      client.subscribe([INFY, NIFTY], mode === 'quote' ? 'ltp' : 'quote');
      await client.settled();
      client.forget();
      client.setMode(mode, [INFY, NIFTY]);
      await client.settled();
      expect(client.tickFrames.map(({ length }) => length)).toEqual([2 + 2 + full + 2 + index]);
      expect(client.ticks).toMatchObject([{ mode }, { mode }]);
      expect([...(simulator.connections[0]?.book ?? [])]).toEqual([
        [INFY, mode],
        [NIFTY, mode],
      ]);
    },
  );

  test('has a market for any token, whatever its low byte', async () => {
    using client = await connect(simulator);
    const tokens = Array.from({ length: 300 }, (_, index) => index + 1);
    client.subscribe([...tokens, 2 ** 32 - 1]);
    await client.until(() => client.ticks.length === 301);
    expect(client.ticks.map(({ instrumentToken }) => instrumentToken)).toEqual([...tokens, 2 ** 32 - 1]);
  });

  test('takes silent tokens without a word, and never sends them', async () => {
    await using quiet = await startSimulator({ silentTokens: [INFY], ticksPerSecond: 0 });
    using client = await connect(quiet);
    client.subscribe([INFY, NIFTY]);
    await client.settled();
    quiet.burst(5);
    await client.settled();
    expect(client.texts).toEqual([]);
    expect(new Set(client.ticks.map(({ instrumentToken }) => instrumentToken))).toEqual(new Set([NIFTY]));
    expect([...quiet.connections[0]!.book.keys()]).toEqual([INFY, NIFTY]);
  });

  test('keeps the mode of an instrument that is subscribed again', async () => {
    using client = await connect(simulator);
    client.subscribe([INFY], 'full');
    client.subscribe([INFY]);
    await client.settled();
    expect(client.ticks.map(({ mode }) => mode)).toEqual(['quote', 'full', 'full']);
  });

  test('ignores a mode for an instrument that is not subscribed', async () => {
    using client = await connect(simulator);
    client.setMode('full', [INFY]);
    await client.settled();
    expect([client.ticks, client.texts, simulator.connections[0]?.book.size]).toEqual([[], [], 0]);
  });

  test('sends nothing more after an unsubscribe', async () => {
    using client = await connect(simulator);
    client.subscribe([INFY, NIFTY]);
    client.unsubscribe([INFY]);
    await client.settled();
    client.forget();
    simulator.burst(4);
    await client.settled();
    expect(client.ticks.map(({ instrumentToken }) => instrumentToken)).toEqual([NIFTY, NIFTY, NIFTY, NIFTY]);
  });

  test('accepts tokens that are strings in silence, and then no data comes', async () => {
    using client = await connect(simulator);
    client.socket.send(JSON.stringify({ a: 'subscribe', v: [String(INFY)] }));
    client.socket.send(JSON.stringify({ a: 'mode', v: ['full', [String(INFY)]] }));
    await client.settled();
    simulator.burst(1);
    await client.settled();
    expect([client.ticks, client.texts]).toEqual([[], []]);
  });

  test('refuses what it cannot read with the exact text, and goes on', async () => {
    using client = await connect(simulator);
    const unreadable = [
      'nonsense',
      'null',
      '{}',
      '{"a":"subscribe"}',
      '{"a":"subscribe","v":408065}',
      '{"a":"subscribe","v":[[408065]]}',
      '{"a":"subscribe","v":[null]}',
      '{"a":"subscribe","v":[1.5]}',
      '{"a":"subscribe","v":[-1]}',
      '{"a":"subscribe","v":[4294967296]}',
      '{"a":"mode","v":["deep",[408065]]}',
      '{"a":"mode","v":["full"]}',
      '{"a":"dance","v":[408065]}',
    ];
    for (const text of unreadable) client.socket.send(text);
    client.subscribe([INFY]);
    await client.settled();
    const error = JSON.stringify({ type: 'error', data: 'Error parsing instrument tokens.' });
    expect(client.texts).toEqual(unreadable.map(() => error));
    expect(client.ticks).toHaveLength(1);
    expect(simulator.requests.filter(({ request }) => request.action === 'invalid')).toHaveLength(
      unreadable.length,
    );
  });

  test('holds 3000 instruments a connection, and refuses one more with the exact text and whole', async () => {
    using client = await connect(simulator);
    const tokens = simulator.instruments.slice(0, 3001).map(({ instrumentToken }) => instrumentToken);
    client.subscribe(tokens.slice(0, 2999));
    client.subscribe(tokens.slice(2998));
    await client.settled();
    const error = JSON.stringify({ type: 'error', data: "Can't subscribe to more than 3000 instruments." });
    expect(client.texts).toEqual([error]);
    expect(simulator.connections[0]?.book.size).toBe(2999);
    client.subscribe(tokens.slice(0, 3000));
    await client.settled();
    expect(client.texts).toHaveLength(1);
    expect(simulator.connections[0]?.book.size).toBe(3000);
    expect(simulator.connections[0]?.requests.map(({ action }) => action)).toEqual([
      'subscribe',
      'subscribe',
      'subscribe',
    ]);
  });
});

describe('what the server sends of its own accord', () => {
  test('posts a complete order on every open connection of the account, and on no other', async () => {
    const clients = [
      await connect(simulator, 'a'),
      await connect(simulator, 'a'),
      await connect(simulator, 'b'),
    ];
    const order = simulator.postOrder('a', { status: 'CANCELLED', tag: 'mine', custom: 1 });
    for (const client of clients) await client.settled();
    expect(clients.map(({ texts }) => texts.map(parseTextMessage))).toEqual([
      [{ type: 'order', order }],
      [{ type: 'order', order }],
      [],
    ]);
    expect(order).toMatchObject({
      tradingsymbol: 'INFY',
      status: 'CANCELLED',
      tag: 'mine',
      custom: 1,
      pending_quantity: 0,
    });
    expect(Object.keys(order)).toEqual(expect.arrayContaining(ORDER_FIELDS));
    expect(order.order_timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(simulator.postOrder('a').order_id).not.toBe(order.order_id);
    for (const client of clients) client.socket.terminate();
  });

  test('posts the orders of a user on the connections of all its keys', async () => {
    await using shared = await startSimulator({
      accounts: ['a', 'b', 'c'].map((apiKey) => ({
        apiKey,
        accessToken: 't',
        userId: apiKey === 'c' ? 'ZZ0002' : 'ZZ0001',
      })),
    });
    const clients = await Promise.all(['a', 'b', 'c'].map((key) => connect(shared, key, 't')));
    expect(shared.postOrder('ZZ0001').user_id).toBe('ZZ0001');
    for (const client of clients) await client.settled();
    expect(clients.map(({ texts }) => texts.length)).toEqual([1, 1, 0]);
    for (const client of clients) client.socket.terminate();
  });

  test('broadcasts messages, errors, raw text and raw bytes to the selected connections', async () => {
    const [a, b] = [await connect(simulator, 'a'), await connect(simulator, 'b')];
    expect(simulator.broadcast('market closes early')).toBe(2);
    expect(simulator.sendError('no', 'a')).toBe(1);
    expect(simulator.sendText('not json', { apiKey: 'b' })).toBe(1);
    expect(simulator.sendBinary(Uint8Array.of(1, 2, 3), simulator.connections[1]!.id)).toBe(1);
    await a.settled();
    await b.settled();
    expect(a.texts).toEqual([
      '{"type":"message","data":"market closes early"}',
      '{"type":"error","data":"no"}',
    ]);
    expect(b.texts).toEqual(['{"type":"message","data":"market closes early"}', 'not json']);
    expect(b.frames.filter(({ length }) => length > 1)).toEqual([Buffer.of(1, 2, 3)]);
    a.socket.terminate();
    b.socket.terminate();
  });

  test('sends a published tick to its subscribers, in the mode of each, and remembers it as the cached one', async () => {
    using client = await connect(simulator);
    using late = await connect(simulator);
    client.subscribe([INFY], 'full');
    await client.settled();
    const before = client.ticks.at(-1)!;
    client.forget();
    const published = {
      mode: 'ltp',
      instrumentToken: INFY,
      segment: 1,
      tradable: true,
      lastPrice: 1234.5,
    } as const;
    expect(simulator.publish([published])).toBe(1);
    late.subscribe([INFY], 'ltp');
    await Promise.all([client.settled(), late.settled()]);
    expect(client.ticks).toMatchObject([
      { ...before, lastPrice: 1234.5, netChange: -333.3, changePercent: expect.any(Number) as number },
    ]);
    expect(late.ticks.at(-1)).toEqual(published);
  });

  test('takes no published packet of a length that the instrument cannot have', () => {
    const prices = { last: 1, high: 1, low: 1, open: 1, close: 1, change: 0 };
    expect(simulator.publish([indexFullBody({ token: INFY, ...prices, exchangeTime: 0 })])).toBe(0);
  });
});

const ORDER_FIELDS =
  'user_id unfilled_quantity app_id checksum placed_by order_id exchange_order_id parent_order_id status status_message status_message_raw order_timestamp exchange_update_timestamp exchange_timestamp variety exchange tradingsymbol instrument_token order_type transaction_type validity product quantity disclosed_quantity price trigger_price average_price filled_quantity pending_quantity cancelled_quantity market_protection meta tag guid'.split(' '); // prettier-ignore
