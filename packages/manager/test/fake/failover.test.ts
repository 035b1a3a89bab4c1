import { describe, expect, test } from 'vitest';
import { ChannelId, KiteTickerManager, type ManagerOptions } from '@kite/manager';
import { VirtualClock } from '@kite/testkit';

import { FakeMarket, type FakePeer } from '../support/fake-market.js';

/** A manager in virtual time, without a worker, with two connections and two instruments. */
async function bench(options: Partial<ManagerOptions> = {}) {
  const clock = new VirtualClock();
  const market = new FakeMarket(clock);
  const manager = new KiteTickerManager({
    apiKey: 'key-of-a-failover',
    accessToken: 'token',
    maxConnections: 2,
    enableDedicatedParsers: false,
    failoverAfterMs: 5000,
    maxReconnectDelayMs: 4000,
    clock,
    random: () => 0.5,
    transport: market,
    ...options,
  });
  const starting = manager.start();
  await clock.advance(200);
  await starting;
  await manager.subscribeSymbols([256_001, 256_257]);
  return {
    clock,
    market,
    manager,
    /** How many instruments each connection has. */
    get counts(): number[] {
      const distribution = manager.getSymbolDistribution();
      return [ChannelId.Connection1, ChannelId.Connection2].map((id) => distribution[id].length);
    },
    /** Lets time pass until so many connections are open. */
    async opened(count: number): Promise<void> {
      while (manager.getStats().activeConnections < count) {
        await clock.advance(20);
        for (const peer of market.connected) peer.heartbeat();
      }
    },
    async stop(): Promise<void> {
      const stopping = manager.stop();
      await clock.advance(100);
      await stopping;
    },
  };
}

test('a connection that waits says how long it is until its next attempt', async () => {
  const it = await bench({ reconnectDelayMs: 3000 });
  const waits: (number | undefined)[] = [];
  it.manager.on('state', ({ state, retryInMs }) => {
    if (state === 'waiting') waits.push(retryInMs);
    else expect(retryInMs).toBeUndefined();
  });
  it.market.peers[0]!.drop();
  expect(waits).toHaveLength(1);
  const retryInMs = waits[0] ?? 0;
  expect(retryInMs).toBeGreaterThanOrEqual(3000);
  await it.clock.advance(retryInMs - 1);
  expect(it.market.peers).toHaveLength(2);
  await it.clock.advance(1);
  expect(it.market.peers).toHaveLength(3);
  await it.stop();
});

describe('after an outage of every connection', () => {
  test('what is back first streams everything at once, and the load is spread again when the other is back', async () => {
    const it = await bench();
    it.market.answer = () => 'drop';
    for (const peer of it.market.peers) peer.drop();
    await it.clock.advance(20_000);
    expect([it.market.connected.length, it.counts]).toEqual([0, [1, 1]]);
    let answers = 0;
    it.market.answer = () => (answers++ === 0 ? 'accept' : 'drop');
    await it.opened(1);
    expect(it.counts.sort()).toEqual([0, 2]);
    it.market.answer = () => 'accept';
    await it.opened(2);
    expect(it.counts).toEqual([1, 1]);
    await it.stop();
  });
});

test('a second connection that falls silent while the health is degraded already is reported, and so is the recovery', async () => {
  const it = await bench({ failoverAfterMs: 60_000 });
  const told: string[] = [];
  it.manager.on('health', ({ status, darkSymbols }) => told.push(`${status}: ${darkSymbols}`));
  const [first, second] = it.market.connected;
  for (let time = 0; time < 40; time++) {
    second!.heartbeat();
    await it.clock.advance(100);
  }
  expect(told).toEqual(['degraded: 1']);
  while (it.manager.getHealth().darkSymbols < 2) await it.clock.advance(20);
  await it.clock.advance(80);
  expect(told).toEqual(['degraded: 1', 'degraded: 2']);
  for (const peer of [first, second]) peer!.heartbeat();
  expect(told).toEqual(['degraded: 1', 'degraded: 2', 'healthy: 0']);
  await it.stop();
});

describe('an instrument that moves while both connections stream', () => {
  test('is silent until the new one answers, whatever is still under way from the old one', async () => {
    const it = await bench();
    it.market.answer = () => 'drop';
    for (const peer of it.market.peers) peer.drop();
    await it.clock.advance(20_000);
    let answers = 0;
    it.market.answer = () => (answers++ === 0 ? 'accept' : 'drop');
    await it.opened(1);
    const [first] = it.market.connected;
    const tokens = [...it.manager.subscriptions.keys()];
    await it.clock.advance(10);
    for (const token of tokens) first!.tick(token, 100);
    expect(it.manager.getSilentSymbols(0)).toEqual([]);
    it.market.answer = () => 'accept';
    await it.opened(2);
    await it.clock.advance(10);
    const [moved] = it.manager.getSilentSymbols(0);
    expect(it.manager.getSilentSymbols(0)).toEqual([moved]);
    first!.tick(moved!, 101);
    expect(it.manager.getSilentSymbols(0)).toEqual([moved]);
    const second = it.market.connected.find((peer) => peer !== first);
    second!.tick(moved!, 102);
    expect(it.manager.getSilentSymbols(0)).toEqual([]);
    await it.stop();
  });
});

describe('a connection that opens as another one has just taken its instruments', () => {
  test('has asked for them: what answers is not silent, however soon they are back', async () => {
    const it = await bench();
    it.market.answer = () => 'drop';
    for (const peer of it.market.peers) peer.drop(1001);
    await it.clock.advance(20_000);
    it.market.answer = () => 'never';
    await it.clock.advance(5000);
    const [first, second] = it.market.peers.filter(({ isTerminated }) => !isTerminated);
    first!.accept();
    second!.accept();
    for (const token of it.manager.subscriptions.keys())
      for (const peer of [first, second]) peer!.tick(token, 100);
    await it.clock.advance(10);
    expect([it.counts, it.manager.getSilentSymbols(0)]).toEqual([[1, 1], []]);
    await it.stop();
  });
});

describe('a connection that is silent for a while, and goes on', () => {
  test('has answered its subscriptions already', async () => {
    const it = await bench({ maxConnections: 1 });
    await it.clock.advance(10);
    const [peer] = it.market.connected;
    for (const token of it.manager.subscriptions.keys()) peer!.tick(token, 100);
    await it.clock.advance(5000);
    expect(it.manager.getHealth().status).not.toBe('healthy');
    peer!.heartbeat();
    expect(it.manager.getHealth().status).toBe('healthy');
    expect(it.manager.getSilentSymbols(0)).toEqual([]);
    peer!.drop();
    await it.opened(1);
    expect(it.manager.getSilentSymbols(0)).toEqual([...it.manager.subscriptions.keys()]);
    await it.stop();
  });
});

describe('an instrument that comes back to a connection over which it had stood still', () => {
  test('is handed on from what was sent after it was asked for again: no price turns back', async () => {
    const it = await bench({ heartbeatLivenessThresholdMs: 30_000 });
    const [token] = it.manager.subscriptions.keys();
    const home = it.manager.getSymbolDistribution()[ChannelId.Connection1].includes(token!) ? 0 : 1;
    const [old, other] = home === 0 ? it.market.connected : [...it.market.connected].reverse();
    const seen: string[] = [];
    it.manager.on('ticks', ({ ticks }) => seen.push(...ticks.map(({ lastPrice }) => `${lastPrice}`)));
    it.manager.on('gap', ({ instrumentTokens }) => {
      if (instrumentTokens?.includes(token!)) seen.push('gap');
    });
    old!.tick(token!, 101);
    for (let ms = 0; ms < 9000; ms += 1000) {
      await it.clock.advance(1000);
      other!.heartbeat();
    }
    other!.tick(token!, 103);
    it.market.answer = () => 'drop';
    other!.drop();
    await it.clock.advance(6000);
    // What had been held up comes all at once, and makes its connection stream again.
    for (const price of [101.5, 102]) {
      old!.tick(token!, price);
      await it.clock.advance(0);
    }
    await it.clock.advance(10);
    old!.tick(token!, 104);
    expect(seen).toEqual(['101', 'gap', '103', 'gap', '104']);
    await it.stop();
  });
});

describe('an instrument that goes and comes back in one turn', () => {
  test('is not asked for again: it is silent only if it was before', async () => {
    const it = await bench({ maxConnections: 1 });
    await it.clock.advance(10);
    const [peer] = it.market.connected;
    const [answered, dead] = it.manager.subscriptions.keys();
    peer!.tick(answered!, 100);
    const asked = peer!.requests.length;
    for (const token of [answered!, dead!]) {
      void it.manager.unsubscribeSymbols([token]);
      void it.manager.subscribeSymbols([token]);
    }
    await it.clock.advance(10);
    expect([peer!.requests.length, it.manager.getSilentSymbols(0)]).toEqual([asked, [dead]]);
    await it.manager.unsubscribeSymbols([answered!, dead!]);
    await it.clock.advance(10);
    await it.manager.subscribeSymbols([answered!]);
    await it.clock.advance(10);
    expect(it.manager.getSilentSymbols(0)).toEqual([answered]);
    await it.stop();
  });
});

describe('the gap of an instrument that moves on begins', () => {
  /** Lets time pass in which only this peer says something, until all instruments are on one connection. */
  async function movedTo(it: Awaited<ReturnType<typeof bench>>, peer: FakePeer): Promise<void> {
    while (!it.counts.includes(0)) {
      peer.heartbeat();
      await it.clock.advance(500);
    }
  }

  test('where its connection was lost, if that has opened anew and was lost again before it had brought it', async () => {
    const it = await bench();
    const [first, second] = it.market.connected as [FakePeer, FakePeer];
    const [mute] = it.manager.getSymbolDistribution()[ChannelId.Connection1];
    const heard = 256_769;
    await it.manager.subscribeSymbols([heard, 257_025]);
    for (const token of [mute!, heard]) first.tick(token, 100);
    const lostAt = it.clock.now();
    const batches = it.manager.ticks();
    await it.clock.advance(500);
    first.drop();
    await it.opened(2);
    const again = it.market.connected.find((peer) => peer !== second)!;
    again.tick(heard, 101);
    const heardAt = it.clock.now();
    await it.clock.advance(500);
    it.market.answer = () => 'drop';
    again.drop();
    await movedTo(it, second);
    for (const token of [mute!, heard]) second.tick(token, 102);
    expect([batches.tryRecv(), batches.tryRecv(), batches.tryRecv()]).toMatchObject([
      { ticks: [{ instrumentToken: heard }], gap: { from: lostAt } },
      { ticks: [{ instrumentToken: mute }], gap: { from: lostAt, instrumentTokens: [mute] } },
      { ticks: [{ instrumentToken: heard }], gap: { from: heardAt, instrumentTokens: [heard] } },
    ]);
    await it.stop();
  });

  test('no earlier than it was subscribed, though its connection had been silent for a while', async () => {
    const it = await bench();
    const [first, second] = it.market.connected as [FakePeer, FakePeer];
    const [token] = it.manager.getSymbolDistribution()[ChannelId.Connection1];
    const [other] = it.manager.getSymbolDistribution()[ChannelId.Connection2];
    second.tick(other!, 100);
    const silentFrom = it.clock.now();
    await it.clock.advance(1000);
    first.tick(token!, 100);
    await it.clock.advance(1000);
    const subscribedAt = it.clock.now();
    await it.manager.unsubscribeSymbols([token!]);
    await it.manager.subscribeSymbols([256_513, token!]);
    expect(it.manager.getSymbolDistribution()[ChannelId.Connection2]).toEqual([other, token]);
    const gaps: object[] = [];
    it.manager.on('gap', (gap) => gaps.push(gap));
    await movedTo(it, first);
    for (const each of [token!, other!]) first.tick(each, 101);
    expect(gaps).toMatchObject([
      { from: subscribedAt, instrumentTokens: [token] },
      { from: silentFrom, instrumentTokens: [other] },
    ]);
    await it.stop();
  });
});
