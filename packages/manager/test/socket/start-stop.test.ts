import { describe, expect, test } from 'vitest';
import { deferred } from '@kite/kit';
import { type Clock, type KiteTickerManager, systemClock } from '@kite/manager';
import {
  API_KEY,
  aWhile,
  collect,
  eventually,
  INFY,
  NIFTY,
  ofType,
  reached,
  RELIANCE,
  WAYS,
} from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';

describe.each(WAYS)('start(), $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('opens every connection before it resolves', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    expect(bench.simulator.connections).toHaveLength(3);
  });

  test('opens no more than maxConnections', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ maxConnections: 2 });
    expect(bench.simulator.handshakes).toHaveLength(2);
    expect(Object.keys(manager.getSymbolDistribution())).toEqual(['0', '1']);
  });

  test('resolves when one connection has opened, and goes on with the others', async () => {
    await using bench = await open();
    bench.simulator.refuse(2, 503);
    const { manager, messages } = await bench.start();
    expect(ofType(messages, 'state').filter(({ state }) => state === 'waiting')).toHaveLength(2);
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
  });

  test('rejects with every reason when none has opened, and leaves nothing running', async () => {
    await using bench = await open();
    bench.simulator.refuse(Infinity, 503);
    const manager = bench.manager();
    const messages = collect(manager.getUnifiedChannel());
    const message: unknown = expect.stringContaining('503');
    const failed = { code: 'KITE_MANAGER_START_FAILED', message };
    const refused: unknown = expect.objectContaining({ code: 'KITE_CONNECTION_REFUSED', status: 503 });
    await expect(manager.start()).rejects.toMatchObject({ ...failed, reasons: [refused, refused, refused] });
    const states = manager.getStats().connectionStats.map(({ state }) => state);
    expect(states).toEqual(['closed', 'closed', 'closed']);
    await reached(bench.simulator.url);
    const dialled = bench.simulator.handshakes.length;
    await aWhile();
    expect(bench.simulator.handshakes).toHaveLength(dialled);
    expect(ofType(messages, 'state').at(-1)!.state).toBe('closed');
    bench.simulator.heal();
    await manager.start();
    expect(manager.getHealth().status).toBe('healthy');
  });

  test('with keepTrying resolves though none is open, and opens when it can', async () => {
    await using bench = await open();
    await bench.simulator.pause();
    const manager = bench.manager();
    await manager.subscribeSymbols([INFY]);
    await manager.start({ keepTrying: true });
    expect(manager.getHealth().status).toBe('critical');
    await bench.simulator.resume();
    await bench.agrees(manager);
  });

  test('rejects with what the server thinks of the token', async () => {
    await using bench = await open();
    bench.simulator.setAccessToken(API_KEY, 'another');
    await expect(bench.manager().start()).rejects.toMatchObject({
      code: 'KITE_MANAGER_START_FAILED',
      reasons: Array(3).fill(expect.objectContaining({ code: 'KITE_CONNECTION_UNAUTHORIZED', status: 403 })),
    });
  });

  test('called twice is one start, and later resolves at once', async () => {
    await using bench = await open();
    const manager = bench.manager();
    const first = manager.start();
    expect(manager.start()).toBe(first);
    await first;
    await manager.start();
    expect(bench.simulator.handshakes).toHaveLength(3);
  });

  test('leaves channels to the next one where it fails: what was asked for before is not lost', async () => {
    await using bench = await open();
    bench.simulator.refuse(Infinity, 503);
    const manager = bench.manager();
    const messages = collect(manager.getUnifiedChannel());
    const channel = manager.ticks();
    await manager.subscribeSymbols([NIFTY, INFY]);
    await expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_START_FAILED' });
    bench.simulator.heal();
    await manager.start();
    await eventually(() => expect(ofType(messages, 'ticks').length).toBeGreaterThan(0));
    expect((await channel.recv())?.ticks.length).toBeGreaterThan(0);
    // A stop that comes while a start fails ends them.
    bench.simulator.refuse(Infinity, 503);
    await manager.stop();
    const again = manager.ticks();
    const failed = expect(manager.start()).rejects.toThrow();
    await manager.stop();
    await failed;
    expect(await again.recv()).toBeUndefined();
  });

  test.each([
    ['keepTryin', { keepTryin: true }],
    ['keepTrying', { keepTrying: 'yes' }],
    ['options', null],
  ])('refuses a wrong %s, and starts nothing', async (field, options) => {
    await using bench = await open();
    const refused = { code: 'KITE_MANAGER_INVALID_OPTION', field };
    await expect(bench.manager().start(options as never)).rejects.toMatchObject(refused);
    expect(bench.simulator.handshakes).toEqual([]);
  });

  test('of a second manager with the same key is refused, for the process has its three connections', async () => {
    await using bench = await open();
    await bench.start();
    await expect(bench.manager().start()).rejects.toMatchObject({
      code: 'KITE_MANAGER_START_FAILED',
      reasons: Array(3).fill(expect.objectContaining({ code: 'KITE_CONNECTION_LIMIT_REACHED' })),
    });
    expect(bench.simulator.handshakes).toHaveLength(3);
  });

  test.each([
    ['by itself', 20],
    ['at once with fresh credentials', 600_000],
  ])('that was refused a connection tries it again %s, once there is room', async (way, rateLimitDelayMs) => {
    await using bench = await open();
    const first = bench.manager({ maxConnections: 1 });
    await first.start();
    const second = bench.manager({ rateLimitDelayMs });
    await second.start();
    const states = (): string[] => second.getStats().connectionStats.map(({ state }) => state);
    expect(states().sort()).toEqual(['open', 'open', 'waiting']);
    expect(second.getHealth().reasons).toEqual([expect.stringMatching(/already has 3 connections/)]);
    await first.stop();
    if (way !== 'by itself') await second.updateCredentials({ accessToken: 'fresh' });
    await eventually(() => expect(states()).toEqual(['open', 'open', 'open']));
    expect(second.getHealth()).toMatchObject({ status: 'healthy', reasons: [] });
  });

  test('keeps its key on every connection where another one has no room for all', async () => {
    await using bench = await open();
    const other = bench.manager({ apiKey: 'another', maxConnections: 1 });
    await other.start();
    const { manager } = await bench.start();
    await expect(
      manager.updateCredentials({ apiKey: 'another', accessToken: 'fresh' }),
    ).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    bench.simulator.drop();
    await eventually(() => {
      const keys = bench.simulator.connections.map(({ apiKey }) => apiKey).sort();
      expect(keys).toEqual(['another', ...Array<string>(3).fill(API_KEY)].sort());
    });
  });

  test('of a second manager works once the first has stopped, and with another key at any time', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const { manager: other } = await bench.start({ apiKey: 'another-account' });
    await manager.stop();
    const { manager: next } = await bench.start();
    expect([other, next].map((one) => one.getStats().activeConnections)).toEqual([3, 3]);
  });

  test('asks a token provider once for three connections that ask at once', async () => {
    await using bench = await open();
    bench.simulator.slowHandshake(1);
    let asked = 0;
    const answer = deferred<string>();
    const manager = bench.manager({ accessToken: () => (asked++, answer.promise) });
    const started = manager.start();
    await eventually(() =>
      expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(
        Array(3).fill('connecting'),
      ),
    );
    answer.resolve('token');
    await started;
    expect(asked).toBe(1);
  });
});

test('start() dials one connection after the other, fifty milliseconds apart', async () => {
  await using bench = await openBench();
  const delays: number[] = [];
  const clock: Clock = {
    ...systemClock,
    setTimeout: (callback, delayMs) => {
      delays.push(delayMs);
      return systemClock.setTimeout(callback, delayMs);
    },
  };
  const manager = bench.manager({ clock, enableDedicatedParsers: false });
  const started = manager.start();
  await eventually(() => expect(manager.getStats().connectionStats[0]!.state).not.toBe('idle'));
  expect(delays).toEqual(expect.arrayContaining([50, 100]));
  await started;
});

describe.each(WAYS)('stop(), $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('closes every socket and ends every channel', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const channels = [
      ...manager.getAllChannels().map(([, channel]) => channel),
      ...manager.getAllRawFrameChannels().map(([, channel]) => channel),
      manager.getUnifiedChannel(),
      manager.ticks(),
      manager.getFullRawSubscriber(0)!,
    ];
    const ended = Promise.all(
      channels.map(async (channel) => {
        let item: unknown;
        do item = await channel.recv();
        while (item !== undefined);
      }),
    );
    await manager.stop();
    await ended;
    await eventually(() => expect(bench.simulator.connections).toHaveLength(0));
    expect(manager.getStats()).toMatchObject({ activeConnections: 0, uptimeMs: 0 });
  });

  test('is idempotent, before start(), at once and later', async () => {
    await using bench = await open();
    const manager = bench.manager();
    await manager.stop();
    await manager.start();
    await Promise.all([manager.stop(), manager.stop()]);
    await manager.stop();
    expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(Array(3).fill('closed'));
  });

  test('during start() makes that reject, and nothing opens afterwards', async () => {
    await using bench = await open();
    bench.simulator.slowHandshake(30);
    const manager = bench.manager();
    const started = expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    await manager.stop();
    await started;
    await reached(bench.simulator.url);
    const dialled = bench.simulator.handshakes.length;
    await aWhile();
    expect(bench.simulator.handshakes).toHaveLength(dialled);
    expect(bench.simulator.connections).toHaveLength(0);
  });

  test('between two dials makes start() reject, and the others are not dialled', async () => {
    await using bench = await open();
    const manager = bench.manager();
    const started = expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    await eventually(() => expect(manager.getStats().connectionStats[0]!.state).not.toBe('idle'));
    await manager.stop();
    await started;
    await aWhile();
    expect(manager.getStats().connectionStats.at(-1)!.state).toBe('idle');
    expect(bench.simulator.connections).toHaveLength(0);
  });

  test('during the handshakes makes start() reject, and leaves no socket behind', async () => {
    await using bench = await open();
    bench.simulator.slowHandshake(Infinity);
    const manager = bench.manager();
    const started = expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    await eventually(() =>
      expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(
        Array(3).fill('connecting'),
      ),
    );
    await manager.stop();
    await started;
    expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(Array(3).fill('closed'));
  });

  test('and start() right behind it, without waiting, is a start that holds', async () => {
    await using bench = await open();
    const manager = bench.manager();
    await manager.subscribeSymbols([INFY, NIFTY, RELIANCE]);
    const first = expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    const stopped = manager.stop();
    const second = manager.start();
    await Promise.all([first, stopped, second]);
    await bench.agrees(manager);
    const health: string[] = [];
    manager.on('health', ({ status }) => health.push(status));
    const again = manager.stop();
    const third = manager.start();
    await Promise.all([again, third]);
    await bench.agrees(manager);
    expect(health.at(-1)).toBe('healthy');
  });

  test('as the last word of several wins, whatever was called before', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const first = manager.stop();
    const started = expect(manager.start()).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    await Promise.all([first, manager.stop(), started]);
    await aWhile();
    expect(manager.getStats().activeConnections).toBe(0);
    await eventually(() => expect(bench.simulator.connections).toHaveLength(0));
  });

  test('never takes longer for a peer that has gone mute', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    bench.simulator.blackhole();
    await manager.stop();
    expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(Array(3).fill('closed'));
  });

  test('comes by itself at the end of `await using`', async () => {
    await using bench = await open();
    let kept: KiteTickerManager;
    {
      await using manager = bench.manager();
      kept = manager;
      await manager.start();
    }
    expect(kept.getStats().activeConnections).toBe(0);
  });

  test('then start() again has the same subscriptions, new channels, and figures that go on', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    await manager.subscribeSymbols([INFY, NIFTY], 'full');
    await eventually(() => expect(ofType(messages, 'ticks').length).toBeGreaterThan(1));
    await manager.stop();
    const received = manager.getStats().totalMessagesReceived;
    await manager.changeMode([NIFTY], 'ltp');
    await manager.subscribeSymbols([RELIANCE]);
    const anew = collect(manager.getUnifiedChannel());
    await manager.start();
    await bench.agrees(manager);
    await eventually(() => expect(ofType(anew, 'ticks')).not.toHaveLength(0));
    expect(manager.getStats().totalMessagesReceived).toBeGreaterThan(received);
    // A stop is not a loss.
    expect(ofType(anew, 'gap')).toEqual([]);
    expect(manager.getStats().connectionStats.map(({ reconnects }) => reconnects)).toEqual([0, 0, 0]);
    expect(ofType(messages, 'state').at(-1)).toMatchObject({ state: 'closed' });
  });

  test('is no change of health that anybody is told of', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const told: string[] = [];
    manager.on('health', ({ status }) => told.push(status));
    await manager.stop();
    expect(told).toEqual([]);
    expect(manager.getHealth()).toMatchObject({ status: 'critical', uptimeMs: 0 });
  });
});
