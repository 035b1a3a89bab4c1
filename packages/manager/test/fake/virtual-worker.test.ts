import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { isKiteError, KiteTickerManager, type ManagerOptions, Mode, type TickerMessage } from '@kite/manager';
import { standing, VirtualClock } from '@kite/testkit';

import { managerSeam } from '../../src/seam.js';
import { FakeMarket } from '../support/fake-market.js';
import { VirtualHost } from '../support/virtual-worker.js';

const INFY = 408065;
const RELIANCE = 738561;
const TCS = 2953217;
const WIPRO = 969473;

/** A manager in virtual time, whose I/O workers are run by a host. The main thread and the workers each have a market. */
function bench(options: Partial<ManagerOptions> = {}) {
  const clock = new VirtualClock();
  const ofMain = new FakeMarket(clock);
  const market = new FakeMarket(clock);
  const host = new VirtualHost(clock, market);
  const manager = new KiteTickerManager({
    apiKey: 'key-of-a-virtual-worker',
    accessToken: 'token',
    maxConnections: 1,
    clock,
    random: () => 0.5,
    transport: ofMain,
    [Symbol.for('@kite/io-worker')]: host,
    ...options,
  });
  const heard: TickerMessage[] = [];
  for (const type of ['ticks', 'gap', 'state', 'issue'] as const)
    manager.on(type, (message) => void heard.push(message));
  return {
    clock,
    ofMain,
    market,
    host,
    manager,
    /** States, gaps, issues and prices, in order. */
    get heard(): (string | number)[] {
      return heard.flatMap((message): string | number | number[] => {
        if (message.type === 'ticks') return message.ticks.map(({ lastPrice }) => lastPrice);
        if (message.type === 'state') return message.state;
        return message.type === 'issue' && isKiteError(message.issue) ? message.issue.code : message.type;
      });
    },
    async start() {
      const starting = manager.start();
      await clock.advance(200);
      await starting;
    },
    /** Fails where a timer is left behind. */
    async stop(withinMs = 100) {
      const stopping = manager.stop();
      await clock.advance(withinMs);
      expect([await standing(stopping), clock.pending]).toEqual(['resolved', 0]);
    },
  };
}

/** What Node would have shown. */
let warned: Mock;
beforeEach(() => {
  warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a manager whose I/O worker runs in virtual time', () => {
  test('starts, streams and stops with the time, chance and sockets of the worker, and leaves nothing behind', async () => {
    const it = bench();
    await it.start();
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    await it.clock.advance(10);
    it.market.connected[0]!.tick(INFY, 1500);
    it.market.connected[0]!.tick(INFY, 1501.5);
    expect(it.heard).not.toContain(1500);
    await it.clock.advance(10);
    expect(it.heard).toEqual(['connecting', 'open', 1500, 1501.5]);
    await it.stop();
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true]);
    expect([it.market.peers.length, it.market.connected.length, it.ofMain.peers.length]).toEqual([1, 0, 0]);
  });

  test.each([
    { latency: 'balanced', most: 70 },
    { latency: 'lowest', most: 400 },
  ] as const)(
    'wakes the main thread for dense data as the latency says: $latency',
    async ({ latency, most }) => {
      const it = bench({ latency });
      it.host.postMs = 0.1;
      await it.start();
      await it.manager.subscribeSymbols([INFY], Mode.LTP);
      await it.clock.advance(10);
      const { posted } = it.host.workers[0]!;
      const before = posted.length;
      for (let tick = 0; tick < 400; tick++) {
        it.market.connected[0]!.tick(INFY, 1500 + tick);
        await it.clock.advance(0.5);
      }
      await it.clock.advance(10);
      expect(it.heard.slice(2)).toEqual(Array.from({ length: 400 }, (_, tick) => 1500 + tick));
      const wakes = posted.length - before;
      expect(wakes).toBeLessThanOrEqual(most);
      expect(wakes).toBeGreaterThan(latency === 'lowest' ? 399 : 60);
      await it.stop();
    },
  );

  test('has as many workers as were asked for', async () => {
    const it = bench({ maxConnections: 3, ioThreads: 2 });
    await it.start();
    expect([it.host.workers.length, it.market.connected.length]).toEqual([2, 3]);
    await it.stop();
  });

  test('is told once what is wanted at the end of a turn, and does it in a turn of the worker’s own', async () => {
    const it = bench();
    await it.start();
    void it.manager.assignSymbols(new Map([[INFY, Mode.Full]]));
    void it.manager.subscribeSymbols([RELIANCE], Mode.LTP);
    void it.manager.changeMode([INFY], Mode.LTP);
    void it.manager.unsubscribeSymbols([RELIANCE]);
    expect(it.market.connected[0]!.requests).toEqual([]);
    await it.clock.advance(10);
    expect(it.market.connected[0]!.requests).toEqual([`subscribe [${INFY}]`, `mode ["ltp",[${INFY}]]`]);
    await it.stop();
  });

  test('replaces a worker that crashes, and tells the gap before the first tick of the new one', async () => {
    const it = bench();
    await it.start();
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    await it.clock.advance(10);
    it.market.connected[0]!.tick(INFY, 1500);
    it.host.workers[0]!.crash(new TypeError('provoked by the test'));
    await it.clock.advance(10);
    expect(it.heard).toEqual(['connecting', 'open', 1500, 'KITE_MANAGER_WORKER_CRASHED', 'waiting']);
    expect(it.manager.getHealth().reasons.join()).toContain('provoked by the test');
    expect(it.market.connected).toEqual([]);

    await it.clock.advance(5000);
    expect(it.market.connected[0]!.requests).toEqual([`subscribe [${INFY}]`, `mode ["ltp",[${INFY}]]`]);
    it.market.connected[0]!.tick(INFY, 1502);
    await it.clock.advance(10);
    expect(it.heard.slice(5)).toEqual(['connecting', 'open', 'gap', 1502]);
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
    it.host.workers[1]!.crash(new TypeError('provoked again'));
    await it.clock.advance(10);
    expect(warned.mock.calls).toEqual([
      [
        'the I/O worker has crashed: provoked by the test',
        { type: 'KiteWarning', code: 'KITE_MANAGER_WORKER_CRASHED' },
      ],
    ]);
    await it.stop();
  });

  test('has a new worker dial its connections one after the other, as at the start', async () => {
    const it = bench({ maxConnections: 3 });
    await it.start();
    it.host.workers[0]!.crash(new TypeError('provoked by the test'));
    const dialled: number[] = [];
    it.manager.on('state', ({ state, receivedAt }) => {
      if (state === 'connecting') dialled.push(receivedAt);
    });
    await it.clock.advance(5000);
    expect(dialled.map((at) => at - dialled[0]!)).toEqual([0, 50, 100]);
    await it.stop();
  });

  test('does not watch a worker that has crashed, whatever is called while its last words are read', async () => {
    const it = bench();
    await it.start();
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    await it.clock.advance(10);
    it.manager.on('ticks', () => void it.manager.updateCredentials({ accessToken: 'another' }));
    it.market.connected[0]!.tick(INFY, 1500);
    it.host.workers[0]!.crash(new TypeError('provoked by the test'));
    await it.clock.advance(20_000);
    expect(it.heard).toContain(1500);
    expect(it.heard.filter((what) => what === 'KITE_MANAGER_WORKER_HUNG')).toEqual([]);
    expect(it.manager.getHealth().reasons.join()).not.toContain('hangs');
    await it.stop();
  });

  test('stops at once while its worker is not ready, and nothing of the worker is left', async () => {
    const it = bench();
    it.host.isMute = true;
    const starting = it.manager.start();
    starting.catch(() => undefined);
    await it.clock.advance(3000);
    expect(await standing(starting)).toBe('pending');
    await it.stop();
    await expect(starting).rejects.toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true]);
    expect([it.heard, warned.mock.calls]).toEqual([[], []]);
  });

  test('stops at once while another worker takes the place of one that has crashed, and nothing of either is left', async () => {
    const it = bench();
    await it.start();
    it.host.isMute = true;
    it.host.workers[0]!.crash(new TypeError('provoked by the test'));
    await it.clock.advance(5000);
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
    await it.stop();
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true, true]);
    await it.clock.advance(60_000);
    expect(it.host.workers).toHaveLength(2);
    expect(it.heard.filter((what) => String(what).startsWith('KITE'))).toEqual([
      'KITE_MANAGER_WORKER_CRASHED',
    ]);
  });

  test('reports a worker that hangs after two seconds, once, and replaces it after ten', async () => {
    const it = bench();
    await it.start();
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    await it.clock.advance(10);
    it.market.connected[0]!.tick(INFY, 1500);
    await it.clock.advance(1000);
    const health: string[] = [];
    it.manager.on('health', ({ status }) => void health.push(status));
    it.host.workers[0]!.hang();
    await it.clock.advance(1700);
    expect(it.heard.slice(2)).toEqual([1500]);
    await it.clock.advance(1300);
    expect(it.heard.slice(2)).toEqual([1500, 'KITE_MANAGER_WORKER_HUNG']);
    expect(health).toEqual(['degraded']);
    expect(it.manager.getHealth().reasons).toContain('the I/O worker hangs: it shows no sign of life');
    await it.clock.advance(6500);
    expect(it.host.workers).toHaveLength(1);
    await it.clock.advance(6500);
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
    it.market.connected[0]!.tick(INFY, 1502);
    await it.clock.advance(10);
    expect(it.heard.slice(2)).toEqual([
      ...[1500, 'KITE_MANAGER_WORKER_HUNG', 'waiting', 'connecting', 'open', 'gap', 1502],
    ]);
    expect(it.manager.getHealth()).toMatchObject({ status: 'healthy', reasons: [] });
    expect(warned.mock.calls).toMatchObject([[expect.stringContaining('hung'), { type: 'KiteWarning' }]]);
    await it.stop();
  });

  test('moves nothing and tells no gap where a worker hangs and goes on: its sockets have lost nothing', async () => {
    const it = bench({ maxConnections: 2, failoverAfterMs: 1000 });
    await it.start();
    await it.manager.subscribeSymbols([INFY, RELIANCE], Mode.LTP);
    await it.clock.advance(10);
    const tick = (price: number): void => {
      it.market.connected[0]!.tick(INFY, price);
      it.market.connected[1]!.tick(RELIANCE, price + 1);
    };
    tick(1500);
    await it.clock.advance(1000);
    it.host.workers[0]!.hang(5000);
    await it.clock.advance(4500);
    expect(it.manager.getHealth()).toMatchObject({ darkSymbols: 2 });
    tick(1600);
    await it.clock.advance(2000);
    expect(it.manager.getHealth()).toMatchObject({ darkSymbols: 0, status: 'healthy' });
    tick(1700);
    await it.clock.advance(10);
    expect(it.heard.slice(-7)).toEqual([...[1500, 1501, 'KITE_MANAGER_WORKER_HUNG', 1600, 1601, 1700, 1701]]);
    await it.stop();
  });

  test('spreads after a hang what all connections stream again, and its gap begins with the last data', async () => {
    const it = bench({ maxConnections: 2 });
    await it.start();
    await it.manager.subscribeSymbols([INFY, RELIANCE, TCS, WIPRO], Mode.LTP);
    // The first connection holds nothing, and the second one, which hears later that the worker goes on, holds both.
    await it.manager.unsubscribeSymbols([INFY, TCS]);
    await it.clock.advance(10);
    it.market.connected[1]!.tick(RELIANCE, 1500);
    await it.clock.advance(10);
    it.host.workers[0]!.hang(2800);
    await it.clock.advance(2700);
    const gap = it.manager.once('gap');
    it.market.connected[1]!.tick(RELIANCE, 1600);
    const sentAt = it.clock.now();
    await it.clock.advance(1000);
    it.market.connected[0]!.tick(RELIANCE, 1700);
    await it.clock.advance(10);
    const { from, reason } = await gap;
    expect(reason).toBe('moved from connection 2 to another one');
    expect(from).toBeGreaterThanOrEqual(sentAt);
    expect(it.heard.slice(-4)).toEqual(['KITE_MANAGER_WORKER_HUNG', 1600, 'gap', 1700]);
    await it.stop();
  });

  test('ends the gap of an instrument that comes back with its first packet since the worker has asked for it again', async () => {
    const it = bench();
    await it.start();
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    await it.clock.advance(10);
    const from = it.clock.now();
    await it.manager.unsubscribeSymbols([INFY]);
    await it.manager.subscribeSymbols([INFY], Mode.LTP);
    // As where another account has streamed it meanwhile.
    it.manager[managerSeam].missed(new Map([[INFY, { from, reason: 'lost' }]]));
    const gap = it.manager.once('gap');
    it.market.connected[0]!.tick(INFY, 1500);
    await it.clock.advance(10);
    expect(it.heard).not.toContain(1500);
    it.market.connected[0]!.tick(INFY, 1600);
    const sentAt = it.clock.now();
    await it.clock.advance(10);
    expect(it.heard.slice(-2)).toEqual(['gap', 1600]);
    expect(await gap).toMatchObject({ from, to: sentAt });
    await it.stop();
  });

  test('calls no worker hung because the process stood still, no matter who wakes first', async () => {
    const it = bench();
    await it.start();
    for (let pause = 0; pause < 5; pause++) {
      it.clock.block(60_000);
      await it.clock.advance(400);
    }
    await it.clock.advance(3000);
    expect(it.heard.filter((what) => String(what).startsWith('KITE_MANAGER'))).toEqual([]);
    expect(it.host.workers).toHaveLength(1);
    await it.stop();
  });

  test('says where its connections run', async () => {
    const it = bench();
    const isolation = (): unknown[] => [it.manager.getHealth().isolation, it.manager.getStats().isolation];
    expect(isolation()).toEqual(['worker', 'worker']);
    await it.start();
    expect(isolation()).toEqual(['worker', 'worker']);
    await it.stop();

    const inline = bench({ enableDedicatedParsers: false });
    await inline.start();
    expect(inline.manager.getHealth()).toMatchObject({ isolation: 'inline', status: 'healthy', reasons: [] });
    await inline.stop();
    expect(warned).not.toHaveBeenCalled();
  });

  test('stops though its worker hangs: as much later as a close may take, and the worker is ended', async () => {
    const it = bench();
    await it.start();
    it.host.workers[0]!.hang();
    const stopping = it.manager.stop();
    await it.clock.advance(1500);
    expect(await standing(stopping)).toBe('pending');
    await it.stop(500);
    expect(it.host.workers[0]!.hasEnded).toBe(true);
  });

  test.each([
    { why: 'it crashes at once', prepare: (host: VirtualHost) => (host.failure = new Error('no memory')) },
    {
      why: 'the host has none to give',
      prepare: (host: VirtualHost) =>
        (host.spawn = () => {
          throw new Error('no memory');
        }),
    },
  ])('runs in the main thread where no worker can start, since $why, and says so', async ({ prepare }) => {
    const it = bench();
    prepare(it.host);
    await it.start();
    expect(it.heard).toEqual(['KITE_MANAGER_THREADS_UNAVAILABLE', 'connecting', 'open']);
    expect([it.market.peers.length, it.ofMain.connected.length]).toEqual([0, 1]);
    expect(it.manager.getStats().isolation).toBe('inline');
    expect(it.manager.getHealth()).toMatchObject({
      isolation: 'inline',
      status: 'degraded',
      reasons: ['the connections run in the main thread: no I/O worker could start: no memory'],
    });
    await it.stop();
    await it.start();
    expect(warned.mock.calls).toEqual([
      [
        'no I/O worker could start: no memory',
        { type: 'KiteWarning', code: 'KITE_MANAGER_THREADS_UNAVAILABLE' },
      ],
    ]);
    await it.stop();
  });

  test('revives a connection that had failed before a crash, when it gets other credentials', async () => {
    const it = bench({ maxConnections: 2, maxReconnectAttempts: 0 });
    await it.start();
    it.market.answer = () => ({ status: 403 });
    it.market.peers[1]!.drop();
    await it.clock.advance(5000);
    const states = (): string[] => it.manager.getStats().connectionStats.map(({ state }) => state);
    expect(states()).toEqual(['open', 'failed']);
    it.market.answer = () => 'accept';
    it.host.workers[0]!.crash(new TypeError('provoked by the test'));
    await it.clock.advance(10_000);
    expect(states()).toEqual(['open', 'failed']);
    await it.manager.updateCredentials({ accessToken: 'fresh' });
    await it.clock.advance(1000);
    expect(states()).toEqual(['open', 'open']);
    await it.stop();
  });

  test('leaves the host alone where the connections run in the main thread by choice', async () => {
    const it = bench({ enableDedicatedParsers: false });
    await it.start();
    expect(it.heard).toEqual(['connecting', 'open']);
    expect([it.host.workers.length, it.market.peers.length, it.ofMain.connected.length]).toEqual([0, 0, 1]);
    await it.stop();
  });

  test('comes by its host through a builder as well, and refuses what is none', async () => {
    const it = bench();
    const host = { [Symbol.for('@kite/io-worker')]: it.host };
    const manager = KiteTickerManager.builder('key-of-a-builder', 'token')
      .clock(it.clock)
      .transport(it.ofMain)
      .config({ ...host, maxConnections: 1 })
      .build();
    const starting = manager.start();
    await it.clock.advance(200);
    await starting;
    expect(it.host.workers).toHaveLength(1);
    const stopping = manager.stop();
    await it.clock.advance(100);
    await stopping;

    expect(() => bench({ [Symbol.for('@kite/io-worker')]: {} })).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field: '@kite/io-worker' }),
    );
  });
});
