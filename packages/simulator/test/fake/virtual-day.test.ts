import { describe, expect, test, vi } from 'vitest';
import { simulateDay, type SimulateDayOptions } from '@kite/simulator';

import { dayHash } from '../support/day-hash.js';
import { connected, INFY } from '../support/virtual-client.js';

describe('a day in virtual time', () => {
  test('the same seed makes the same day, faults and all, and another seed another, also side by side', async () => {
    const together = await Promise.all([7, 7, 8].map((seed) => dayHash({ seed, faults: 'swarm' })));
    expect(together[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(together[1]).toBe(together[0]);
    expect(together[2]).not.toBe(together[0]);
    expect(await dayHash({ seed: 8, faults: 'swarm' })).toBe(together[2]);
  });

  test('days of different seeds are different hosts, so that their connections are counted apart', async () => {
    await using first = simulateDay({ seed: 1, instruments: 1 });
    await using second = simulateDay({ seed: -2, instruments: 1 });
    const hosts = [first, second].map(({ options }) => new URL(options.url).host);
    expect(hosts).toEqual(['kite-1.simulated', 'kite--2.simulated']);
  });

  test('a fault plan that went through JSON makes the same day', async () => {
    const day = simulateDay({ seed: 3, from: '09:14', to: '09:24', faults: 'swarm' });
    await day.stop();
    expect(day.plan.faults.length).toBeGreaterThan(0);
    const plan = JSON.parse(JSON.stringify(day.plan)) as typeof day.plan;
    expect(plan).toEqual(day.plan);
    expect(await dayHash({ seed: 3, faults: plan })).toBe(await dayHash({ seed: 3, faults: 'swarm' }));
  });

  test('a client gets the cached tick, then the market of the day: quiet, an auction, a burst, and its own pace', async () => {
    await using day = simulateDay({ instruments: 200 });
    const client = await connected(day);
    const stocks = day.simulator.instruments.filter(({ exchange }) => /^(NSE|BSE|NFO|BFO)$/.test(exchange));
    client.subscribe(stocks.map(({ instrumentToken }) => instrumentToken));
    const counted: number[] = [];
    for (const time of ['09:09', '09:11', '09:15', '09:16', '09:17']) {
      await day.runUntil(time);
      counted.push(client.ticks.length);
      client.told.length = 0;
    }
    expect(counted.slice(0, 3)).toEqual([stocks.length, stocks.length, 0]);
    expect(counted[3]).toBeGreaterThan(2 * counted[4]!);
    expect(counted[4]).toBeGreaterThan(1000);
    expect(day.options.clock.now()).toBe(Date.UTC(2026, 10, 20, 3, 47));
  });

  test('promise chains settle before time moves, however long they are', async () => {
    await using day = simulateDay({ instruments: 1 });
    const { clock } = day.options;
    const seen: number[] = [];
    const chain = async () => {
      for (let n = 0; n < 500; n++) await Promise.resolve();
      seen.push(clock.monotonic());
    };
    const start = clock.monotonic();
    clock.setTimeout(() => void chain(), 10);
    clock.setTimeout(() => void chain(), 20);
    await day.run(100);
    expect(seen).toEqual([start + 10, start + 20]);
  });

  test('fake timers of a test do not stop it', async () => {
    vi.useFakeTimers();
    try {
      await using day = simulateDay({ instruments: 1 });
      await day.run(1000);
      expect(day.options.clock.now()).toBe(day.startsAt + 1000);
    } finally {
      vi.useRealTimers();
    }
  });

  test('timers of equal times run in the order in which they were set', async () => {
    await using day = simulateDay({ instruments: 1 });
    const order: number[] = [];
    for (let n = 0; n < 50; n++) day.options.clock.setTimeout(() => order.push(n), 10);
    await day.run(10);
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('runUntil waits for a time, a condition, or a promise', async () => {
    await using day = simulateDay({ instruments: 1 });
    const { clock } = day.options;
    await day.runUntil('09:30');
    expect(clock.now()).toBe(day.startsAt + 1_800_000);
    let isDone = false;
    clock.setTimeout(() => (isDone = true), 5000);
    expect(await day.runUntil(() => isDone, 4999)).toBe(false);
    expect(await day.runUntil(() => isDone)).toBe(true);
    expect(clock.now()).toBe(day.startsAt + 1_805_000);
    const promise = new Promise<string>((resolve) => clock.setTimeout(() => resolve('here'), 60_000));
    expect(await day.runUntil(promise)).toBe('here');
    await expect(day.runUntil(new Promise(() => undefined))).rejects.toMatchObject({
      code: 'KITE_SIMULATOR_DAY_OVER',
    });
  });

  test('what a timer of the program throws ends the run, as it would end a process', async () => {
    await using day = simulateDay({ instruments: 1 });
    day.options.clock.setTimeout(() => {
      throw new RangeError('of the program');
    }, 5);
    await expect(day.run(10)).rejects.toThrow('of the program');
  });

  test('after stop() nothing is pending', async () => {
    const day = simulateDay({ instruments: 10, faults: 'swarm', seed: 3 });
    const client = await connected(day);
    client.subscribe([INFY]);
    day.options.clock.setTimeout(() => undefined, 60_000);
    await day.run(500);
    expect(day.pending).toMatchObject({ timers: 1, sockets: 1, workers: 0 });
    await day.stop();
    await day.stop();
    expect(day.pending).toEqual({ timers: 0, sockets: 0, workers: 0, outside: 0 });
    await expect(day.run(1)).rejects.toMatchObject({ code: 'KITE_SIMULATOR_STOPPED' });
  });

  test('a client that has closed its socket leaves nothing behind', async () => {
    await using day = simulateDay({ instruments: 10 });
    const client = await connected(day);
    client.socket.close();
    await day.run(1000);
    expect(client.end).toEqual({ kind: 'closed', code: 1000, reason: '' });
    expect(day.pending).toMatchObject({ timers: 0, sockets: 0 });
    expect(day.simulator.connections).toEqual([]);
  });

  test('an instrument that expires is heard of no more, by nobody, and the others go on', async () => {
    await using day = simulateDay({
      from: '15:08',
      instruments: [{ instrumentToken: INFY }, { instrumentToken: 738561 }],
      ticksPerSecond: 20,
      faults: { faults: [{ at: 60_000, kind: 'expire-instruments', tokens: [INFY] }] },
    });
    const client = await connected(day);
    client.subscribe([INFY, 738561], 'full');
    await day.runUntil('15:09');
    const seen = () => new Set(client.ticks.map(({ instrumentToken }) => instrumentToken));
    expect(seen()).toEqual(new Set([INFY, 738561]));
    await day.run(50);
    client.told.length = 0;
    const later = await connected(day);
    later.subscribe([INFY], 'full');
    await day.runUntil('15:10');
    expect(seen()).toEqual(new Set([738561]));
    expect(later.ticks).toEqual([]);
    expect(day.simulator.connections.map(({ book }) => book.get(INFY))).toEqual(['full', 'full']);
  });

  test('a fault may come between two milliseconds, and times stay exact', async () => {
    await using day = simulateDay({
      instruments: 1,
      faults: { faults: [{ at: 1000.3, kind: 'block-main', forMs: 99.9 }] },
    });
    const start = day.options.clock.monotonic();
    const fired: number[] = [];
    day.options.clock.setTimeout(() => fired.push(day.options.clock.monotonic() - start), 1050);
    await day.run(2000.7);
    expect(fired).toEqual([Math.ceil(1024 * (Math.ceil(1024 * 1000.3) / 1024 + 99.9)) / 1024]);
    expect(((day.options.clock.monotonic() - start) * 1024) % 1).toBe(0);
  });

  test('tokens end at six, and after the login the new one is good', async () => {
    await using day = simulateDay({
      from: '05:59',
      to: '09:00',
      instruments: 1,
      accounts: [{ apiKey: 'key', accessToken: 'yesterday' }],
    });
    const status = async () => {
      const client = await connected(day, { token: day.accessTokenOf('key') });
      const { end } = client;
      client.socket.terminate();
      await day.run(100);
      return end?.kind === 'refused' ? end.status : 101;
    };
    expect(await status()).toBe(101);
    await day.runUntil('06:01');
    expect(await status()).toBe(403);
    const logins: string[] = [];
    day.onLogin(({ apiKey, accessToken }) => logins.push(`${apiKey} ${accessToken}`));
    await day.runUntil('08:31');
    expect(logins).toEqual([`key ${day.accessTokenOf('key')}`]);
    expect(await status()).toBe(101);
  });

  test.each([
    [{ date: '2026-02-30' }, 'date'],
    [{ from: '9:15' }, 'from'],
    [{ calendar: {} }, 'calendar'],
    [{ from: '10:00', to: '10:00' }, 'to'],
    [{ faults: 'swam' }, 'faults'],
    [{ faults: {} }, 'faults.faults'],
    [{ faults: { faults: [{ at: 1, kind: 'drop' }, { kind: 'drop' }] } }, 'faults.faults[1].at'],
    [{ faults: { faults: [{ at: -1, kind: 'drop' }] } }, 'faults.faults[0].at'],
    [{ faults: { faults: [], network: { minDelay: 1 } } }, 'faults.network.minDelay'],
    [{ network: { minDelayMs: NaN } }, 'network.minDelayMs'],
    [{ seed: 0.5 }, 'seed'],
    [{ port: 1 }, 'port'],
  ])('%o is refused, and the error names %s', (options, field) => {
    expect(() => simulateDay(options as SimulateDayOptions)).toThrow(expect.objectContaining({ field }));
  });
});
