import { describe, expect, test } from 'vitest';
import type { Channel, MultiApiKiteTickerManager, TickBatch } from '@kite/multi-api';
import { INFY, NOTHING_PENDING, standing, WAYS } from '@kite/testkit';

import { dayBench } from '../support/day-bench.js';

function open(manager: MultiApiKiteTickerManager): number {
  return manager.getStats().totalConnections;
}

describe.each(WAYS)('a listener that hears of a stop, $way', ({ enableDedicatedParsers }) => {
  test.each(['closing', 'closed'] as const)(
    'may call start() at `%s`, and what it opens there is for that start',
    async (heard) => {
      await using it = dayBench({ enableDedicatedParsers });
      const { day, manager } = it;
      await day.runUntil(manager.start());
      const [before, ended, known] = [manager.messages(), manager.ended, manager.subscriber('known')];
      await known.subscribeSymbols([INFY]);
      const opened: Pick<Channel<TickBatch>, 'isClosed' | 'size'>[] = [];
      let again: Promise<void> | undefined;
      let next: Promise<unknown> | undefined;
      manager.on('state', ({ state }) => {
        if (state !== heard || again) return;
        opened.push(manager.getUnifiedChannel(), known.ticks(), manager.getChannel('other', 0)!);
        next = manager.once('ticks');
        again = manager.start();
      });
      await day.runUntil(manager.stop());
      await expect(ended).resolves.toBeUndefined();
      expect(before.isClosed).toBe(true);
      await day.runUntil(Promise.all([again, next]));
      expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
      for (const channel of opened) expect(channel.size).toBeGreaterThan(0);
      expect(await standing(manager.ended)).toBe('pending');
      expect(open(manager)).toBe(2);
      await day.runUntil(manager.stop());
      expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
      await day.run(100);
      expect(day.simulator.connections).toEqual([]);
      expect(day.pending).toMatchObject(NOTHING_PENDING);
    },
  );

  test('may call start() where the stop is that of a failed start', async () => {
    await using it = dayBench({ enableDedicatedParsers });
    const { day, manager } = it;
    day.simulator.refuse(Infinity, 503);
    let again: Promise<void> | undefined;
    manager.on('state', ({ state }) => {
      if (state !== 'closed') return;
      day.simulator.heal();
      again ??= manager.start();
    });
    await expect(day.runUntil(manager.start())).rejects.toMatchObject({
      code: 'KITE_MULTI_API_START_FAILED',
    });
    await day.runUntil(again!);
    expect(open(manager)).toBe(2);
    await day.runUntil(manager.stop());
    expect(day.pending).toMatchObject(NOTHING_PENDING);
  });
});

describe.each(WAYS)('accounts that have all failed for good, $way', ({ enableDedicatedParsers }) => {
  test('end no channel where a listener that hears of it revives one', async () => {
    await using it = dayBench({ enableDedicatedParsers });
    const { day, manager } = it;
    await day.runUntil(manager.start());
    const before = manager.ticks();
    const { ended } = manager;
    let failures = 0;
    manager.on('state', ({ state, apiKeyId }) => {
      if (state !== 'failed' || ++failures < 2) return;
      day.simulator.heal();
      void manager.updateCredentials(apiKeyId!, { accessToken: 'another' });
    });
    await it.failForGood();
    expect(failures).toBe(2);
    await day.runUntil(manager.once('ticks'));
    expect(before.isClosed).toBe(false);
    expect(manager.ended).toBe(ended);
  });

  test('end what is opened after it at once, with the reason', async () => {
    await using it = dayBench({ enableDedicatedParsers });
    const { day, manager } = it;
    const known = manager.subscriber('known');
    await day.runUntil(manager.start());
    await it.failForGood();
    const late = manager.subscriber('late');
    const reads: Promise<unknown>[] = [
      ...[manager.getUnifiedChannel(), manager.ticks(), manager.rawFrames(), manager.getChannel('one', 0)!],
      ...[known.ticks(), late.messages()],
    ].map((channel) => channel.recv());
    reads.push(manager.once('ticks'), known.once('gap'), late.once('ticks'), late.ended);
    const reason = { code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' };
    for (const read of reads) await expect(read).rejects.toMatchObject(reason);
  });

  test.each(['updateCredentials', 'start'] as const)(
    'are revived by %s(): what is opened right after it works',
    async (call) => {
      await using it = dayBench({ enableDedicatedParsers });
      const { day, manager } = it;
      await day.runUntil(manager.start());
      const { ended } = manager;
      await it.failForGood();
      await expect(ended).rejects.toMatchObject({ code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' });
      day.simulator.heal();
      await (call === 'start'
        ? manager.start()
        : manager.updateCredentials('one', { accessToken: 'another' }));
      expect(manager.ended).not.toBe(ended);
      const channel = manager.ticks();
      await day.runUntil(manager.once('ticks'));
      expect(channel.isClosed).toBe(false);
      expect(channel.size).toBeGreaterThan(0);
      expect(open(manager)).toBe(call === 'start' ? 2 : 1);
    },
  );
});

describe.each(WAYS)('start(), $way', ({ enableDedicatedParsers }) => {
  test('tells of health only once it has settled, and never where it fails', async () => {
    await using it = dayBench({ enableDedicatedParsers });
    const { day, manager } = it;
    const told: string[] = [];
    manager.on('health', ({ status }) => told.push(status));
    day.simulator.refuse(Infinity, 503);
    await day.runUntil(manager.start().catch(() => undefined));
    await day.run(60_000);
    expect(told).toEqual([]);
    day.simulator.heal();
    await day.runUntil(manager.start());
    expect(told).toEqual(['healthy']);
  });

  test('whose second call has a signal: it leaves alone, and with the last call the start is given up', async () => {
    await using it = dayBench({ enableDedicatedParsers });
    const { day, manager } = it;
    const refused = { code: 'KITE_MULTI_API_STOPPED' };
    const [channel, controller] = [manager.ticks(), new AbortController()];
    const staying = manager.start();
    const left = manager.start({ signal: controller.signal }).catch((error: unknown) => error);
    controller.abort();
    expect(await left).toMatchObject(refused);
    await day.runUntil(staying);
    await day.runUntil(manager.stop());
    expect(channel.isClosed).toBe(true);

    const [next, cause] = [manager.ticks(), new Error('mine')];
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => manager.start({ signal }).catch((error: unknown) => error));
    for (const one of controllers) one.abort(cause);
    for (const call of calls) expect(await day.runUntil(call)).toMatchObject({ ...refused, cause });
    await day.run(100);
    expect(day.pending).toMatchObject(NOTHING_PENDING);
    expect(next.isClosed).toBe(false);
  });
});
