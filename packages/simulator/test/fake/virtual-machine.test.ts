import { describe, expect, test } from 'vitest';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import type { WorkerHandle, WorkerHost, WorkerPort } from '../../src/virtual/worker-port.js';
import { connected, VirtualClient } from '../support/virtual-client.js';

const dayOf = (): VirtualDay => simulateDay({ instruments: 10, ticksPerSecond: 0, seed: 5 });

const hostOf = (day: VirtualDay): WorkerHost =>
  (day.options as unknown as Record<symbol, WorkerHost>)[Symbol.for('@kite/io-worker')]!;

/** A worker, and what the main thread hears of it. */
function spawn(day: VirtualDay, body: (port: WorkerPort) => void) {
  const heard: unknown[] = [];
  const handle: WorkerHandle = hostOf(day).spawn(body);
  handle.listen({
    message: (message) => heard.push(message),
    error: (error) => heard.push(error),
    exit: (code) => heard.push(`exit ${code}`),
  });
  return { handle, heard };
}

/** A body that counts its own time, ten times a second. */
const counting =
  (counted: number[]) =>
  ({ clock }: WorkerPort) => {
    const again = () => {
      counted.push(clock.monotonic());
      clock.setTimeout(again, 100);
    };
    again();
  };

describe('the clocks of a virtual machine', () => {
  test('the clock on the wall jumps and steps back, and the monotonic one does not notice', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    const start = clock.monotonic();
    day.inject({ kind: 'jump-clock', byMs: -5000 });
    await day.run(1000);
    expect(clock.now()).toBe(day.startsAt - 4000);
    day.inject({ kind: 'jump-clock', byMs: 3_600_000 });
    expect(clock.now()).toBe(day.startsAt + 3_596_000);
    expect(clock.monotonic() - start).toBe(1000);
    expect(day.now).toBe(day.startsAt + 1000);
  });

  test('a drifting clock gains what it is said to, and keeps it when the drift ends', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    day.inject({ kind: 'drift-clock', ppm: 500 });
    await day.run(1_000_000);
    expect(clock.now() - day.now).toBe(500);
    day.inject({ kind: 'drift-clock', ppm: 0 });
    await day.run(1_000_000);
    expect(clock.now() - day.now).toBe(500);
  });

  test('while the machine sleeps nothing of the client runs, timers stand still, and the wall goes on', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    const client = await connected(day);
    const [start, wall] = [clock.monotonic(), clock.now()];
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.monotonic() - start, clock.now() - wall), 10_000);
    await day.run(4000);
    client.told.length = 0;
    day.inject({ kind: 'sleep', forMs: 60_000 });
    await day.run(30_000);
    expect(clock.monotonic() - start).toBe(4000);
    await day.run(29_999);
    expect([client.told, fired]).toEqual([[], []]);
    await day.run(6_001);
    expect(fired).toEqual([10_000, 70_000]);
    // The heartbeats of a minute, all at once and in order.
    expect(client.told.length).toBeGreaterThan(60);
  });

  test('the server has the true time, whatever the client thinks', async () => {
    await using day = dayOf();
    day.inject({ kind: 'jump-clock', byMs: 86_400_000 });
    await connected(day);
    expect(day.simulator.handshakes[0]!.at - day.startsAt).toBeLessThan(1000);
  });

  test('a timer of no length, or of none that makes sense, takes a millisecond, as in Node', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    const start = clock.monotonic();
    const fired: number[] = [];
    for (const delay of [0, -5, NaN]) clock.setTimeout(() => fired.push(clock.monotonic() - start), delay);
    await day.run(2);
    expect(fired).toEqual([1, 1, 1]);
  });

  test('a timer that was taken back never runs', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    const fired: number[] = [];
    const timers = Array.from({ length: 100 }, (_, n) =>
      clock.setTimeout(() => fired.push(n), 1 + ((n * 7) % 50)),
    );
    for (const [n, timer] of timers.entries()) if (n % 3 !== 0) clock.clearTimeout(timer);
    clock.clearTimeout(undefined);
    await day.run(100);
    expect(fired.every((n) => n % 3 === 0)).toBe(true);
    expect(fired.length).toBe(34);
  });
});

describe('the threads of a virtual machine', () => {
  test('a blocked main thread runs nothing, and all of it late and in order, while its workers go on', async () => {
    await using day = dayOf();
    const { clock } = day.options;
    const counted: number[] = [];
    spawn(day, counting(counted));
    await day.run(50);
    const start = clock.monotonic();
    const fired: [number, number][] = [];
    for (const n of [3, 1, 2]) clock.setTimeout(() => fired.push([n, clock.monotonic() - start]), 100 * n);
    day.blockMainFor(5000);
    await day.run(4999);
    expect(fired).toEqual([]);
    expect(counted.length).toBeGreaterThan(45);
    await day.run(1);
    expect(fired).toEqual([
      [1, 5000],
      [2, 5000],
      [3, 5000],
    ]);
  });

  test('messages between threads arrive later, cloned, in order, those before the handler included', async () => {
    await using day = dayOf();
    const got: unknown[] = [];
    const { handle, heard } = spawn(day, (port) => {
      port.post({ from: 'worker' });
      port.clock.setTimeout(() => port.onMessage((message) => got.push(message)), 500);
    });
    const message = { n: 0 };
    for (let n = 0; n < 50; n++) {
      message.n = n;
      handle.post(message);
      if (n === 25) await day.run(515);
    }
    expect(heard).toEqual([{ from: 'worker' }]);
    await day.run(100);
    expect(got).toEqual(Array.from({ length: 50 }, (_, n) => ({ n })));
    expect(() => handle.post(() => undefined)).toThrow();
  });

  test('a body that throws, and a callback of it that throws, is a crash: the error, then the exit', async () => {
    await using day = dayOf();
    const atOnce = spawn(day, () => {
      throw new RangeError('at once');
    });
    const later = spawn(day, (port) => {
      port.clock.setTimeout(() => {
        throw new RangeError('later');
      }, 100);
      port.clock.setTimeout(() => port.post('never'), 200);
    });
    await day.run(1000);
    expect(atOnce.heard).toEqual([new RangeError('at once'), 'exit 1']);
    expect(later.heard).toEqual([new RangeError('later'), 'exit 1']);
    expect(day.pending).toMatchObject({ timers: 0, workers: 0 });
  });

  test('a worker that crashes takes its sockets with it, and the server sees them go', async () => {
    await using day = dayOf();
    const clients: VirtualClient[] = [];
    const { heard } = spawn(day, ({ transport }) => clients.push(new VirtualClient(day, { transport })));
    await day.run(1000);
    expect(day.simulator.connections.length).toBe(1);
    const told = clients[0]!.told.length;
    day.inject({ kind: 'crash-worker' });
    await day.run(1000);
    expect(heard).toEqual([expect.any(Error), 'exit 1']);
    expect(clients[0]!.told.length).toBe(told);
    expect(day.simulator.connections).toEqual([]);
    expect(day.pending).toMatchObject({ timers: 0, sockets: 0, workers: 0 });
  });

  test('a worker that hangs does nothing and does not end, until it is terminated', async () => {
    await using day = dayOf();
    const counted: number[] = [];
    const { handle, heard } = spawn(day, counting(counted));
    await day.run(1000);
    day.inject({ kind: 'hang-worker' });
    const before = counted.length;
    await day.run(60_000);
    expect([counted.length, heard]).toEqual([before, []]);
    await day.runUntil(handle.terminate());
    expect(heard).toEqual(['exit 1']);
    expect(day.pending).toMatchObject({ timers: 0, workers: 0 });
  });

  test('terminate() ends a worker at once: nothing more of it runs or is heard, and it may be called again', async () => {
    await using day = dayOf();
    const { handle, heard } = spawn(day, (port) => {
      for (let n = 1; n < 100; n++) port.clock.setTimeout(() => port.post(n), n);
    });
    await day.run(50);
    const ended = Promise.all([handle.terminate(), handle.terminate()]);
    const before = heard.length;
    await day.runUntil(ended);
    await day.run(1000);
    expect(heard.slice(before)).toEqual(['exit 1']);
    handle.post('to nobody');
    await day.run(10);
  });

  test('what threads do at the same time is decided by the seed, and each thread keeps its order', async () => {
    const orders = [];
    for (const seed of [1, 1, 2]) {
      await using day = simulateDay({ seed, instruments: 1, ticksPerSecond: 0 });
      const order: string[] = [];
      const at = (name: string, clock = day.options.clock, start = 0) => {
        for (let n = 0; n < 10; n++)
          clock.setTimeout(() => order.push(`${name}${n}`), start + 1000 - clock.monotonic());
      };
      const start = day.options.clock.monotonic();
      spawn(day, ({ clock }) => at('worker', clock, start));
      at('main', day.options.clock, start);
      await day.run(2000);
      for (const name of ['main', 'worker'])
        expect(order.filter((entry) => entry.startsWith(name))).toEqual(
          Array.from({ length: 10 }, (_, n) => `${name}${n}`),
        );
      orders.push(order.join());
    }
    expect(orders[1]).toBe(orders[0]);
    expect(orders[2]).not.toBe(orders[0]);
  });
});
