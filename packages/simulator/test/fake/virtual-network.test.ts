import { describe, expect, test } from 'vitest';
import { type FaultAction, simulateDay, type SimulateDayOptions, type VirtualDay } from '@kite/simulator';

import { connected, INFY, VirtualClient } from '../support/virtual-client.js';

const dayOf = (options: SimulateDayOptions = {}): VirtualDay =>
  simulateDay({ instruments: 10, ticksPerSecond: 0, ...options });

/** What a client was told after a fault, and what the server thinks a while later. */
async function afterFault(action: FaultAction, waitMs = 5000) {
  await using day = dayOf();
  const client = await connected(day);
  client.told.length = 0;
  const at = day.now - day.startsAt;
  day.inject(action);
  await day.run(waitMs);
  return {
    told: client.told.map(({ what }) => what),
    end: client.end,
    endedAfterMs: (client.told.find(({ what }) => what === 'ended')?.at ?? Infinity) - at,
    serverHas: day.simulator.connections.length,
  };
}

describe('the virtual network: connections', () => {
  test('messages arrive whole and in order in both directions, each with a copy of its bytes', async () => {
    await using day = dayOf({ network: { minDelayMs: 1, meanExtraDelayMs: 50 } });
    const client = await connected(day);
    client.told.length = 0;
    const bytes = new Uint8Array(3);
    for (let n = 0; n < 200; n++) {
      bytes.fill(n);
      day.simulator.sendBinary(bytes);
      client.socket.send(JSON.stringify({ a: 'subscribe', v: [256 * n + 1] }));
      if (n % 10 === 0) await day.run(3);
    }
    await day.run(3000);
    const got = client.told.flatMap((told) => (told.bytes?.length === 3 ? [[...told.bytes]] : []));
    expect(got).toEqual(Array.from({ length: 200 }, (_, n) => [n, n, n]));
    const asked = day.simulator.requests.map(({ request }) => 'tokens' in request && request.tokens[0]);
    expect(asked).toEqual(Array.from({ length: 200 }, (_, n) => 256 * n + 1));
  });

  test('no message takes less than the least delay, and the mean is as set', async () => {
    await using day = dayOf({ network: { minDelayMs: 10, meanExtraDelayMs: 5 }, heartbeatIntervalMs: 1000 });
    const client = await connected(day);
    await day.run(1_000_000);
    const delays = client.told.flatMap(({ at, bytes }) => (bytes ? [at % 1000] : []));
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    expect(delays.length).toBeGreaterThan(900);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    expect(mean).toBeGreaterThan(14);
    expect(mean).toBeLessThan(16);
    expect(Math.max(...delays)).toBeGreaterThan(25);
  });

  test('a delay that is given as undefined is the default one', async () => {
    const none = { minDelayMs: undefined, meanExtraDelayMs: undefined };
    const hashes: string[] = [];
    for (const options of [{}, { network: none }, { faults: { faults: [], network: none } }]) {
      await using day = dayOf(options);
      await connected(day);
      await day.run(1000);
      hashes.push(day.trace.hash);
    }
    expect(new Set(hashes).size).toBe(1);
  });

  test('a refusal tells its status and its body', async () => {
    await using day = dayOf({ accounts: [{ apiKey: 'key', accessToken: 'good' }] });
    const client = await connected(day, { token: 'bad' });
    expect(client.end).toMatchObject({ kind: 'refused', status: 403 });
    expect(client.end?.kind === 'refused' && JSON.parse(client.end.body)).toMatchObject({ status: 'error' });
    expect(day.simulator.handshakes).toMatchObject([{ status: 403, kiteVersion: '3', userAgent: 'test' }]);
  });

  test('a refusal on request tells the status and the body that were asked for', async () => {
    await using day = dayOf();
    day.inject({ kind: 'refuse', count: 1, status: 502, body: '<h1>Bad Gateway</h1>' });
    const end = { kind: 'refused', status: 502, body: '<h1>Bad Gateway</h1>' };
    expect((await connected(day)).end).toEqual(end);
    expect((await connected(day)).isOpen).toBe(true);
  });

  test('a fourth connection of a key is refused until one of the three is gone', async () => {
    await using day = dayOf();
    const clients = [];
    for (let n = 0; n < 4; n++) clients.push(await connected(day));
    expect(clients[3]!.end).toMatchObject({ kind: 'refused', status: 429 });
    clients[0]!.socket.terminate();
    await day.run(100);
    expect((await connected(day)).isOpen).toBe(true);
  });

  test('where nobody listens, a client gets an error that has no secret', async () => {
    await using day = dayOf();
    const client = await connected(day, { url: 'wss://nobody.simulated/', token: 'secret' });
    expect(client.end).toMatchObject({ kind: 'closed', code: 1006 });
    expect(client.end?.kind === 'closed' && client.end.error?.message).toBe(
      'connect ECONNREFUSED nobody.simulated',
    );
  });

  test('a handshake that is given up never opens, and the server forgets it', async () => {
    for (const how of ['close', 'terminate'] as const) {
      await using day = dayOf();
      day.inject({ kind: 'slow-handshake', delayMs: null, forMs: 60_000 });
      const client = new VirtualClient(day);
      await day.run(5000);
      client.socket[how]();
      expect(client.told).toEqual([]);
      await day.run(5000);
      expect(client.told.map(({ what }) => what)).toEqual(['ended']);
      expect(day.simulator.connections).toEqual([]);
      expect(day.pending).toMatchObject({ timers: 0, sockets: 0 });
    }
  });

  test('a slow handshake opens late', async () => {
    await using day = dayOf();
    day.inject({ kind: 'slow-handshake', delayMs: 700, forMs: 60_000 });
    const client = await connected(day);
    expect(client.told[0]).toMatchObject({ what: 'opened' });
    expect(client.told[0]!.at).toBeGreaterThan(700);
  });

  test('pings are answered on both sides, and are seen', async () => {
    await using day = dayOf();
    const client = await connected(day);
    client.told.length = 0;
    client.socket.ping();
    day.simulator.ping();
    await day.run(100);
    expect(client.told.map(({ what }) => what).sort()).toEqual(['alive', 'pong']);
    expect(day.simulator.connections[0]!.counters).toMatchObject({ pingsReceived: 1, pongsReceived: 1 });
  });

  test('a message that is too large ends the socket unseen, with an error', async () => {
    await using day = dayOf();
    const client = await connected(day, { maxPayloadBytes: 1000 });
    client.told.length = 0;
    day.simulator.sendBinary(new Uint8Array(1000));
    day.simulator.sendBinary(new Uint8Array(1001));
    day.simulator.sendBinary(new Uint8Array(5));
    await day.run(1000);
    expect(client.told.map(({ what, bytes }) => bytes?.length ?? what)).toEqual([1000, 'ended']);
    expect(client.end).toMatchObject({ kind: 'closed', error: expect.any(RangeError) as Error });
    expect(day.simulator.connections).toEqual([]);
  });
});

describe('the virtual network: ends', () => {
  test('close() says goodbye with 1000, and a server that closes says why', async () => {
    await using day = dayOf();
    const [first, second] = [await connected(day), await connected(day)];
    first.socket.close();
    day.simulator.close(4001, 'maintenance', day.simulator.connections[1]!.id);
    await day.run(1000);
    expect(first.end).toEqual({ kind: 'closed', code: 1000, reason: '' });
    expect(second.end).toEqual({ kind: 'closed', code: 4001, reason: 'maintenance' });
    expect(day.simulator.connections).toEqual([]);
  });

  test('a server that answers no more does not answer close() either: the socket ends by itself, as that of ws', async () => {
    await using day = dayOf();
    const client = await connected(day);
    day.inject({ kind: 'blackhole' });
    client.told.length = 0;
    client.socket.ping();
    client.socket.close();
    await day.run(29_000);
    expect(client.told).toEqual([]);
    await day.run(2000);
    expect(client.end).toEqual({ kind: 'closed', code: 1006, reason: '' });
    expect(day.simulator.connections).toEqual([]);
  });

  test('terminate() ends at once: nothing is told after it but the end', async () => {
    await using day = dayOf();
    const client = await connected(day);
    client.told.length = 0;
    day.simulator.sendBinary(new Uint8Array(5));
    client.socket.terminate();
    client.socket.terminate();
    client.socket.send('too late');
    await day.run(1000);
    expect(client.told.map(({ what }) => what)).toEqual(['ended']);
    expect(day.simulator.connections).toEqual([]);
    expect(day.simulator.requests).toEqual([]);
  });

  test('a reset and a cut end both sides', async () => {
    for (const kind of ['drop', 'cut'] as const)
      expect(await afterFault({ kind })).toMatchObject({
        told: ['ended'],
        end: { kind: 'closed', code: 1006 },
        serverHas: 0,
      });
  });

  test('what a cut catches on its way is lost, and the rest has arrived', async () => {
    await using day = dayOf({ network: { minDelayMs: 10, meanExtraDelayMs: 0 } });
    const client = await connected(day);
    client.told.length = 0;
    day.simulator.sendBinary(Uint8Array.of(1, 1));
    await day.run(15);
    day.simulator.sendBinary(Uint8Array.of(2, 2));
    await day.run(5);
    day.inject({ kind: 'cut' });
    await day.run(1000);
    expect(client.told.map(({ what, bytes }) => bytes?.[0] ?? what)).toEqual([1, 'ended']);
  });

  test('a cut without notice is heard by nobody; the server notices when it is told to, or never', async () => {
    const noticed = { kind: 'cut-silently', serverNoticesAfterMs: 20_000 } as const;
    expect(await afterFault(noticed, 19_000)).toMatchObject({ told: [], serverHas: 1 });
    expect(await afterFault(noticed, 21_000)).toMatchObject({ told: [], serverHas: 0 });
    const never = { kind: 'cut-silently', serverNoticesAfterMs: null } as const;
    expect(await afterFault(never, 3_000_000)).toMatchObject({ told: [], serverHas: 1 });
  });

  test('a half-open connection is silent until the client sends something', async () => {
    await using day = dayOf();
    const client = await connected(day);
    client.told.length = 0;
    day.inject({ kind: 'half-open' });
    await day.run(60_000);
    expect([client.told, day.simulator.connections]).toEqual([[], []]);
    client.socket.ping();
    await day.run(100);
    expect(client.end).toMatchObject({ kind: 'closed', code: 1006 });
  });

  test('a server that restarts refuses connects meanwhile, and is there again', async () => {
    await using day = dayOf();
    const client = await connected(day);
    day.inject({ kind: 'restart', forMs: 10_000 });
    await day.run(1000);
    expect(client.end).toMatchObject({ code: 1006 });
    expect((await connected(day)).end).toMatchObject({ code: 1006, error: expect.any(Error) as Error });
    await day.run(10_000);
    expect((await connected(day)).isOpen).toBe(true);
  });
});

describe('the virtual network: hold-ups', () => {
  test('a clogged connection loses nothing: all of it comes at the end, in order', async () => {
    await using day = dayOf();
    const client = await connected(day);
    client.told.length = 0;
    const start = day.now - day.startsAt;
    day.simulator.sendBinary(Uint8Array.of(0, 0));
    day.inject({ kind: 'clog', forMs: 5000, direction: 'down' });
    for (let n = 1; n < 20; n++) {
      await day.run(100);
      day.simulator.sendBinary(Uint8Array.of(n, n));
      client.socket.send(JSON.stringify({ a: 'subscribe', v: [INFY] }));
    }
    expect(day.simulator.requests.length).toBeGreaterThan(10);
    expect(client.told).toEqual([]);
    await day.run(5000);
    const marks = client.told.filter(({ bytes }) => bytes?.length === 2);
    expect(marks.map(({ bytes }) => bytes![0])).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(marks[0]!.at).toBe(start + 5000);
  });

  test('while everything is clogged new connections wait as well', async () => {
    await using day = dayOf();
    day.inject({ kind: 'clog', forMs: 8000 });
    const client = await connected(day);
    expect(client.told[0]).toMatchObject({ what: 'opened' });
    expect(client.told[0]!.at).toBeGreaterThanOrEqual(8000);
  });

  test('lag delays, and ends', async () => {
    await using day = dayOf();
    const client = await connected(day);
    day.inject({ kind: 'lag', delayMs: 2000, forMs: 5000 });
    client.told.length = 0;
    const start = day.now - day.startsAt;
    day.simulator.sendText('"late"');
    await day.run(10_000);
    day.simulator.sendText('"soon"');
    await day.run(1000);
    const texts = client.told.filter(({ what }) => what === 'text').map(({ at }) => at - start);
    expect(texts[0]).toBeGreaterThan(2000);
    expect(texts[1]).toBeLessThan(10_200);
  });

  test('lag lets no answer to a ping overtake what was sent before', async () => {
    await using day = dayOf();
    const client = await connected(day);
    day.inject({ kind: 'lag', delayMs: 2000, forMs: 5000 });
    client.told.length = 0;
    day.simulator.sendText('"before"');
    client.socket.ping();
    await day.run(1000);
    expect(client.told).toEqual([]);
    day.simulator.sendText('"behind"');
    await day.run(3000);
    const told = client.told.flatMap(({ what, text = what }) => (what === 'binary' ? [] : [text]));
    expect(told).toEqual(['"before"', 'pong', '"behind"']);
  });

  test('a slow reader makes the server skip frames, and gets the rest whole', async () => {
    await using day = simulateDay({ from: '09:30', maxBufferedBytes: 50_000, instruments: 300 });
    const client = await connected(day);
    client.subscribe(
      day.simulator.instruments.map(({ instrumentToken }) => instrumentToken),
      'full',
    );
    await day.run(5000);
    day.inject({ kind: 'slow-reader', bytesPerSecond: 2000, forMs: 60_000 });
    await day.run(55_000);
    const { framesSkipped } = day.simulator.connections[0]!.counters;
    expect(framesSkipped).toBeGreaterThan(100);
    await day.run(30_000);
    expect(client.isOpen).toBe(true);
    expect(day.simulator.connections[0]!.counters.ticksSent - client.ticks.length).toBeLessThan(100);
  });

  test('a stalled server is silent, answers pings, and goes on', async () => {
    await using day = dayOf();
    const client = await connected(day);
    day.inject({ kind: 'stall', forMs: 10_000 });
    client.told.length = 0;
    client.socket.ping();
    await day.run(9000);
    expect(client.told.map(({ what }) => what)).toEqual(['pong']);
    await day.run(5000);
    expect(client.told.filter(({ what }) => what === 'binary').length).toBeGreaterThan(2);
  });

  test('a fault is about one connection, about those of a key, or about all', async () => {
    for (const [who, left] of [
      [4, ['b']],
      [1, ['a']],
      ['b', ['a']],
      [undefined, []],
    ] as const) {
      await using day = dayOf();
      await connected(day, { apiKey: 'a' });
      await connected(day, { apiKey: 'b' });
      day.inject({ kind: 'drop', ...(who === undefined ? {} : { who }) });
      await day.run(100);
      expect(day.simulator.connections.map(({ apiKey }) => apiKey)).toEqual(left);
    }
  });
});
