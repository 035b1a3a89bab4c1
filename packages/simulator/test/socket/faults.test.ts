import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, type FrameIssue } from '@kite/protocol';
import { type Simulator, startSimulator } from '@kite/simulator';
import { aWhile, INFY, reached, RELIANCE } from '@kite/testkit';

import { connect, credentials, refusalOf, TestClient } from '../support/client.js';

let simulator: Simulator;
const clients: TestClient[] = [];
beforeEach(async () => {
  simulator = await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 20 });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await simulator.stop();
});

async function subscribed(apiKey = 'key'): Promise<TestClient> {
  const client = await connect(simulator, apiKey);
  clients.push(client);
  client.subscribe([INFY, RELIANCE], 'full');
  await client.settled();
  client.forget();
  return client;
}

describe('faults on open connections', () => {
  test('drop: the connection is reset without a closing handshake', async () => {
    const [dropped, kept] = [await subscribed('a'), await subscribed('b')];
    expect(simulator.drop('a')).toBe(1);
    await dropped.until(() => dropped.closed !== undefined);
    expect(dropped.closed).toEqual({ code: 1006, reason: '' });
    await kept.settled();
    expect(simulator.connections.map(({ apiKey }) => apiKey)).toEqual(['b']);
  });

  test('drop: one of the three connections of a key goes by its id, and its place is free again', async () => {
    const three = [await subscribed(), await subscribed(), await subscribed()];
    simulator.drop(simulator.connections[1]!.id);
    await three[1]!.until(() => three[1]!.closed !== undefined);
    await Promise.all([three[0]!.settled(), three[2]!.settled()]);
    await subscribed();
    expect(simulator.connections.map(({ id }) => id)).toEqual([1, 3, 4]);
  });

  test('stall: neither ticks nor heartbeats come, pings are answered, and after resume the newest state flows', async () => {
    const client = await subscribed();
    await client.until(() => client.heartbeats > 0);
    simulator.stall();
    await client.settled();
    client.forget();
    simulator.burst(10);
    simulator.postOrder('key');
    await aWhile();
    await client.settled();
    expect([client.frames, client.texts]).toEqual([[], []]);
    await simulator.resume();
    await client.until(() => client.heartbeats > 0);
    simulator.burst(1);
    await client.until(() => client.ticks.length > 0);
    expect(client.ticks).toHaveLength(1);
  });

  test('stall: requests are still taken, so that the book is right afterwards', async () => {
    const client = await subscribed();
    simulator.stall();
    client.unsubscribe([INFY]);
    await client.settled();
    expect([...simulator.connections[0]!.book.keys()]).toEqual([RELIANCE]);
  });

  test('blackhole: the socket stands, pings and closing handshakes are not answered', async () => {
    const client = await subscribed();
    simulator.blackhole();
    simulator.burst(10);
    client.socket.ping();
    client.subscribe([5633]);
    client.socket.close();
    await aWhile();
    expect([client.pongs, client.closed, client.tickFrames]).toEqual([1, undefined, []]);
    expect(simulator.connections).toHaveLength(1);
    const gone = new Promise((resolve) => simulator.on('close', resolve));
    client.socket.terminate();
    await gone;
    expect(simulator.connections).toHaveLength(0);
  });

  test('close: the closing handshake with its code and reason', async () => {
    const client = await subscribed();
    simulator.close(4001, 'maintenance');
    await client.until(() => client.closed !== undefined);
    expect(client.closed).toEqual({ code: 4001, reason: 'maintenance' });
  });

  test('corrupt: frames arrive with flipped bits, and whole again after heal', async () => {
    const client = await subscribed();
    simulator.corrupt();
    await client.settled();
    client.forget();
    simulator.burst(2);
    await client.until(() => client.tickFrames.length === 1);
    const [corrupted] = client.tickFrames;
    expect(corrupted).toHaveLength(2 + 2 * 186);
    simulator.heal();
    client.subscribe([INFY, RELIANCE]);
    await client.until(() => client.tickFrames.length === 2);
    expect(client.tickFrames[1]).not.toEqual(corrupted);
    expect(decodeFrame(client.tickFrames[1]!, { onIssue: fail })).toHaveLength(2);
  });

  test('truncate: frames of ticks are cut short, on connections that open later too', async () => {
    simulator.truncate(1, { apiKey: 'cut' });
    const [cut, whole] = [await subscribed('cut'), await subscribed('whole')];
    simulator.burst(100);
    await Promise.all([cut.settled(), whole.settled()]);
    const issues: FrameIssue[] = [];
    for (const frame of cut.frames.filter(({ length }) => length > 1))
      decodeFrame(frame, { onIssue: (issue) => issues.push(issue) });
    expect(issues.some(({ kind }) => kind === 'truncated')).toBe(true);
    expect(whole.tickFrames.flatMap((frame) => decodeFrame(frame, { onIssue: fail }))).toHaveLength(100);
  });

  test('fragment: a message comes in WebSocket fragments and means the same', async () => {
    const client = await subscribed();
    simulator.fragment(4);
    const opcodes: number[] = [];
    tap(client).on('data', (chunk: Buffer) => opcodes.push(...frameHeads(chunk)));
    simulator.burst(2);
    simulator.broadcast('in pieces');
    await client.until(() => client.tickFrames.length === 1 && client.texts.length === 1);
    expect(client.ticks).toHaveLength(2);
    expect(client.texts).toEqual(['{"type":"message","data":"in pieces"}']);
    // Three fragments of four are not final; the first has the opcode, the others continue it.
    expect(opcodes.filter((head) => head !== 0x82)).toEqual([0x02, 0, 0, 0x80, 0x01, 0, 0, 0x80]);
  });

  test('burst: so many ticks at once, to the selected connection alone', async () => {
    const [burst, calm] = [await subscribed('a'), await subscribed('b')];
    expect(simulator.burst(7000, 'a')).toBe(1);
    await burst.until(() => burst.ticks.length === 7000);
    expect(burst.tickFrames.map((frame) => frame.readUInt16BE(0))).toEqual([3000, 3000, 1000]);
    await calm.settled();
    expect(calm.ticks).toEqual([]);
  });

  test('expireInstruments: nothing is sent of them any more, no matter who asks again, and the others go on', async () => {
    const client = await subscribed();
    simulator.expireInstruments([INFY]);
    client.unsubscribe([INFY]);
    client.subscribe([INFY], 'full');
    simulator.burst(10);
    const infy = { mode: 'ltp', instrumentToken: INFY, segment: 1, tradable: true, lastPrice: 1500 } as const;
    expect(simulator.publish([infy, { ...infy, instrumentToken: RELIANCE }])).toBe(1);
    expect(simulator.postOrder('key').instrument_token).toBe(INFY);
    await client.settled();
    expect(new Set(client.ticks.map(({ instrumentToken }) => instrumentToken))).toEqual(new Set([RELIANCE]));
    expect([...simulator.connections[0]!.book.keys()].sort()).toEqual([INFY, RELIANCE]);
  });

  test.each([
    ['burst', () => simulator.burst(0)],
    ['close', () => simulator.close(1006)],
    ['close', () => simulator.close(1000, 'x'.repeat(124))],
    ['corrupt', () => simulator.corrupt(2)],
    ['truncate', () => simulator.truncate(Number.NaN)],
    ['fragment', () => simulator.fragment(1.5)],
    ['lag', () => simulator.lag(-1)],
    ['refuse', () => simulator.refuse(1, 200)],
    ['expireInstruments', () => simulator.expireInstruments([0])],
    ['slowHandshake', () => simulator.slowHandshake(-1)],
    ['setAccessToken', () => simulator.setAccessToken('key', '')],
    ['setTicksPerSecond', () => simulator.setTicksPerSecond(-5)],
  ])('%s refuses a value that makes no sense', (_name, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'KITE_SIMULATOR_INVALID_ARGUMENT' }));
  });
});

describe('faults on the way in', () => {
  test('refuse: the next so many handshakes get the status, of one key where asked, and then it is over', async () => {
    simulator.refuse(2, 503);
    simulator.refuse(1, 429, 'b');
    const statuses = [];
    for (const key of ['a', 'a', 'b'])
      statuses.push((await refusalOf(simulator.url + credentials(key))).status);
    expect(statuses).toEqual([503, 503, 429]);
    await subscribed('a');
    await subscribed('b');
  });

  test('refuse: the body is that of Kite, or the given one, byte for byte', async () => {
    simulator.refuse(1, 503);
    simulator.refuse(1, 502, undefined, '<h1>502 Bad Gateway ₹</h1>');
    const refusals = [];
    for (const key of ['a', 'b']) refusals.push(await refusalOf(simulator.url + credentials(key)));
    expect(refusals[0]?.body).toMatchObject({ error_type: 'NetworkException' });
    expect(refusals[1]).toMatchObject({ status: 502, text: '<h1>502 Bad Gateway ₹</h1>' });
  });

  test('slowHandshake: the answer comes late, and an attempt that was given up is never counted', async () => {
    simulator.slowHandshake(Infinity);
    const given = connectTcp(Number(new URL(simulator.url).port));
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    await new Promise<void>((resolve) => {
      given.write(`GET /${credentials()} HTTP/1.1\r\nHost: kite\r\n${upgrade}\r\n${key}\r\n\r\n`, () =>
        resolve(),
      );
    });
    await reached(simulator.url);
    expect(simulator.handshakes).toEqual([]);
    given.destroy();
    simulator.slowHandshake(30);
    await subscribed();
    expect(simulator.handshakes.map(({ status }) => status)).toEqual([101]);
  });

  test('expireTokens: open connections stream on, the next connect gets 403, a fresh token is let in', async () => {
    const client = await subscribed();
    simulator.expireTokens();
    expect((await refusalOf(simulator.url + credentials('key', 'token'))).status).toBe(403);
    simulator.burst(1);
    await client.until(() => client.ticks.length === 1);
    clients.push(await connect(simulator, 'key', 'fresh'));
  });

  test('setAccessToken: from then on the key needs that token', async () => {
    await using strict = await startSimulator({ accounts: [{ apiKey: 'a', accessToken: 'old' }] });
    strict.expireTokens('a');
    expect((await refusalOf(strict.url + credentials('a', 'old'))).status).toBe(403);
    strict.setAccessToken('a', 'new');
    expect((await refusalOf(strict.url + credentials('a', 'old'))).status).toBe(403);
    using _client = await connect(strict, 'a', 'new');
  });

  test('pause: connects are refused for as long as it lasts, and resume listens on the same port', async () => {
    const client = await subscribed();
    const { url } = simulator;
    await simulator.pause();
    await client.until(() => client.closed !== undefined);
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(refusalOf(url)).rejects.toThrow('ECONNREFUSED');
    await simulator.resume();
    expect(simulator.url).toBe(url);
    await subscribed();
  });
});

describe('stop', () => {
  test('ends connections, undecided handshakes and half-open peers, frees the port, and can be called twice', async () => {
    const [open, mute] = [await subscribed(), await subscribed()];
    simulator.blackhole(2);
    simulator.slowHandshake(Infinity);
    const undecided = new TestClient(simulator.url + credentials());
    const silent = connectTcp(Number(new URL(simulator.url).port));
    await new Promise((resolve) => silent.once('connect', resolve));
    await Promise.all([simulator.stop(), simulator.stop()]);
    await Promise.all(
      [open, mute, undecided].map((client) => client.until(() => client.closed !== undefined)),
    );
    await expect(refusalOf(simulator.url)).rejects.toThrow('ECONNREFUSED');
    await expect(simulator.resume()).rejects.toMatchObject({ code: 'KITE_SIMULATOR_STOPPED' });
    silent.destroy();
  });

  test('says goodbye with 1001', async () => {
    const client = await subscribed();
    await simulator.stop();
    await client.until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(1001);
  });
});

function fail(issue: FrameIssue): never {
  throw new Error(`unexpected issue: ${issue.kind}`);
}

/** The TCP socket under a client. */
function tap(client: TestClient): NodeJS.ReadableStream {
  return (client.socket as unknown as { _socket: NodeJS.ReadableStream })._socket;
}

/** The first byte of each WebSocket frame in a chunk of whole, unmasked frames. */
function frameHeads(chunk: Buffer): number[] {
  const heads = [];
  for (let at = 0; at < chunk.length;) {
    heads.push(chunk[at]!);
    const short = chunk[at + 1]!;
    at += short === 126 ? 4 + chunk.readUInt16BE(at + 2) : 2 + short;
  }
  return heads;
}
