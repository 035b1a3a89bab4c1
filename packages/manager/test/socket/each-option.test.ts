import { describe, expect, test, vi } from 'vitest';
import { wsTransport } from '@kite/connection';
import { type Clock, encodeFrame, systemClock, type Transport } from '@kite/manager';
import {
  API_KEY,
  aWhile,
  collect,
  eventually,
  everyRendering,
  fullTick,
  INFY,
  instruments,
  NIFTY,
  ofType,
  ProxyProcess,
  RELIANCE,
  SELF_SIGNED,
  WAYS,
} from '@kite/testkit';

import { MANAGER_RULES, type ManagerOptionName } from '../../src/options.js';
import { type ManagerBench, openBench, tokensOf } from '../support/manager-bench.js';

type Way = (typeof WAYS)[number]['enableDedicatedParsers'];

/** The one way in which each option shows over a real socket that it does what its name says. */
const PROOFS: Record<
  Exclude<ManagerOptionName, 'workerUrl' | 'ringBytes' | 'latency'>,
  (way: Way) => Promise<void>
> = {
  url: async (enableDedicatedParsers) => {
    await using one = await openBench({ enableDedicatedParsers });
    await using other = await openBench({ enableDedicatedParsers });
    await one.start({ url: other.simulator.url });
    expect([one, other].map(({ simulator }) => simulator.handshakes.length)).toEqual([0, 3]);
  },

  allowInsecure: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const url = bench.simulator.url.replace('127.0.0.1', '127.0.0.1.nip.invalid');
    expect(() => bench.manager({ url })).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_INSECURE_URL' }),
    );
    // Allowed, it is dialled: this one is not found.
    await expect(bench.manager({ url, allowInsecure: true }).start()).rejects.toMatchObject({
      reasons: Array(3).fill(expect.objectContaining({ code: 'KITE_CONNECTION_LOST' })),
    });
  },

  connectionTimeoutMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    bench.simulator.slowHandshake(Infinity);
    await expect(bench.manager({ connectionTimeoutMs: 50 }).start()).rejects.toMatchObject({
      reasons: Array(3).fill(expect.objectContaining({ code: 'KITE_CONNECTION_HANDSHAKE_TIMEOUT' })),
    });
  },

  heartbeatLivenessThresholdMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start({ heartbeatLivenessThresholdMs: 250 });
    bench.simulator.stall(bench.simulator.connections[0]!.id);
    await eventually(() =>
      expect(ofType(messages, 'state').map(({ error }) => error?.code)).toContain('KITE_CONNECTION_SILENT'),
    );
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
  },

  reconnectDelayMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    // Long enough that a reconnect within the test would be another delay's.
    const { manager } = await bench.start({ reconnectDelayMs: 600_000, maxReconnectDelayMs: 600_000 });
    bench.simulator.drop();
    await eventually(() => expect(states(manager)).toEqual(Array(3).fill('waiting')));
    await aWhile();
    expect(bench.simulator.handshakes).toHaveLength(3);
  },

  maxReconnectDelayMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ reconnectDelayMs: 1, maxReconnectDelayMs: 2, maxConnections: 1 });
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop();
    // Doubling without a ceiling, the fifteenth delay would be sixteen seconds.
    await eventually(() => expect(bench.simulator.handshakes.length).toBeGreaterThan(20));
    bench.simulator.heal();
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
  },

  maxReconnectAttempts: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start({ maxReconnectAttempts: 2, maxConnections: 1 });
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop();
    await eventually(() => expect(states(manager)).toEqual(['failed']));
    expect(ofType(messages, 'state').at(-1)!.error!.code).toBe('KITE_CONNECTION_ATTEMPTS_EXHAUSTED');
    expect(bench.simulator.handshakes).toHaveLength(1 + 2);
  },

  stableAfterMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    // One failure is one too many, unless the count of failures is cleared in between.
    const options = { maxReconnectAttempts: 1, maxConnections: 1 };
    const { manager } = await bench.start({ ...options, stableAfterMs: 10 });
    for (let turn = 1; turn <= 3; turn++) {
      await eventually(() => expect(uptimeOf(manager)).toBeGreaterThan(200));
      bench.simulator.drop();
      await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(turn));
    }
    await manager.stop();
    const { manager: unstable } = await bench.start({ ...options, stableAfterMs: 600_000 });
    bench.simulator.drop();
    await eventually(() => expect(unstable.getStats().connectionStats[0]!.reconnects).toBe(1));
    bench.simulator.drop();
    await eventually(() => expect(states(unstable)).toEqual(['failed']));
  },

  rateLimitDelayMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers, maxConnections: 1 });
    const { manager } = await bench.start({
      rateLimitDelayMs: 5,
      reconnectDelayMs: 1,
      maxReconnectDelayMs: 1,
    });
    bench.simulator.refuse(3, 429);
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(1));
    await manager.stop();
    // Not after a loss: then the server may still count a connection of our own, and that passes soon.
    const patient = bench.manager({ rateLimitDelayMs: 600_000 });
    bench.simulator.refuse(1, 429);
    const dialled = bench.simulator.handshakes.length;
    await patient.start({ keepTrying: true });
    await aWhile();
    expect(bench.simulator.handshakes).toHaveLength(dialled + 1);
    expect(states(patient)).toEqual(['waiting']);
  },

  unauthorizedRetryDelayMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers, maxConnections: 1 });
    const { manager } = await bench.start({ accessToken: () => 'same', unauthorizedRetryDelayMs: 10 });
    bench.simulator.refuse(4, 403);
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(1));
    await manager.stop();
    const { manager: patient } = await bench.start({
      accessToken: () => 'same',
      unauthorizedRetryDelayMs: 600_000,
    });
    bench.simulator.refuse(1, 403);
    const messages = collect(patient.getUnifiedChannel());
    bench.simulator.drop();
    await eventually(() =>
      expect(ofType(messages, 'state').map(({ error }) => error?.code)).toContain(
        'KITE_CONNECTION_TOKEN_UNCHANGED',
      ),
    );
    expect(bench.simulator.connections).toHaveLength(0);
  },

  defaultMode: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ defaultMode: 'full' });
    await manager.subscribeSymbols([INFY]);
    await bench.agrees(manager);
    expect(manager.subscriptions.get(INFY)).toBe('full');
  },

  maxPayloadBytes: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start({ maxPayloadBytes: 1000, maxConnections: 1 });
    bench.simulator.sendBinary(new Uint8Array(1000));
    bench.simulator.sendBinary(new Uint8Array(1001));
    await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(1));
    expect(ofType(messages, 'gap')).toHaveLength(1);
    expect(manager.getStats().connectionStats[0]!.bytesReceived).toBeGreaterThan(1000);
  },

  rawOnly: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start({ rawOnly: true, maxConnections: 1 });
    const frames = collect(manager.getRawFrameChannel(0)!);
    await manager.subscribeSymbols([INFY]);
    await eventually(() => expect(frames.some(({ bytes }) => bytes.length > 1)).toBe(true));
    expect(ofType(messages, 'ticks')).toEqual([]);
    expect(() => manager.ticks()).toThrow(expect.objectContaining({ code: 'KITE_CONNECTION_RAW_ONLY' }));
  },

  divisors: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { messages, manager } = await bench.start({ divisors: { 13: 10_000 }, maxConnections: 1 });
    const full = manager.getFullRawSubscriber(0)!;
    const token = (5000 << 8) | 13;
    bench.simulator.sendBinary(
      encodeFrame([{ ...fullTick(378.2, 1, 1), instrumentToken: token }], { divisors: { 13: 10_000 } }),
    );
    await eventually(() => expect(tokensOf(messages)).toEqual([token]));
    expect(ofType(messages, 'ticks')[0]!.ticks[0]!.lastPrice).toBe(378.2);
    expect((await full.recv())!.header.lastPrice).toBe(378.2);
    expect(ofType(messages, 'issue')).toEqual([]);
  },

  proxy: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers }, { tls: SELF_SIGNED });
    await using proxy = await ProxyProcess.start({ credentials: 'trader:p@ss' });
    const tls = { ca: SELF_SIGNED.cert };
    const { manager } = await bench.start({ proxy: proxy.url('trader:p%40ss'), tls, maxConnections: 2 });
    await eventually(() => expect(proxy.requests).toHaveLength(2));
    await manager.stop();
    const wrong = bench.manager({ proxy: proxy.url('trader:h%75sh-hush'), tls, maxConnections: 1 });
    const error: unknown = await wrong.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reasons: [{ code: 'KITE_CONNECTION_PROXY_FAILED', status: 407 }] });
    expect(everyRendering([error, wrong.getHealth(), wrong.getStats(), wrong])).not.toMatch(/hush|trader/);
    vi.stubEnv('https_proxy', proxy.url('trader:p%40ss'));
    vi.stubEnv('no_proxy', 'kite.trade');
    await bench.start({ proxy: 'env', tls, maxConnections: 1 });
    vi.unstubAllEnvs();
    await eventually(() => expect(proxy.requests).toHaveLength(4));
  },

  tls: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers }, { tls: SELF_SIGNED });
    await bench.start({ tls: { ca: [Buffer.from(SELF_SIGNED.cert)], minVersion: 'TLSv1.3' } });
  },

  localAddress: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    await using proxy = await ProxyProcess.start();
    await bench.start({ proxy: proxy.url(), localAddress: '127.0.0.2', maxConnections: 1 });
    await eventually(() => expect(proxy.requests.map(({ from }) => from)).toEqual(['127.0.0.2']));
  },

  family: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const url = bench.simulator.url.replace('127.0.0.1', 'localhost');
    await expect(bench.manager({ url, family: 6 }).start()).rejects.toMatchObject({
      reasons: Array(3).fill(expect.objectContaining({ code: 'KITE_CONNECTION_LOST' })),
    });
    await bench.start({ url, family: 4 });
  },

  connectionBufferSize: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ connectionBufferSize: 7 });
    const frames = manager.getRawFrameChannel(0)!;
    expect(manager.getAllRawFrameChannels().map(([, { capacity }]) => capacity)).toEqual([7, 7, 7]);
    await eventually(() => expect(frames.dropped).toBeGreaterThan(0));
    expect(frames.size).toBe(7);
  },

  parserBufferSize: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ parserBufferSize: 6, maxConnections: 1 });
    const capacities = [manager.getUnifiedChannel(), manager.ticks(), manager.getChannel(0)!];
    expect(capacities.map(({ capacity }) => capacity)).toEqual([6, 6, 6]);
    await manager.subscribeSymbols([INFY]);
    await bench.agrees(manager);
    for (let turn = 0; turn < 20; turn++) bench.simulator.burst(1);
    await eventually(() => expect(capacities.map(({ dropped }) => dropped > 0)).toEqual([true, true, true]));
    expect(manager.ticks({ capacity: 3 }).capacity).toBe(3);
  },

  capacityTicks: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ capacityTicks: 9, maxConnections: 1 });
    await manager.subscribeSymbols(instruments(3));
    await bench.agrees(manager);
    const channels = [manager.getUnifiedChannel(), manager.ticks(), manager.getChannel(0)!];
    for (let turn = 0; turn < 20; turn++) bench.simulator.burst(1);
    await eventually(() => expect(channels.map(({ dropped }) => dropped > 0)).toEqual([true, true, true]));
    expect(channels.map(({ size }) => size <= 9)).toEqual([true, true, true]);
  },

  capacityBytes: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ capacityBytes: 10_000, maxConnections: 1 });
    const frames = manager.rawFrames();
    for (let turn = 0; turn < 20; turn++) bench.simulator.sendBinary(new Uint8Array(4000));
    await eventually(() => expect(frames.dropped).toBeGreaterThan(0));
  },

  clock: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const clock: Clock = { ...systemClock, now: () => 86_400_000 };
    const { messages, manager } = await bench.start({ clock });
    expect(new Set(messages.map(({ receivedAt }) => receivedAt))).toEqual(new Set([86_400_000]));
    expectInline(manager, messages);
    await eventually(() => expect(manager.getStats().connectionStats[0]!.lastMessageAt).toBe(86_400_000));
  },

  random: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    let drawn = 0;
    const { manager, messages } = await bench.start({ random: () => (drawn++, 0) });
    bench.simulator.drop();
    await eventually(() => expect(drawn).toBeGreaterThanOrEqual(3));
    await eventually(() => expectInline(manager, messages));
  },

  transport: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    let opened = 0;
    const transport: Transport = { open: (...args) => (opened++, wsTransport.open(...args)) };
    const { manager, messages } = await bench.start({ transport });
    expect(opened).toBe(3);
    expectInline(manager, messages);
  },

  maxConnections: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    for (const maxConnections of [1, 2]) {
      const { manager } = await bench.start({ maxConnections, maxSymbolsPerConnection: 2 });
      expect(bench.simulator.connections).toHaveLength(maxConnections);
      await expect(manager.subscribeSymbols(instruments(7))).rejects.toMatchObject({
        available: 2 * maxConnections,
      });
      await manager.stop();
      await eventually(() => expect(bench.simulator.connections).toHaveLength(0));
    }
  },

  maxSymbolsPerConnection: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ maxSymbolsPerConnection: 5 });
    await manager.subscribeSymbols(instruments(15));
    await bench.agrees(manager);
    expect(bench.simulator.connections.map(({ book }) => book.size)).toEqual([5, 5, 5]);
    await expect(manager.subscribeSymbols([INFY])).rejects.toMatchObject({ code: 'KITE_MANAGER_CAPACITY' });
  },

  distribution: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    for (const [distribution, expected] of [
      ['round-robin', [2, 2, 3]],
      ['least-loaded', [3, 2, 2]],
    ] as const) {
      const { manager } = await bench.start({ distribution });
      await manager.subscribeSymbols(instruments(6));
      const { 0: first, 1: second } = manager.getSymbolDistribution();
      // Round robin takes its turns whatever became free; least loaded fills up what did.
      await manager.unsubscribeSymbols([...first.slice(0, 1), ...second.slice(0, 1)]);
      await manager.subscribeSymbols(instruments(3, 40_000));
      await bench.agrees(manager);
      const counts = Object.values(manager.getSymbolDistribution()).map((held) => held.length);
      expect(counts).toEqual(expected);
      await manager.stop();
      await eventually(() => expect(bench.simulator.connections).toHaveLength(0));
    }
  },

  enableDedicatedParsers: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY]);
    await bench.agrees(manager);
    // The server's ends are always in this thread; ours are where the connections run.
    const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    expect(sockets).toBe(enableDedicatedParsers ? 3 : 6);
  },

  ioThreads: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
    const before = ports();
    const { manager } = await bench.start({ ioThreads: 1 });
    const one = ports() - before;
    await manager.stop();
    const { manager: three } = await bench.start({ ioThreads: 3 });
    expect(ports() - before).toBe(3 * one);
    expect(one > 0).toBe(enableDedicatedParsers);
    await three.subscribeSymbols(instruments(9));
    await bench.agrees(three);
  },

  healthCheckIntervalMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    let checks = 0;
    const clock: Clock = {
      ...systemClock,
      setTimeout: (callback, delayMs) => {
        if (delayMs === 17) checks++;
        return systemClock.setTimeout(callback, delayMs);
      },
    };
    const { manager } = await bench.start({ clock, healthCheckIntervalMs: 17 });
    await eventually(() => expect(checks).toBeGreaterThan(3));
    await manager.stop();
    const before = checks;
    await aWhile();
    expect(checks).toBe(before);
  },

  failoverAfterMs: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start({ failoverAfterMs: 50 });
    await manager.subscribeSymbols(instruments(9));
    await bench.agrees(manager);
    await downFor(bench, 0);
    await eventually(() => expect(manager.getSymbolDistribution()[0]).toEqual([]));
    await manager.stop();
    bench.simulator.heal();
    const { manager: patient } = await bench.start({ failoverAfterMs: 600_000 });
    await patient.subscribeSymbols(instruments(9));
    await bench.agrees(patient);
    await downFor(bench, 0);
    await aWhile();
    expect(patient.getSymbolDistribution()[0]).toHaveLength(3);
  },

  calendar: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const asked = new Set<string>();
    const calendar = {
      phaseAt(exchange: string, at: number) {
        asked.add(`${exchange} ${new Date(at).getUTCFullYear()}`);
        return 'closed';
      },
    };
    const { manager } = await bench.start({ calendar });
    await manager.subscribeSymbols([INFY, NIFTY]);
    expect(manager.getHealth().status).toBe('healthy');
    expect([...asked]).toEqual([`NSE ${new Date().getUTCFullYear()}`]);
  },

  instruments: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const names = {
      tokenOf: (name: string) => (name === 'NSE:INFY' ? INFY : undefined),
      nameOf: () => 'NSE:INFY',
    };
    const { manager, messages } = await bench.start({ instruments: names });
    await manager.subscribeSymbols(['NSE:INFY']);
    await eventually(() => expect(tokensOf(messages)).toContain(INFY));
    await expect(bench.manager().subscribeSymbols(['NSE:INFY'])).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_INVALID_TOKEN',
    });
  },
  lastTicks: async (enableDedicatedParsers) => {
    await using bench = await openBench({ enableDedicatedParsers });
    const without = bench.manager();
    expect(() => without.getLastTick(INFY)).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_LAST_TICKS_OFF' }),
    );
    const { manager, messages } = await bench.start({ lastTicks: true });
    expect(manager.getLastTick(INFY)).toBeUndefined();
    await manager.subscribeSymbols([INFY, NIFTY, RELIANCE], 'full');
    await eventually(() => expect(new Set(tokensOf(messages)).size).toBe(3));
    bench.simulator.burst(5);
    await eventually(() => expect(tokensOf(messages).length).toBe(3 * (1 + 1 + 5)));
    const newest = ofType(messages, 'ticks')
      .flatMap(({ ticks }) => ticks)
      .filter(({ instrumentToken }) => instrumentToken === INFY)
      .at(-1);
    expect(manager.getLastTick(INFY)).toMatchObject({ tick: newest, isStale: false });
    await manager.unsubscribeSymbols([INFY]);
    expect(manager.getLastTick(INFY)).toBeUndefined();
    expect(manager.getLastTick(NIFTY)).toBeDefined();
  },
};

function states(manager: ReturnType<ManagerBench['manager']>): string[] {
  return manager.getStats().connectionStats.map(({ state }) => state);
}

/** How long the first connection has been up. */
function uptimeOf(manager: ReturnType<ManagerBench['manager']>): number | null {
  return manager.getStats().connectionStats[0]!.connectionUptimeMs;
}

/** Drops the connection that opened so many before the others, and refuses it for good. */
async function downFor(bench: ManagerBench, index: number): Promise<void> {
  const before = bench.simulator.connections.length;
  bench.simulator.refuse(Infinity, 503, API_KEY);
  bench.simulator.drop(bench.simulator.connections[index]!.id);
  await eventually(() => expect(bench.simulator.connections).toHaveLength(before - 1));
}

/** Functions cannot cross to another thread: who gives one asks for this thread, and nothing is wrong then. */
function expectInline(
  manager: ReturnType<ManagerBench['manager']>,
  messages: Parameters<typeof ofType>[0],
): void {
  expect(ofType(messages, 'issue')).toEqual([]);
  expect(manager.getHealth()).toMatchObject({ isolation: 'inline', reasons: [] });
}

describe.each(WAYS)('each option does what its name says, $way', ({ enableDedicatedParsers }) => {
  test.each(Object.entries(PROOFS))('%s', async (_, proof) => {
    await proof(enableDedicatedParsers);
  });
});

test('no option is without its proof', () => {
  // Those of the ring and of the worker's file are proved beside the threads, and beside virtual workers.
  const elsewhere = ['latency', 'ringBytes', 'workerUrl'];
  expect([...Object.keys(PROOFS), ...elsewhere].sort()).toEqual(Object.keys(MANAGER_RULES).sort());
});
