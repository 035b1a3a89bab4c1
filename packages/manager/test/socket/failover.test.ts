import { describe, expect, test } from 'vitest';
import type {
  ChannelId,
  KiteTickerManager,
  RawFrame,
  RawTick,
  TickBatch,
  TickerMessage,
} from '@kite/manager';
import { API_KEY, collect, eventually, instruments, ofType, sorted, streamed, WAYS } from '@kite/testkit';

import { type ManagerBench, openBench, tokensOf } from '../support/manager-bench.js';

/** Instruments that each connection holds. */
function counts(manager: KiteTickerManager): number[] {
  return Object.values(manager.getSymbolDistribution()).map((held) => held.length);
}

/** The connections that brought ticks of these instruments. */
function ofMoved(messages: readonly TickerMessage[], tokens: ReadonlySet<number>): ChannelId[] {
  return ofType(messages, 'ticks')
    .filter(({ ticks }) => ticks.some(({ instrumentToken }) => tokens.has(instrumentToken)))
    .map(({ channelId }) => channelId);
}

/** Takes this connection down, and lets it fail to come back until the refusals are healed. */
function takeDown(bench: ManagerBench, manager: KiteTickerManager, channelId: ChannelId, status = 503): void {
  bench.simulator.refuse(Infinity, status);
  bench.simulator.drop(bench.server(manager, channelId).id);
}

describe.each(WAYS)('failover, $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers, failoverAfterMs: 50 });

  test('gives the instruments of a connection that stays down to the others', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const tokens = instruments(30);
    await manager.subscribeSymbols(tokens, 'full');
    await bench.agrees(manager);
    takeDown(bench, manager, 1);
    await eventually(() => expect(counts(manager)).toEqual([15, 0, 15]));
    await bench.agrees(manager);
    expect(manager.getHealth()).toMatchObject({ status: 'degraded', unplacedSymbols: 0 });
    const moved = tokens.filter((_, index) => index % 3 === 1);
    const before = messages.length;
    await eventually(() => expect(messages.length).toBeGreaterThanOrEqual(before));
    expect(new Set(tokensOf(messages))).toEqual(new Set(tokens));
    expect([...streamed(bench.simulator).keys()]).toEqual(expect.arrayContaining(moved));
  });

  test('leaves alone a connection that is back before failoverAfterMs', async () => {
    await using bench = await openBench({ enableDedicatedParsers, failoverAfterMs: 5000 });
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(30));
    await bench.agrees(manager);
    const before = manager.getSymbolDistribution();
    bench.simulator.drop(bench.server(manager, 0).id);
    await eventually(() => expect(manager.getStats().connectionStats[0]!.reconnects).toBe(1));
    await bench.agrees(manager);
    expect(manager.getSymbolDistribution()).toEqual(before);
  });

  test('moves nothing back without need when the connection recovers', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(30));
    await bench.agrees(manager);
    takeDown(bench, manager, 2);
    await eventually(() => expect(counts(manager)).toEqual([15, 15, 0]));
    bench.simulator.heal();
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    expect(counts(manager)).toEqual([15, 15, 0]);
    await manager.subscribeSymbols(instruments(3, 40_000));
    await bench.agrees(manager);
    expect(counts(manager)).toEqual([16, 16, 1]);
  });

  test('reports what fits nowhere as unplaced, and places it as soon as there is room', async () => {
    await using bench = await openBench({
      enableDedicatedParsers,
      failoverAfterMs: 50,
      maxSymbolsPerConnection: 10,
    });
    const { manager } = await bench.start();
    const told: number[] = [];
    manager.on('unplaced', (unplaced) => told.push(unplaced.length));
    const tokens = instruments(27);
    await manager.subscribeSymbols(tokens);
    await bench.agrees(manager);
    const [lost] = [manager.getSymbolDistribution()[0]];
    takeDown(bench, manager, 0);
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(7));
    expect(manager.getHealth().reasons).toContain('7 instruments are unplaced');
    expect(manager.getUnplacedSymbols()).toHaveLength(7);
    expect(lost).toEqual(expect.arrayContaining(manager.getUnplacedSymbols()));
    // Room by unsubscribing elsewhere.
    await manager.unsubscribeSymbols(manager.getSymbolDistribution()[1].slice(0, 4));
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(3));
    await eventually(() => expect(streamed(bench.simulator).size).toBe(20));
    // Room by recovery.
    bench.simulator.heal();
    await eventually(() =>
      expect(manager.getHealth()).toMatchObject({ status: 'healthy', unplacedSymbols: 0 }),
    );
    await bench.agrees(manager);
    expect(told).toEqual([7, 3, 0]);
    expect(counts(manager)).toEqual([3, 10, 10]);
  });

  test('places what was unplaced on a connection that recovers first, without a restart', async () => {
    await using bench = await openBench({
      enableDedicatedParsers,
      failoverAfterMs: 50,
      maxConnections: 2,
      maxSymbolsPerConnection: 10,
    });
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(10));
    await bench.agrees(manager);
    await bench.simulator.pause();
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(10));
    expect(manager.getHealth().status).toBe('critical');
    // One connection gets through, and the other is refused for as long as the first one is looked at.
    const stop = bench.simulator.on('open', () => bench.simulator.refuse(Infinity, 503));
    await bench.simulator.resume();
    await eventually(() =>
      expect(manager.getHealth()).toMatchObject({ status: 'degraded', unplacedSymbols: 0 }),
    );
    await bench.agrees(manager);
    expect(bench.simulator.connections).toHaveLength(1);
    stop();
    bench.simulator.heal();
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    await bench.agrees(manager);
  });

  test('shuffles nothing about while every connection is down', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(30));
    await bench.agrees(manager);
    const before = manager.getSymbolDistribution();
    await bench.simulator.pause();
    await eventually(() => expect(manager.getHealth().unplacedSymbols).toBe(30));
    expect(manager.getSymbolDistribution()).toEqual(before);
    await bench.simulator.resume();
    await eventually(() =>
      expect(manager.getHealth()).toMatchObject({ status: 'healthy', unplacedSymbols: 0 }),
    );
    await bench.agrees(manager);
  });

  test('of a connection that has failed for good comes at once, whatever failoverAfterMs', async () => {
    await using bench = await openBench({ enableDedicatedParsers, failoverAfterMs: 600_000 });
    bench.simulator.refuse(1, 403);
    const manager = bench.manager();
    await manager.subscribeSymbols(instruments(30));
    await manager.start();
    await eventually(() => expect(manager.getHealth().healthyConnections).toBe(2));
    expect(counts(manager).sort()).toEqual([0, 15, 15]);
    await bench.agrees(manager);
    const { status, reasons } = manager.getHealth();
    expect(status).toBe('degraded');
    expect(reasons).toEqual([expect.stringMatching(/^connection \d is failed: .*403/)]);
  });

  test('revives a failed connection with new credentials, and uses it again', async () => {
    await using bench = await open();
    bench.simulator.refuse(1, 403);
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(4));
    expect(counts(manager).sort()).toEqual([0, 2, 2]);
    await manager.updateCredentials({ accessToken: 'another' });
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    await manager.subscribeSymbols(instruments(3, 40_000));
    expect(counts(manager).sort()).toEqual([1, 3, 3]);
    await bench.agrees(manager);
  });

  test('gives a subscription that is made meanwhile to a connection that is open', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(3));
    await bench.agrees(manager);
    takeDown(bench, manager, 1);
    await eventually(() => expect(counts(manager)[1]).toBe(0));
    await manager.subscribeSymbols(instruments(10, 40_000), 'ltp');
    await bench.agrees(manager);
    expect(counts(manager)[1]).toBe(0);
  });

  test('tells on every kind of channel what was missed, before the first tick of what has moved', async () => {
    // Long enough for the refusal, which is the newest reason, to arrive before.
    await using bench = await openBench({ enableDedicatedParsers, failoverAfterMs: 300 });
    const { manager, messages } = await bench.start();
    const tokens = instruments(30);
    await manager.subscribeSymbols(tokens, 'full');
    await bench.agrees(manager);
    await eventually(() => expect(new Set(tokensOf(messages)).size).toBe(30));
    const moved = manager.getSymbolDistribution()[1];
    const isOfMoved = new Set(moved);
    const heard: { from: string; item: TickBatch | RawFrame | RawTick }[] = [];
    const hear = (from: string) => (item: TickBatch | RawFrame | RawTick) => heard.push({ from, item });
    manager.on('frame', hear('listener'));
    const read = async (from: string, channel: AsyncIterable<TickBatch | RawFrame | RawTick>) => {
      for await (const item of channel) hear(from)(item);
    };
    void read('ticks', manager.ticks());
    void read('conflated', manager.ticks({ overflow: 'conflate' }));
    void read('filtered', manager.ticks({ tokens: moved.slice(0, 5) }));
    void read('others', manager.ticks({ tokens: manager.getSymbolDistribution()[0] }));
    for (const [, channel] of manager.getAllRawFrameChannels()) void read('frames', channel);
    void read('full', manager.getFullRawSubscriber(0)!);
    takeDown(bench, manager, 1);
    const gapsOf = (from: string) =>
      heard.flatMap((one) => (one.from === from && one.item.gap ? [one.item.gap] : []));
    for (const from of ['listener', 'ticks', 'conflated', 'frames'])
      await eventually(() =>
        expect(
          gapsOf(from)
            .flatMap((gap) => gap.instrumentTokens ?? [])
            .sort(),
        ).toEqual([...moved].sort()),
      );
    await eventually(() => expect(gapsOf('filtered')).not.toEqual([]));
    await eventually(() => expect(gapsOf('full')).toHaveLength(1));
    expect(gapsOf('others')).toEqual([]);
    for (const { from, to, reason } of gapsOf('ticks')) {
      expect(to - from).toBeGreaterThanOrEqual(300 - 1);
      expect(reason).toMatch(/503/);
    }
    // On each channel the gap stands before what it is about.
    await eventually(() => expect(new Set(ofMoved(messages, isOfMoved)).size).toBe(3));
    for (const channelId of [0, 2] as const) {
      const ofChannel = messages.filter((message) => message.channelId === channelId);
      const gap = ofChannel.findIndex(({ type }) => type === 'gap');
      const first = ofChannel.findIndex((message) => ofMoved([message], isOfMoved).length > 0);
      expect(gap).toBeGreaterThanOrEqual(0);
      expect(gap).toBeLessThan(first);
    }
  });

  test('of what has never streamed tells no gap', async () => {
    await using bench = await open();
    bench.simulator.refuse(1, 403);
    const manager = bench.manager();
    const messages = collect(manager.getUnifiedChannel());
    await manager.subscribeSymbols(instruments(30));
    await manager.start();
    // On a busy machine a connection may start for longer than failoverAfterMs, and give its own away as well.
    await eventually(() => expect(Math.min(...counts(manager))).toBe(0));
    await eventually(() => expect(new Set(tokensOf(messages)).size).toBe(30));
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('marks the gap in-band, and sends no instrument over two connections', async () => {
    await using bench = await openBench(
      { enableDedicatedParsers, failoverAfterMs: 50 },
      { ticksPerSecond: 2000 },
    );
    const { manager } = await bench.start();
    const tokens = instruments(30);
    await manager.subscribeSymbols(tokens);
    await bench.agrees(manager);
    const channel = collect(manager.getChannel(1)!);
    takeDown(bench, manager, 1);
    await eventually(() => expect(counts(manager)[1]).toBe(0));
    bench.simulator.heal();
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    await eventually(() => expect(ofType(channel, 'gap')).toHaveLength(1));
    await bench.agrees(manager);
    const seen = new Map<number, Set<number>>();
    manager.on('ticks', ({ channelId, ticks }) => {
      for (const { instrumentToken } of ticks)
        seen.set(instrumentToken, (seen.get(instrumentToken) ?? new Set()).add(channelId));
    });
    await eventually(() => expect(seen.size).toBeGreaterThan(20));
    expect([...seen.values()].filter((channels) => channels.size > 1)).toEqual([]);
    expect(sorted(streamed(bench.simulator))).toEqual(sorted(manager.subscriptions));
    expect(bench.simulator.connections.every(({ apiKey }) => apiKey === API_KEY)).toBe(true);
  });
});
