import { describe, expect, test } from 'vitest';
import { isKiteError, KiteTickerManager, type ManagerOptions, Mode, type TickerMessage } from '@kite/manager';
import { standing, VirtualClock } from '@kite/testkit';

import { FakeMarket } from '../support/fake-market.js';
import { VirtualHost } from '../support/virtual-worker.js';

const INFY = 408065;
const RELIANCE = 738561;

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

  test('has as many workers as were asked for', async () => {
    const it = bench({ maxConnections: 3, ioThreads: 2 });
    await it.start();
    expect([it.host.workers.length, it.market.connected.length]).toEqual([2, 3]);
    await it.stop();
  });

  test('is obeyed in the order of the calls, in a turn of the worker’s own', async () => {
    const it = bench();
    await it.start();
    void it.manager.assignSymbols(new Map([[INFY, Mode.Full]]));
    void it.manager.subscribeSymbols([RELIANCE], Mode.LTP);
    void it.manager.changeMode([INFY], Mode.LTP);
    void it.manager.unsubscribeSymbols([RELIANCE]);
    expect(it.market.connected[0]!.requests).toEqual([]);
    await it.clock.advance(10);
    expect(it.market.connected[0]!.requests).toEqual([
      `subscribe [${INFY}]`,
      `mode ["full",[${INFY}]]`,
      `subscribe [${RELIANCE}]`,
      `mode ["ltp",[${RELIANCE}]]`,
      `mode ["ltp",[${INFY}]]`,
      `unsubscribe [${RELIANCE}]`,
    ]);
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
    expect(it.heard).toEqual(['connecting', 'open', 1500, 'waiting']);
    expect(it.manager.getHealth().reasons.join()).toContain('provoked by the test');
    expect(it.market.connected).toEqual([]);

    await it.clock.advance(5000);
    expect(it.market.connected[0]!.requests).toEqual([`subscribe [${INFY}]`, `mode ["ltp",[${INFY}]]`]);
    it.market.connected[0]!.tick(INFY, 1502);
    await it.clock.advance(10);
    expect(it.heard.slice(4)).toEqual(['connecting', 'open', 'gap', 1502]);
    expect(it.host.workers.map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
    await it.stop();
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
    await it.stop();
  });

  test('leaves the host alone where the connections are to run in the main thread', async () => {
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
