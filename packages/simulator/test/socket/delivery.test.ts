import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FullTick } from '@kite/protocol';
import { type SimulatorOptions, startSimulator } from '@kite/simulator';
import { settled, VirtualClock } from '@kite/testkit';

import { connect, credentials, TestClient } from '../support/client.js';

const TOKENS = [408065, 256265, 738561, 884737, 31132428];

/** Everything that a client gets over ten simulated seconds. */
async function tenSeconds(options: SimulatorOptions): Promise<string[]> {
  const clock = new VirtualClock();
  await using simulator = await startSimulator({ ...options, clock });
  using client = await connect(simulator);
  client.subscribe(TOKENS, 'full');
  await client.settled();
  clock.pass(10_000);
  await client.settled();
  return client.frames.map((frame) => frame.toString('hex'));
}

describe('with a clock of one’s own', () => {
  test('the same seed sends the same bytes, another seed others', async () => {
    const first = await tenSeconds({ seed: 5 });
    expect(first.length).toBeGreaterThan(50);
    expect(await tenSeconds({ seed: 5 })).toEqual(first);
    expect(await tenSeconds({ seed: 6 })).not.toEqual(first);
    const damaged = await tenSeconds({ seed: 5, ticksPerSecond: 100 });
    expect(await tenSeconds({ seed: 5, ticksPerSecond: 100 })).toEqual(damaged);
  });

  test('damage draws from the injected random source', async () => {
    const drawn: number[] = [];
    await using simulator = await startSimulator({ ticksPerSecond: 0, random: () => (drawn.push(1), 0) });
    simulator.truncate(0.5);
    using client = await connect(simulator);
    client.subscribe(TOKENS);
    await client.until(() => client.frames.length > 0);
    expect([drawn.length, client.frames[0]!.length]).toEqual([2, 0]);
  });

  test('nothing is left to run after stop', async () => {
    const clock = new VirtualClock();
    const simulator = await startSimulator({ clock });
    simulator.lag(100);
    simulator.slowHandshake(1000);
    const before = clock.pending;
    const waiting = new TestClient(simulator.url + credentials());
    while (clock.pending === before) await settled();
    simulator.slowHandshake(0);
    using _client = await connectLate(simulator.url, clock);
    expect(clock.pending).toBeGreaterThan(1);
    simulator.setTicksPerSecond(5);
    await simulator.stop();
    simulator.setTicksPerSecond(10);
    await waiting.until(() => waiting.closed !== undefined);
    expect(clock.pending).toBe(0);
  });
});

describe('frames', () => {
  test('carry the ticks of one step of the market together, at most as many as allowed', async () => {
    const clock = new VirtualClock();
    await using simulator = await startSimulator({
      clock,
      ticksPerSecond: 1000,
      stepIntervalMs: 100,
      maxTicksPerFrame: 30,
    });
    using client = await connect(simulator);
    client.subscribe(
      simulator.instruments.slice(0, 200).map(({ instrumentToken }) => instrumentToken),
      'ltp',
    );
    await client.settled();
    client.forget();
    clock.pass(100);
    await client.settled();
    const counts = client.tickFrames.map((frame) => frame.readUInt16BE(0));
    expect(counts.slice(0, -1).every((count) => count === 30)).toBe(true);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(60);
  });

  test('are logged tick by tick, as they were sent, where asked to', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, recordSent: true });
    using a = await connect(simulator, 'a');
    using b = await connect(simulator, 'b');
    a.subscribe(TOKENS, 'full');
    b.subscribe(TOKENS.slice(0, 2));
    await Promise.all([a.settled(), b.settled()]);
    simulator.burst(1000);
    await Promise.all([a.settled(), b.settled()]);
    for (const [id, client] of [a, b].entries()) {
      const sent = simulator.sent.filter(({ connectionId }) => connectionId === id + 1);
      expect(decodeFrame(encodeFrame(sent.map(({ packet }) => packet)))).toEqual(client.ticks);
    }
    expect(simulator.sent.map(({ sequence }) => sequence)).toEqual(
      simulator.sent.map((_, index) => index + 1),
    );
    expect(simulator.sent[0]).toMatchObject({ apiKey: 'a', instrumentToken: TOKENS[0], damaged: false });
  });

  test('say which change of the instrument they show: the same for each connection that is sent the same state', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, recordSent: true });
    using a = await connect(simulator, 'a');
    a.subscribe(TOKENS.slice(0, 1), 'full');
    await a.settled();
    simulator.burst(2);
    using b = await connect(simulator, 'b');
    b.subscribe(TOKENS.slice(0, 1), 'full');
    await b.settled();
    const full = simulator.sent.filter(({ packet }) => packet.length === 184);
    expect(full.map(({ apiKey, change }) => [apiKey, change])).toEqual([
      ['a', 0],
      ['a', 1],
      ['a', 2],
      ['b', 2],
    ]);
    expect(full[3]!.packet).toEqual(full[2]!.packet);
  });

  test('are skipped, and counted, for a reader that takes nothing: the server waits for nobody', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, maxBufferedBytes: 100_000 });
    using client = await connect(simulator);
    client.subscribe(TOKENS, 'full');
    await client.settled();
    client.socket.pause();
    const [connection] = simulator.connections;
    for (let n = 0; n < 100 && connection!.counters.framesSkipped === 0; n++) simulator.burst(3000);
    const { framesSkipped, ticksSent } = connection!.counters;
    expect(framesSkipped).toBeGreaterThan(0);
    client.socket.resume();
    await client.until(() => client.ticks.length === ticksSent);
  });
});

describe('lag', () => {
  test('makes everything come late and in order, on connections that open later too, until it is healed', async () => {
    const clock = new VirtualClock();
    await using simulator = await startSimulator({ clock, ticksPerSecond: 0 });
    using early = await connect(simulator);
    simulator.lag(300);
    using late = await connectLate(simulator.url, clock);
    const order = simulator.postOrder('key');
    simulator.heal();
    simulator.broadcast('second');
    await Promise.all([early.settled(), late.settled()]);
    expect([early.texts, late.texts]).toEqual([[], []]);
    clock.pass(299);
    await early.settled();
    expect(early.texts).toEqual([]);
    clock.pass(1);
    await early.until(() => early.texts.length === 2);
    await late.until(() => late.texts.length === 4);
    expect(early.texts[0]).toContain(order.order_id);
    expect(early.texts[1]).toContain('second');
    expect(late.texts.slice(2)).toEqual(early.texts);
  });

  test('sends the bytes that were given, whatever their owner writes over them meanwhile', async () => {
    const clock = new VirtualClock();
    await using simulator = await startSimulator({ clock, ticksPerSecond: 0 });
    using client = await connect(simulator);
    simulator.lag(300);
    const bytes = Buffer.from([1, 2, 3]);
    simulator.sendBinary(bytes);
    bytes.fill(0);
    clock.pass(300);
    await client.until(() => client.frames.length > 0);
    expect(client.frames[0]).toEqual(Buffer.from([1, 2, 3]));
  });
});

describe('two accounts', () => {
  test('can sample the same market differently', async () => {
    const sampling = (offset: number) => ({ accessToken: 't', sampling: { every: 2, offset } });
    await using simulator = await startSimulator({
      ticksPerSecond: 0,
      recordSent: true,
      accounts: [
        { apiKey: 'even', ...sampling(0) },
        { apiKey: 'odd', ...sampling(1) },
      ],
    });
    using even = await connect(simulator, 'even', 't');
    using odd = await connect(simulator, 'odd', 't');
    for (const client of [even, odd]) {
      client.subscribe([408065], 'ltp');
      await client.settled();
      client.forget();
    }
    const price = (lastPrice: number) =>
      ({ mode: 'ltp', instrumentToken: 408065, segment: 1, tradable: true, lastPrice }) as const;
    for (let n = 1; n <= 6; n++) simulator.publish([price(n)]);
    await Promise.all([even.settled(), odd.settled()]);
    expect([odd, even].map(({ ticks }) => ticks.map(({ lastPrice }) => lastPrice))).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  test('can be served one later than the other', async () => {
    const clock = new VirtualClock();
    await using simulator = await startSimulator({
      clock,
      ticksPerSecond: 0,
      accounts: [
        { apiKey: 'near', accessToken: 't' },
        { apiKey: 'far', accessToken: 't', delayMs: 300 },
      ],
    });
    using near = await connect(simulator, 'near', 't');
    using far = await connectLate(simulator.url, clock, 'far', 't');
    simulator.broadcast('hello');
    await Promise.all([near.settled(), far.settled()]);
    expect([near.texts.length, far.texts.length]).toEqual([1, 0]);
    clock.pass(300);
    await far.until(() => far.texts.length === 3);
  });
});

describe('over TLS', () => {
  const pem = (name: string) => readFileSync(new URL(`../support/tls/${name}.pem`, import.meta.url));
  const [key, cert] = [pem('key'), pem('cert')];

  test('goes down though a peer has not begun its TLS handshake', async () => {
    await using simulator = await startSimulator({ tls: { key, cert } });
    const silent = connectTcp(Number(new URL(simulator.url).port));
    await once(silent, 'connect');
    const closed = once(silent.resume(), 'close');
    const client = new TestClient(simulator.url + credentials(), { ca: cert });
    // Behind the other one.
    await client.until(() => client.texts.length === 2);
    await simulator.pause();
    await closed;
  });

  test('speaks wss with the given key and certificate, and drops connections too', async () => {
    await using simulator = await startSimulator({ tls: { key, cert } });
    expect(simulator.url).toMatch(/^wss:/);
    const client = new TestClient(simulator.url + credentials(), { ca: cert });
    await client.until(() => client.texts.length === 2);
    client.subscribe([408065], 'full');
    await client.until(() => client.ticks.some((tick): tick is FullTick => tick.mode === 'full'));
    simulator.drop();
    await client.until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(1006);
  });
});

/** A connection on which even the first texts are late. */
async function connectLate(
  url: string,
  clock: VirtualClock,
  apiKey = 'key',
  token = 'token',
): Promise<TestClient> {
  const client = new TestClient(url + credentials(apiKey, token));
  await new Promise((resolve) => client.socket.once('open', resolve));
  expect(clock.pending).toBeGreaterThan(0);
  return client;
}
