import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '@kite/connection';
import type { Clock } from '@kite/protocol';
import { startSimulator } from '@kite/simulator';
import { aWhile, eventually, instruments } from '@kite/testkit';

import { crash, crashingWorker } from '../support/crash.js';
import type { LinkDriver } from '../support/link-driver.js';
import { RemoteSimulator } from '../support/remote-simulator.js';
import { block, openLink, startThread } from '../support/thread-bench.js';

/** Opens it, and resolves when it is open. */
async function openNow(driver: LinkDriver): Promise<void> {
  driver.open();
  await eventually(() => {
    expect(driver.link.state).toBe('open');
  });
}

describe('a connection in an I/O worker', () => {
  test('opens, streams in the modes that were assigned before and after, and closes', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    const thread = await startThread();
    const driver = openLink(thread, simulator.url);
    void driver.assign([408065], 'full');
    await openNow(driver);
    expect(driver.link.state).toBe('open');
    void driver.assign([256265], 'ltp');
    await eventually(() => {
      expect(Object.keys(driver.newestPackets)).toEqual(['256265', '408065']);
    });
    expect(simulator.connections[0]?.book).toEqual(
      new Map([
        [408065, 'full'],
        [256265, 'ltp'],
      ]),
    );
    void driver.unsubscribe([408065]);
    await eventually(() => {
      expect(simulator.connections[0]?.book.size).toBe(1);
    });
    await driver.close();
    // The server learns of it on a thread of its own.
    await eventually(() => {
      expect(simulator.connections).toEqual([]);
    });
    expect(driver.log.filter((entry) => entry !== 'frames' && entry !== 'text')).toEqual([
      'connecting',
      'open',
      'closing',
      'closed',
    ]);
    await thread.terminate();
  });

  test('tells of a loss and the gap as a connection in this thread does, and replays what is subscribed', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    const thread = await startThread();
    const driver = openLink(thread, simulator.url);
    void driver.assign([408065], 'full');
    await openNow(driver);
    await eventually(() => {
      expect(driver.frames).toBeGreaterThan(0);
    });
    simulator.drop();
    await eventually(() => {
      const gap = driver.log.indexOf('gap');
      expect(gap).toBeGreaterThan(0);
      expect(driver.log.slice(gap)).toContain('frames');
    });
    const since = driver.log.slice(driver.log.indexOf('waiting')).filter((entry) => entry !== 'text');
    expect(since).toEqual(['waiting', 'connecting', 'open', 'gap', 'frames']);
    expect(driver.states.find(({ state }) => state === 'waiting')?.error).toMatchObject({
      code: 'KITE_CONNECTION_LOST',
      closeCode: 1006,
    });
    expect(driver.gaps[0]).toMatchObject({ reason: expect.stringContaining('1006') as string });
    await thread.terminate();
  });

  test('says the very error of a refusal, and is revived by credentials', async () => {
    await using simulator = await startSimulator({ accounts: [{ apiKey: 'key', accessToken: 'right' }] });
    const thread = await startThread();
    const driver = openLink(thread, simulator.url, { accessToken: 'an-old-token' });
    driver.open();
    await eventually(() => {
      expect(driver.link.state).toBe('failed');
    });
    expect(driver.states.at(-1)?.error).toMatchObject({
      ...{ name: 'KiteError', code: 'KITE_CONNECTION_UNAUTHORIZED', status: 403 },
    });
    driver.update(undefined, 'right');
    await eventually(() => {
      expect(driver.link.state).toBe('open');
    });
    expect(JSON.stringify([driver.states, thread, driver.link])).not.toContain('an-old-token');
    await thread.terminate();
  });

  test('is closed before it opens, and opens after it', async () => {
    await using simulator = await startSimulator({ handshakeDelayMs: 30 });
    const thread = await startThread();
    const driver = openLink(thread, simulator.url);
    driver.open();
    const closing = driver.close();
    driver.open();
    await closing;
    await eventually(() => {
      expect(driver.link.state).toBe('open');
    });
    await thread.terminate();
    expect(driver.link.state).toBe('closed');
  });

  test('asks the token provider in this thread before each connect', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    const thread = await startThread();
    let calls = 0;
    const driver = openLink(thread, simulator.url, {
      accessToken: async () => `token-${++calls}`,
    });
    await openNow(driver);
    expect(calls).toBe(1);
    simulator.drop();
    await eventually(() => {
      expect(driver.gaps).toHaveLength(1);
    });
    expect(calls).toBe(2);
    await thread.terminate();
  });

  test('goes on trying when the token provider fails, or gives what is no token', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    const thread = await startThread();
    const answers: (() => unknown)[] = [
      () => Promise.reject(new Error('the vault is closed')),
      // What has no text, as no thread could be driver.
      () => Promise.reject(Object.create(null) as Error),
      () => () => 'a function',
      () => ({ accessToken: 'in an object' }),
      () => '',
      () => 'token',
    ];
    const driver = openLink(thread, simulator.url, {
      accessToken: () => answers.shift()?.() as string,
    });
    await openNow(driver);
    expect(driver.states.flatMap(({ error }) => error?.code ?? [])).toEqual(
      Array(5).fill('KITE_CONNECTION_TOKEN_FAILED'),
    );
    const messages = driver.states.flatMap(({ error }) => error?.message ?? []);
    expect(messages[0]).toContain('the vault is closed');
    expect(messages[3]).toContain('gave a value of type object');
    await thread.terminate();
  });

  test('keeps what a consumer holds as it is, over many turns of a small ring', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 20_000, stepIntervalMs: 5 });
    const thread = await startThread({ ringBytes: 64 * 1024 });
    const driver = openLink(thread, simulator.url);
    driver.keepsFrames = true;
    void driver.assign(instruments(100), 'full');
    await openNow(driver);
    await eventually(() => {
      expect(driver.kept.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(20 * 64 * 1024);
    });
    await thread.terminate();
    for (const { bytes, copy } of driver.kept) expect(Buffer.compare(bytes, copy)).toBe(0);
  });

  test('rejects with the reason where no worker can start', async () => {
    await expect(startThread({ workerUrl: new URL('./nowhere.js', import.meta.url) })).rejects.toMatchObject({
      code: 'KITE_MANAGER_THREADS_UNAVAILABLE',
      message: expect.stringContaining('nowhere.js') as string,
    });
    await expect(startThread({ ringBytes: 2 ** 52 })).rejects.toMatchObject({
      code: 'KITE_MANAGER_THREADS_UNAVAILABLE',
    });
  });
});

describe('a worker that crashes', () => {
  test('is replaced: its connections are open again, with one subscribe and one mode request, and the gap is told first', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 1000 });
    const thread = await startThread({ workerUrl: crashingWorker });
    const driver = openLink(thread, simulator.url);
    void driver.assign(instruments(50), 'full');
    void driver.assign([408065], 'quote');
    await openNow(driver);
    await eventually(() => {
      expect(driver.frames).toBeGreaterThan(0);
    });
    driver.log.length = 0;
    crash();
    await eventually(() => {
      const gap = driver.log.indexOf('gap');
      expect(gap).toBeGreaterThan(0);
      expect(driver.log.slice(gap)).toContain('frames');
    });
    expect(driver.log.slice(driver.log.indexOf('waiting')).filter((entry) => entry !== 'text')).toEqual([
      'waiting',
      'connecting',
      'open',
      'gap',
      'frames',
    ]);
    const crashed = driver.states.find(({ error }) => error)?.error;
    expect(crashed).toMatchObject({ code: 'KITE_MANAGER_WORKER_CRASHED' });
    expect(crashed?.message).toContain('provoked by the test');
    expect(driver.gaps[0]?.to).toBeGreaterThanOrEqual(driver.gaps[0]!.from);
    expect(simulator.connections).toHaveLength(1);
    expect(simulator.connections[0]?.requests.map(({ action }) => action)).toEqual(['subscribe', 'mode']);
    expect(simulator.connections[0]?.book).toEqual(driver.modes);
    await thread.terminate();
  });

  test('takes what was changed meanwhile into account, and a close is a close', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    const thread = await startThread({
      workerUrl: crashingWorker,
      reconnectDelayMs: 40,
      maxReconnectDelayMs: 40,
    });
    const staying = openLink(thread, simulator.url);
    const leaving = openLink(thread, simulator.url);
    await openNow(staying);
    await openNow(leaving);
    crash();
    await eventually(() => {
      expect(staying.link.state).toBe('waiting');
    });
    void staying.assign([256265], 'full');
    await leaving.close();
    expect(leaving.link.state).toBe('closed');
    await eventually(() => {
      expect(simulator.connections.map(({ book }) => [...book])).toEqual([[[256265, 'full']]]);
    });
    await thread.terminate();
  });
});

describe('a worker that crashes again and again', () => {
  const ready = "import { parentPort } from 'node:worker_threads';parentPort.postMessage({ type: 'ready' });";
  test.each([
    {
      when: 'at its first command',
      program: "parentPort.once('message', () => { throw new Error('again'); });",
      blockedMs: 0,
    },
    {
      when: 'in the same breath as it says that it is ready, from its second life on',
      program:
        "if (process.env.KITE_TEST_LIVES) process.exit(1); else parentPort.once('message', () => process.exit(1));",
      // Long enough for a whole life: everything that it says is heard at once.
      blockedMs: 150,
    },
  ])(
    'is replaced at the pace of reconnects, and not at all once nobody wants a connection, where it ends $when',
    async ({ program, blockedMs }) => {
      const delays: number[] = [];
      const clock: Clock = {
        ...systemClock,
        setTimeout(callback, delayMs) {
          delays.push(delayMs);
          const isRespawn = delayMs >= 1000 && delayMs < 10_000;
          if (!isRespawn) return systemClock.setTimeout(callback, delayMs);
          return systemClock.setTimeout(() => {
            callback();
            block(blockedMs);
          }, 1);
        },
      };
      const thread = await startThread({
        workerUrl: new URL(`data:text/javascript,${ready}${program}`),
        clock,
        reconnectDelayMs: 1000,
        maxReconnectDelayMs: 8000,
        stableAfterMs: 60_000,
        random: () => 1,
      });
      vi.stubEnv('KITE_TEST_LIVES', 'more');
      const driver = openLink(thread, 'ws://127.0.0.1:9/');
      driver.open();
      const paces = (): number[] => delays.filter((delayMs) => delayMs >= 1000 && delayMs < 10_000);
      await eventually(() => {
        expect(paces().length).toBeGreaterThanOrEqual(5);
      });
      expect(paces().slice(0, 5)).toEqual([2000, 4000, 8000, 8000, 8000]);
      expect(driver.states[0]).toMatchObject({
        state: 'waiting',
        error: { code: 'KITE_MANAGER_WORKER_CRASHED' },
      });
      await driver.close();
      await thread.terminate();
      const count = delays.length;
      await aWhile();
      expect(delays).toHaveLength(count);
      vi.unstubAllEnvs();
    },
  );
});

describe('while the main thread is blocked', () => {
  test('for 5 s under load (nothing shorter would outlast the threshold of liveness): no disconnect, pings are answered; afterwards each newest state, each order in order, and the loss counted', async () => {
    await using simulator = await RemoteSimulator.start({
      ticksPerSecond: 20_000,
      stepIntervalMs: 10,
      pingIntervalMs: 100,
    });
    const thread = await startThread({ ringBytes: 1024 * 1024 });
    const driver = openLink(thread, simulator.url, {
      config: { heartbeatLivenessThresholdMs: 2000 },
    });
    void driver.assign(instruments(1000), 'full');
    await openNow(driver);
    await eventually(() => {
      expect(driver.ticks).toBeGreaterThan(1000);
    });
    const orders = Array.from({ length: 40 }, (_, index) => ({
      afterMs: index * 100,
      order: { type: 'order' } as const,
    }));
    await simulator.tell({
      type: 'schedule',
      orders: [
        ...orders,
        { afterMs: 4500, order: { type: 'snapshot' } },
        { afterMs: 4800, order: { type: 'rate', ticksPerSecond: 0 } },
      ],
    });
    block(5000);
    await simulator.tell({ type: 'order' });

    const server = await eventually(async () => {
      const report = await simulator.report();
      expect(driver.newestPackets).toEqual(report.newest);
      expect(driver.orderTags).toEqual(report.orders);
      return report;
    });
    expect(server.closed).toEqual([]);
    expect(driver.states.map(({ state }) => state)).toEqual(['connecting', 'open']);
    expect(server.snapshots[0]!.pongsReceived).toBeGreaterThanOrEqual(server.snapshots[0]!.pingsSent - 2);
    expect(server.snapshots[0]!.pongsReceived).toBeGreaterThan(30);
    expect(driver.orderTags).toHaveLength(41);

    const { counters } = server.connections[0]!;
    expect(driver.lag.ticks).toBeGreaterThan(0);
    expect(driver.log.indexOf('lag')).toBeGreaterThan(0);
    expect(driver.ticks + driver.lag.ticks).toBe(counters.ticksSent);
    expect(driver.lag.fullTicks).toBe(driver.lag.ticks);
    await thread.terminate();
  }, 30_000);

  test('for 2 s (a token is waited for half a second): a connection that drops is up again before the main thread is, with the token that was good', async () => {
    await using simulator = await RemoteSimulator.start({ ticksPerSecond: 1000 });
    const thread = await startThread();
    let calls = 0;
    const driver = openLink(thread, simulator.url, { accessToken: async () => `token-${++calls}` });
    void driver.assign(instruments(10), 'full');
    await openNow(driver);
    await simulator.tell({ type: 'schedule', orders: [{ afterMs: 100, order: { type: 'drop' } }] });
    block(2000);
    const unblockedAt = Date.now();
    await eventually(() => {
      expect(driver.gaps).toHaveLength(1);
    });
    const { opened, closed, connections } = await simulator.report();
    expect(closed).toHaveLength(1);
    expect(opened).toHaveLength(2);
    expect(opened[1]!.at).toBeLessThan(unblockedAt);
    expect(connections[0]?.requests).toEqual(['subscribe ×10', 'mode full ×10']);
    // Asked once for the reconnect; the answer came too late for it.
    await eventually(() => {
      expect(calls).toBe(2);
    });
    await thread.terminate();
  });
});
