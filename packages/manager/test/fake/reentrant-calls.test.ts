import { describe, expect, test } from 'vitest';
import type { Channel, KiteTickerManager, Subscriber, TickBatch, TickerMessage } from '@kite/manager';
import { INFY, NOTHING_PENDING, standing, WAYS } from '@kite/testkit';

import { dayBench } from '../support/day-bench.js';

function states(manager: KiteTickerManager): string[] {
  return manager.getStats().connectionStats.map(({ state }) => state);
}

describe.each(WAYS)('a listener that hears of a stop, $way', ({ enableDedicatedParsers }) => {
  test.each(['closing', 'closed'] as const)(
    'may call start() at `%s`: that start holds, and a later stop leaves nothing',
    async (heard) => {
      await using bench = dayBench({ enableDedicatedParsers });
      const { day, manager } = bench;
      await day.runUntil(manager.start());
      let again: Promise<void> | undefined;
      manager.on('state', ({ state }) => {
        if (state === heard) again ??= manager.start();
      });
      await day.runUntil(manager.stop());
      await day.runUntil(again!);
      expect(states(manager)).toEqual(['open', 'open', 'open']);
      expect(day.simulator.connections).toHaveLength(3);
      await day.runUntil(manager.stop());
      await day.run(1000);
      expect(day.simulator.connections).toEqual([]);
      expect(day.pending).toMatchObject(NOTHING_PENDING);
    },
  );

  test('may call start() where the stop is that of a failed start', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    day.simulator.refuse(Infinity, 503);
    let again: Promise<void> | undefined;
    manager.on('state', ({ state }) => {
      if (state !== 'closed') return;
      day.simulator.heal();
      again ??= manager.start();
    });
    await expect(day.runUntil(manager.start())).rejects.toMatchObject({ code: 'KITE_MANAGER_START_FAILED' });
    await day.runUntil(again!);
    expect(states(manager)).toEqual(['open', 'open', 'open']);
    await day.runUntil(manager.stop());
    expect(day.pending).toMatchObject(NOTHING_PENDING);
  });

  test('may call stop() again: both settle, and the start between them does not hold', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    await day.runUntil(manager.start());
    const calls: Promise<unknown>[] = [];
    manager.on('state', ({ state }) => {
      if (state !== 'closing' || calls.length > 0) return;
      calls.push(
        manager.start().catch((error: unknown) => error),
        manager.stop(),
      );
    });
    await day.runUntil(manager.stop());
    const [started] = await day.runUntil(Promise.all(calls));
    expect(started).toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    expect(day.pending).toMatchObject(NOTHING_PENDING);
  });

  test('and opens something there, opens it for the next start', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    await day.runUntil(manager.start());
    const [before, ended, known] = [manager.messages(), manager.ended, manager.subscriber('known')];
    await known.subscribeSymbols([INFY]);
    const opened: (Channel<TickerMessage> | Channel<TickBatch>)[] = [];
    const hears: Promise<unknown>[] = [];
    let late: Subscriber | undefined;
    let again: Promise<void> | undefined;
    manager.on('state', ({ state }) => {
      if (state !== 'closed' || late) return;
      late = manager.subscriber('late');
      void late.subscribeSymbols([INFY]);
      opened.push(manager.messages(), manager.ticks(), manager.getChannel(2)!, known.ticks(), late.ticks());
      hears.push(manager.once('ticks'), known.once('ticks'), late.once('ticks'));
      again = manager.start();
    });
    await day.runUntil(manager.stop());
    await expect(ended).resolves.toBeUndefined();
    expect(before.isClosed).toBe(true);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual(opened.map(() => false));
    await day.runUntil(Promise.all([again, ...hears]));
    expect(await standing(manager.ended)).toBe('pending');
    expect(await standing(known.ended)).toBe('pending');
    for (const channel of opened) expect(channel.size).toBeGreaterThan(0);
    await day.runUntil(manager.stop());
    expect(opened.map(({ isClosed }) => isClosed)).toEqual(opened.map(() => true));
  });
});

describe.each(WAYS)('a connection that fails for good, $way', ({ enableDedicatedParsers }) => {
  test.each(['updateCredentials', 'start'] as const)(
    'ends no channel where a listener that hears of it calls %s()',
    async (call) => {
      await using bench = dayBench({ enableDedicatedParsers, maxConnections: 1 });
      const { day, manager } = bench;
      await day.runUntil(manager.start());
      const [before, ended] = [manager.ticks(), manager.ended];
      const opened: Channel<TickBatch>[] = [];
      manager.on('state', ({ state }) => {
        if (state !== 'failed') return;
        day.simulator.heal();
        opened.push(manager.ticks());
        void (call === 'start' ? manager.start() : manager.updateCredentials({ accessToken: 'another' }));
      });
      await bench.failForGood();
      expect(opened).toHaveLength(1);
      await day.runUntil(manager.once('ticks'));
      expect([before.isClosed, opened[0]!.isClosed]).toEqual([false, false]);
      expect(opened[0]!.size).toBeGreaterThan(0);
      expect(manager.ended).toBe(ended);
      expect(await standing(ended)).toBe('pending');
    },
  );

  test('ends what is opened after it at once, with the reason', async () => {
    await using bench = dayBench({ enableDedicatedParsers, maxConnections: 2 });
    const { day, manager } = bench;
    const known = manager.subscriber('known');
    await day.runUntil(manager.start());
    await bench.failForGood();
    expect(states(manager)).toEqual(['failed', 'failed']);
    const reason = { code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' };
    const late = manager.subscriber('late');
    const reads: Promise<unknown>[] = [
      ...[manager.messages(), manager.ticks(), manager.getChannel(1)!, known.ticks(), late.messages()],
      ...[manager.rawFrames(), known.rawFrames()],
    ].map((channel) => channel.recv());
    reads.push(manager.once('ticks'), known.once('gap'), late.once('ticks'), late.ended);
    for (const read of reads) await expect(read).rejects.toMatchObject(reason);
  });

  test.each(['updateCredentials', 'start'] as const)(
    'is revived by %s(): what is opened right after it works',
    async (call) => {
      await using bench = dayBench({ enableDedicatedParsers, maxConnections: 2 });
      const { day, manager } = bench;
      const known = manager.subscriber('known');
      await known.subscribeSymbols([INFY]);
      await day.runUntil(manager.start());
      const { ended } = manager;
      await bench.failForGood();
      await expect(ended).rejects.toMatchObject({ code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' });
      day.simulator.heal();
      await (call === 'start' ? manager.start() : manager.updateCredentials({ accessToken: 'another' }));
      expect(manager.ended).not.toBe(ended);
      const opened = [manager.ticks(), known.ticks()];
      await day.runUntil(Promise.all([manager.once('ticks'), known.once('ticks')]));
      expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false]);
      for (const channel of opened) expect(channel.size).toBeGreaterThan(0);
      expect(states(manager)).toEqual(['open', 'open']);
    },
  );

  test.each(['updateCredentials', 'start'] as const)(
    'has failed with credentials that came while it was open, too, and is revived by %s()',
    async (call) => {
      await using bench = dayBench({ enableDedicatedParsers, maxConnections: 1, maxReconnectAttempts: 0 });
      const { day, manager } = bench;
      await day.runUntil(manager.start());
      await manager.updateCredentials({ accessToken: 'another' });
      await day.run(100);
      const channel = manager.ticks();
      day.simulator.drop();
      await day.run(1000);
      expect(states(manager)).toEqual(['failed']);
      expect(channel.isClosed).toBe(true);
      await (call === 'start' ? manager.start() : manager.updateCredentials({ accessToken: 'third' }));
      await day.run(1000);
      expect(states(manager)).toEqual(['open']);
    },
  );

  test('leaves what is opened during the stop after it to the next start', async () => {
    await using bench = dayBench({ enableDedicatedParsers, maxConnections: 1 });
    const { day, manager } = bench;
    await day.runUntil(manager.start());
    await bench.failForGood();
    const stopping = manager.stop();
    const channel = manager.ticks();
    const next = manager.once('ticks');
    await day.runUntil(stopping);
    day.simulator.heal();
    await day.runUntil(manager.start());
    await day.runUntil(next);
    expect(channel.isClosed).toBe(false);
    expect(channel.size).toBeGreaterThan(0);
  });
});

describe.each(WAYS)('start() of a running manager, $way', ({ enableDedicatedParsers }) => {
  test('tries connections again that found no free slot', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    const second = bench.another();
    await day.runUntil(manager.start());
    await day.runUntil(second.start({ keepTrying: true }));
    expect(states(second)).toEqual(['waiting', 'waiting', 'waiting']);
    await day.runUntil(manager.stop());
    await day.run(100);
    await second.start();
    await day.run(1000);
    expect(states(second)).toEqual(['open', 'open', 'open']);
  });

  test('may be called by a listener that hears of the refusal, and is no loop', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    const second = bench.another();
    await day.runUntil(manager.start());
    let heard = 0;
    second.on('state', ({ state }) => {
      if (state !== 'waiting') return;
      heard++;
      void second.start();
      void second.updateCredentials({ accessToken: 'another' });
    });
    await day.runUntil(second.start({ keepTrying: true }));
    expect(heard).toBeLessThan(10);
  });
});

describe.each(WAYS)('the signal of start(), $way', ({ enableDedicatedParsers }) => {
  test('aborted before: rejects, and nothing begins', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    const cause = new Error('mine');
    const refused = { code: 'KITE_MANAGER_STOPPED', cause };
    await expect(manager.start({ signal: AbortSignal.abort(cause) })).rejects.toMatchObject(refused);
    expect(states(manager)).toEqual(['idle', 'idle', 'idle']);
    expect(day.pending).toMatchObject(NOTHING_PENDING);
  });

  test.each([
    ['at once', 0],
    ['while the worker starts or the first one dials', 5],
    ['between two dials', 60],
  ])(
    'aborted %s: rejects once nothing is left running, and channels are for the next start',
    async (_, ms) => {
      await using bench = dayBench({ enableDedicatedParsers });
      const { day, manager } = bench;
      const [channel, controller, cause] = [manager.ticks(), new AbortController(), new Error('mine')];
      const outcome = manager.start({ signal: controller.signal }).catch((error: unknown) => error);
      await day.run(ms);
      controller.abort(cause);
      expect(await day.runUntil(outcome)).toMatchObject({ code: 'KITE_MANAGER_STOPPED', cause });
      await day.run(100);
      expect(day.pending).toMatchObject(NOTHING_PENDING);
      expect(channel.isClosed).toBe(false);
      await day.runUntil(manager.start());
      await day.runUntil(manager.once('ticks'));
      expect(channel.size).toBeGreaterThan(0);
    },
  );

  test('rejects its own call alone, and gives the start up with the last call', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    const controllers = [new AbortController(), new AbortController()];
    const refused = { code: 'KITE_MANAGER_STOPPED' };
    const calls = controllers.map(({ signal }) => manager.start({ signal }).catch((error: unknown) => error));
    controllers[0]!.abort();
    expect(await calls[0]).toMatchObject(refused);
    expect(await standing(calls[1]!)).toBe('pending');
    controllers[1]!.abort();
    expect(await day.runUntil(calls[1]!)).toMatchObject(refused);
    await day.run(100);
    expect(day.pending).toMatchObject(NOTHING_PENDING);

    const controller = new AbortController();
    const left = manager.start({ signal: controller.signal }).catch((error: unknown) => error);
    const staying = manager.start();
    controller.abort();
    expect(await left).toMatchObject(refused);
    await day.runUntil(staying);
    expect(states(manager)).toEqual(['open', 'open', 'open']);
  });

  test('aborted after the start changes nothing', async () => {
    await using bench = dayBench({ enableDedicatedParsers });
    const { day, manager } = bench;
    const controller = new AbortController();
    await day.runUntil(manager.start({ signal: controller.signal }));
    controller.abort();
    await day.run(1000);
    expect(states(manager)).toEqual(['open', 'open', 'open']);
  });
});
