import { describe, expect, test } from 'vitest';
import { isKiteError, type KiteError, KiteTickerManager } from '@kite/multi-api';
import { codeOf, collect, eventually, INFY, settled } from '@kite/testkit';

import { accounts, keyOf, logins, openBench, ticksOf } from '../support/multi-bench.js';

describe('start', () => {
  test('refuses without an account', async () => {
    await using bench = await openBench();
    expect(await codeOf(bench.manager({}).start())).toBe('KITE_MULTI_API_NO_ACCOUNTS');
  });

  test('takes an account along that is added while it waits for a stop, and stops it with the others', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a') });
    const first = manager.stop();
    const started = manager.start().catch(() => undefined);
    const added = manager.addApiKey('b', keyOf('b'), 'token-of-b');
    await Promise.all([first, manager.stop(), started, added]);
    expect(bench.simulator.connections).toEqual([]);
    await manager.start();
    await eventually(() => expect(manager.getStats().totalConnections).toBe(6));
  });

  test('gives every caller the same promise, and resolves at once when started', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a') });
    const first = manager.start();
    expect(manager.start()).toBe(first);
    await first;
    await manager.start();
    expect(manager.getStats()).toMatchObject({ totalConnections: 3 });
    expect(bench.simulator.handshakes).toHaveLength(3);
  });

  test('succeeds with one account when all others are refused, and health names them and the reason', async () => {
    await using bench = await openBench({ accounts: logins('good') });
    const { manager } = await bench.start({ accounts: accounts('bad', 'good') });
    const health = manager.getHealth();
    expect(health).toMatchObject({ status: 'degraded', healthyConnections: 3, healthPercentage: 50 });
    expect(health.unhealthyConnections).toEqual(
      [0, 1, 2].map((channelId) => ({ apiKeyId: 'bad', channelId })),
    );
    expect(health.accounts.map(({ id, status }) => [id, status])).toEqual([
      ['bad', 'critical'],
      ['good', 'healthy'],
    ]);
    expect(health.accounts[0]!.reasons.join()).toMatch(/403/);
    expect(health.reasons.join()).toMatch(/bad: .*403/);
  });

  test('fails when all are refused, with every reason, and leaves nothing running', async () => {
    await using bench = await openBench({ accounts: [] });
    const manager = bench.manager({ accounts: accounts('first', 'second') });
    const error = await manager.start().then(
      () => undefined,
      (cause: unknown) => cause as KiteError,
    );
    expect(error).toMatchObject({
      code: 'KITE_MULTI_API_START_FAILED',
      message: expect.stringMatching(/first: .*403.*second: .*403/s) as string,
    });
    expect(error?.reasons?.map(({ apiKeyId }) => apiKeyId)).toEqual([
      ...Array<string>(3).fill('first'),
      ...Array<string>(3).fill('second'),
    ]);
    expect(error?.reasons?.every((reason) => isKiteError(reason, 'KITE_CONNECTION_UNAUTHORIZED'))).toBe(true);
    expect(bench.simulator.connections).toEqual([]);
    const { length } = bench.simulator.handshakes;
    // Their keys are free for others in this process.
    bench.simulator.setAccessToken(keyOf('first'), 'new');
    const other = new KiteTickerManager(keyOf('first'), 'new', {
      url: bench.simulator.url,
      enableDedicatedParsers: false,
    });
    await other.start();
    expect(other.getStats().activeConnections).toBe(3);
    await other.stop();
    expect(bench.simulator.handshakes).toHaveLength(length + 3);
  });

  test('can be called again after it has failed', async () => {
    await using bench = await openBench({ accounts: [] });
    const manager = bench.manager({ accounts: accounts('a') });
    expect(await codeOf(manager.start())).toBe('KITE_MULTI_API_START_FAILED');
    bench.simulator.setAccessToken(keyOf('a'), 'token-of-a');
    await manager.start();
    expect(manager.getHealth().status).toBe('healthy');
  });

  test('leaves channels to the next one where it fails', async () => {
    await using bench = await openBench({ accounts: [] });
    const manager = bench.manager({ accounts: accounts('a') });
    const messages = collect(manager.getUnifiedChannel());
    const ofOne = manager.getChannel('a', 0)!;
    await manager.subscribeSymbols([INFY]);
    expect(await codeOf(manager.start())).toBe('KITE_MULTI_API_START_FAILED');
    bench.simulator.setAccessToken(keyOf('a'), 'token-of-a');
    await manager.start();
    await eventually(() => expect(ticksOf(messages).length).toBeGreaterThan(0));
    expect(await ofOne.recv()).toBeDefined();
    await manager.stop();
    for await (const _ of ofOne);
  });

  test('comes to nothing when stopped, and one that is called after the stop begins anew', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    const first = codeOf(manager.start());
    const stopped = manager.stop();
    const second = codeOf(manager.start());
    expect(await first).toBe('KITE_MULTI_API_STOPPED');
    await stopped;
    expect(await second).toBeUndefined();
    expect(manager.getHealth().status).toBe('healthy');
    const third = codeOf(manager.start());
    expect(await third).toBeUndefined();
    void manager.stop();
    const fourth = codeOf(manager.start());
    await manager.stop();
    expect(await fourth).toBe('KITE_MULTI_API_STOPPED');
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });
});

describe('stop', () => {
  test('ends every channel and every socket, is idempotent, and says nothing of health', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    const told: string[] = [];
    manager.on('health', ({ status }) => told.push(status));
    await manager.start();
    const unified = manager.getUnifiedChannel();
    const single = manager.getChannel('b', 2)!;
    const raw = manager.getAllRawFrameChannels();
    expect(raw.map(([id, channelId]) => `${id}${channelId}`)).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
    const read = [unified, single, ...raw.map(([, , channel]) => channel)].map(async (channel) => {
      let count = 0;
      for await (const _item of channel as AsyncIterable<unknown>) count++;
      return count;
    });
    await Promise.all([manager.stop(), manager.stop()]);
    await manager.stop();
    await Promise.all(read);
    expect(await unified.recv()).toBeUndefined();
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
    expect(told).toEqual(['healthy']);
    expect(manager.getStats()).toMatchObject({ uptimeMs: 0, totalConnections: 0 });
  });

  test('is what leaving a scope does', async () => {
    await using bench = await openBench();
    {
      await using manager = bench.manager({ accounts: accounts('a') });
      await manager.start();
      expect(bench.simulator.connections).toHaveLength(3);
    }
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });

  test('waits for the connections of an account that has just been removed', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    bench.simulator.blackhole(keyOf('a'));
    let isGone = false;
    const leaving = manager.removeApiKey('a').then(() => (isGone = true));
    await eventually(() => expect(manager.getApiKeys()).toEqual(['b']));
    await manager.stop();
    await settled();
    expect(isGone).toBe(true);
    await leaving;
  });

  test('does not wait for an account that is being handed over', async () => {
    await using bench = await openBench({ ticksPerSecond: 0 });
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', [INFY]);
    await bench.agrees(manager);
    await eventually(() => expect(manager.getStats().totalMessagesReceived).toBeGreaterThan(0));
    bench.simulator.stall(keyOf('b'));
    const leaving = manager.removeApiKey('a');
    await manager.stop();
    await leaving;
    expect(manager.getApiKeys()).toEqual(['b']);
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });
});

describe('in I/O workers', () => {
  test('the whole works the same', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager, messages } = await bench.start({
      accounts: accounts('a', 'b'),
      enableDedicatedParsers: true,
      replicas: 2,
    });
    await manager.subscribeSymbols([INFY], 'full');
    await bench.agrees(manager);
    await eventually(() =>
      expect(messages.filter(({ message }) => message.type === 'ticks').length).toBeGreaterThan(5),
    );
    expect(messages.filter(({ message }) => message.type === 'issue')).toEqual([]);
    const more = collect(manager.getChannel('b', 0)!);
    bench.kill('a');
    await eventually(() =>
      expect(manager.getHealth()).toMatchObject({ status: 'degraded', unplacedSymbols: 0 }),
    );
    await eventually(() => expect(more.length).toBeGreaterThan(5));
  });
});
