import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { type HealthSummary, KiteTickerManager, type ManagerOptions } from '@kite/manager';
import { VirtualClock } from '@kite/testkit';

import { FakeMarket } from '../support/fake-market.js';

const INFY = 408065;

function bench(options: Partial<ManagerOptions> = {}) {
  const clock = new VirtualClock();
  const market = new FakeMarket(clock);
  const manager = new KiteTickerManager({
    ...{ apiKey: 'key-of-unread-channels', accessToken: 'token', maxConnections: 2 },
    ...{ clock, random: () => 0.5, transport: market },
    ...options,
  });
  return {
    ...{ clock, market, manager },
    async start() {
      const starting = manager.start();
      await clock.advance(200);
      await starting;
    },
    /** So many seconds in which the connections send a heartbeat each. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        for (const peer of market.connected) peer.heartbeat();
        await clock.advance(1000);
      }
    },
    async stop() {
      const stopping = manager.stop();
      await clock.advance(100);
      await stopping;
      expect(clock.pending).toBe(0);
    },
  };
}

/** What Node would have shown. */
let warned: Mock;
beforeEach(() => {
  warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined) as Mock;
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a channel that is full and not read', () => {
  test.each([
    ['messages', (manager: KiteTickerManager) => manager.messages({ capacity: 3 })],
    ['ticks', (manager: KiteTickerManager) => manager.ticks({ capacity: 3 })],
    ['raw frames', (manager: KiteTickerManager) => manager.getRawFrameChannel(0, { capacity: 3 })!],
  ])('of %s is a reason of the health after ten seconds, until somebody reads', async (kind, open) => {
    const { market, manager, start, pass, stop } = bench();
    await start();
    const told: HealthSummary['status'][] = [];
    manager.on('health', ({ status }) => told.push(status));
    const channel = open(manager);
    for (let price = 1; price <= 9; price++) market.connected[0]!.tick(INFY, price);
    await pass(9);
    expect(manager.getHealth().reasons).toEqual([]);
    await pass(1);
    const reasons = [`a channel of ${kind} is full, and nobody has read it for 10 s`];
    expect(manager.getHealth()).toMatchObject({ status: 'degraded', reasons });
    await pass(10);
    channel.tryRecv();
    expect(manager.getHealth().reasons).toEqual([]);
    await pass(1);
    channel.close();
    await pass(10);
    expect([manager.getHealth().status, told]).toEqual(['healthy', ['degraded', 'healthy']]);
    await stop();
  });

  test('is named once, over however many connections it is; one that is read slowly is not', async () => {
    const { market, manager, start, pass, stop } = bench();
    await start();
    manager.ticks({ capacity: 1 });
    manager.ticks({ capacity: 2 });
    const read = manager.messages({ capacity: 3 });
    for (let second = 0; second < 12; second++) {
      for (const peer of market.connected) for (let price = 1; price <= 5; price++) peer.tick(INFY, price);
      await pass(1);
      read.tryRecv();
    }
    expect(manager.getHealth().reasons).toEqual([
      'a channel of ticks is full, and nobody has read it for 10 s',
    ]);
    await stop();
  });
});

describe('a manager that was never started', () => {
  test('warns once that its channels are read, ten seconds after the first read', async () => {
    const { clock, manager, stop } = bench();
    void manager.messages().recv();
    void manager.getChannel(1)!.recv();
    await clock.advance(9999);
    expect(warned).not.toHaveBeenCalled();
    await clock.advance(60_000);
    void manager.ticks().recv();
    await clock.advance(60_000);
    expect(warned.mock.calls).toEqual([
      ['a channel has been read for 10 s, and start() was never called', { type: 'KiteWarning' }],
    ]);
    await stop();
  });

  test('does not warn of channels that nobody reads, nor where it is started in time, nor after a stop', async () => {
    const unread = bench();
    unread.manager.messages();
    await unread.clock.advance(60_000);
    const started = bench();
    void started.manager.messages().recv();
    await started.start();
    await started.pass(20);
    await started.stop();
    void started.manager.messages().recv();
    await started.clock.advance(60_000);
    const stopped = bench();
    void stopped.manager.messages().recv();
    await stopped.stop();
    expect(warned).not.toHaveBeenCalled();
  });
});
