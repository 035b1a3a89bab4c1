import { describe, expect, test, vi } from 'vitest';
import { drawFaults, type FaultAction, type FaultKind, simulateDay } from '@kite/simulator';

import { connected } from '../support/virtual-client.js';

const HOUR = 3_600_000;

/** One of each kind. */
const ONE_OF_EACH: { [K in FaultKind]: FaultAction & { kind: K } } = {
  drop: { kind: 'drop' },
  stall: { kind: 'stall', forMs: 1000 },
  blackhole: { kind: 'blackhole' },
  close: { kind: 'close', code: 1001, reason: 'bye' },
  cut: { kind: 'cut' },
  'cut-silently': { kind: 'cut-silently' },
  'half-open': { kind: 'half-open' },
  clog: { kind: 'clog', forMs: 1000 },
  'slow-reader': { kind: 'slow-reader', bytesPerSecond: 100, forMs: 1000 },
  lag: { kind: 'lag', delayMs: 100, forMs: 1000 },
  refuse: { kind: 'refuse', count: 1, status: 503, body: 'closed' },
  'slow-handshake': { kind: 'slow-handshake', delayMs: 100, forMs: 1000 },
  restart: { kind: 'restart', forMs: 1000 },
  'expire-tokens': { kind: 'expire-tokens', loginAfterMs: 100 },
  login: { kind: 'login' },
  'expire-instruments': { kind: 'expire-instruments', tokens: [408065] },
  burst: { kind: 'burst', ticks: 100 },
  corrupt: { kind: 'corrupt', part: 1, forMs: 1000 },
  truncate: { kind: 'truncate', part: 1, forMs: 1000 },
  'block-main': { kind: 'block-main', forMs: 1000 },
  sleep: { kind: 'sleep', forMs: 1000 },
  'jump-clock': { kind: 'jump-clock', byMs: 1000 },
  'drift-clock': { kind: 'drift-clock', ppm: 100 },
  'crash-worker': { kind: 'crash-worker' },
  'hang-worker': { kind: 'hang-worker' },
  'block-worker': { kind: 'block-worker', forMs: 1000 },
  heal: { kind: 'heal' },
  order: { kind: 'order', apiKey: 'key', order: { status: 'REJECTED' } },
};

describe('fault plans', () => {
  test.each(Object.values(ONE_OF_EACH))(
    '$kind happens at its time, is in the trace, and is over',
    async (action) => {
      await using day = simulateDay({
        instruments: 5,
        faults: { faults: [{ at: 5000, ...action }] },
        traceLines: true,
      });
      await connected(day);
      await day.run(10_000);
      const lines = day.trace.lines.filter((line) => line.includes(' fault '));
      expect(lines).toEqual([`09:00:05.000 fault ${JSON.stringify(action)}`]);
      day.inject({ kind: 'heal' });
      const client = await connected(day, { token: day.accessTokenOf('key') });
      expect(client.isOpen).toBe(true);
    },
  );

  test.each([
    [null, 'action'],
    [{}, 'action.kind'],
    [{ kind: 'dorp' }, 'action.kind'],
    [{ kind: 'stall' }, 'action.forMs'],
    [{ kind: 'sleep', forMs: -1 }, 'action.forMs'],
    [{ kind: 'jump-clock', byMs: NaN }, 'action.byMs'],
    [{ kind: 'drift-clock' }, 'action.ppm'],
    [{ kind: 'drop', who: -1 }, 'action.who'],
    [{ kind: 'close', code: 1006 }, 'action.code'],
    [{ kind: 'refuse', count: 1, status: 200 }, 'action.status'],
    [{ kind: 'corrupt', part: 2, forMs: 1 }, 'action.part'],
    [{ kind: 'expire-instruments', tokens: [0] }, 'action.tokens'],
    [{ kind: 'clog', forMs: 1, direcion: 'up' }, 'action.direcion'],
  ])('%j is refused, and the error names %s', async (action, field) => {
    await using day = simulateDay({ instruments: 1 });
    const error = expect.objectContaining({ code: 'KITE_SIMULATOR_INVALID_ARGUMENT', field }) as unknown;
    expect(() => day.inject(action as FaultAction)).toThrow(error);
    expect(day.trace.entries).toBe(0);
  });

  test('an order without a key is one for each account that is connected', async () => {
    await using day = simulateDay({ instruments: 1 });
    const clients = [];
    for (const apiKey of ['a', 'a', 'b']) clients.push(await connected(day, { apiKey }));
    day.inject({ kind: 'order', order: { status: 'CANCELLED' } });
    await day.run(1000);
    const ids = clients.map(({ texts }) =>
      texts.slice(2).map((text) => /"order_id":"(\d+)"/.exec(text)?.[1]),
    );
    expect(ids.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(new Set(ids.flat()).size).toBe(2);
    expect(ids[1]).toEqual(ids[0]);
  });

  test('a swarm draws from few kinds to many, is over in time, and survives JSON; some seeds have none', () => {
    const instruments = Array.from({ length: 40 }, (_, n) => 256 * (n + 1) + 1);
    const plans = Array.from({ length: 300 }, (_, seed) =>
      drawFaults(seed, { durationMs: HOUR, quietMs: 1000, instruments }),
    );
    const kinds = plans.map(({ faults }) => new Set(faults.map(({ kind }) => kind)).size);
    expect(Math.min(...kinds)).toBe(0);
    expect(Math.max(...kinds)).toBeGreaterThan(10);
    expect([...kinds].sort((a, b) => a - b)[150]).toBeGreaterThan(4);
    for (const plan of plans) {
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      for (const fault of plan.faults) {
        const lasts = 'forMs' in fault ? fault.forMs : 0;
        expect(fault.at).toBeGreaterThanOrEqual(1000);
        expect(fault.at + lasts).toBeLessThanOrEqual(HOUR);
      }
    }
    expect(new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind))).size).toBe(26);
  });

  test('no more than a tenth of the instruments expire, and of a few none', () => {
    const expiring = (count: number) => {
      const instruments = Array.from({ length: count }, (_, n) => 256 * (n + 1) + 1);
      return Array.from({ length: 100 }, (_, seed) => drawFaults(seed, { durationMs: 6 * HOUR, instruments }))
        .map(({ faults }) => faults.flatMap((fault) => ('tokens' in fault ? fault.tokens : [])))
        .filter((tokens) => tokens.length > 0);
    };
    expect(expiring(9)).toEqual([]);
    expect(Math.max(...expiring(30).map(({ length }) => length))).toBe(3);
    expect(expiring(30).length).toBeGreaterThan(10);
  });

  test('a swarm lets instruments of the day expire', async () => {
    const expired = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      await using day = simulateDay({ seed, instruments: 40, faults: 'swarm' });
      const listed = new Set(day.simulator.instruments.map(({ instrumentToken }) => instrumentToken));
      for (const fault of day.plan.faults)
        if ('tokens' in fault)
          for (const token of fault.tokens) {
            expect(listed).toContain(token);
            expired.add(token);
          }
    }
    expect(expired.size).toBeGreaterThan(5);
  });

  test('a kind that is left out changes nothing about the others', () => {
    const all = drawFaults(11, { durationMs: HOUR });
    const kinds = [...new Set(all.faults.map(({ kind }) => kind))];
    expect(kinds.length).toBeGreaterThan(3);
    const [without, ...rest] = kinds;
    const fewer = drawFaults(11, { durationMs: HOUR, kinds: rest });
    expect(fewer.faults).toEqual(all.faults.filter(({ kind }) => kind !== without));
  });

  test('a day takes neither time nor chance from the machine', async () => {
    const spies = [
      vi.spyOn(globalThis, 'setTimeout'),
      vi.spyOn(globalThis, 'setInterval'),
      vi.spyOn(Date, 'now'),
      vi.spyOn(Math, 'random'),
      vi.spyOn(performance, 'now'),
    ];
    try {
      const day = simulateDay({ instruments: 20, from: '09:14', faults: 'swarm', seed: 4 });
      const client = await connected(day);
      client.subscribe([408065], 'full');
      await day.runUntil('09:20');
      day.simulator.postOrder('key');
      await day.run(1000);
      await day.stop();
      expect(client.ticks.length).toBeGreaterThan(100);
      expect(spies.map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0, 0, 0]);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  test('ten minutes of 500 instruments are sent at a pace of three million ticks a day', async () => {
    await using day = simulateDay({ instruments: 500, from: '10:00', to: '10:10' });
    const client = await connected(day);
    client.onTold = () => (client.told.length = 0);
    client.subscribe(day.simulator.instruments.map(({ instrumentToken }) => instrumentToken));
    await day.runUntil(day.endsAt);
    const { ticksSent } = day.simulator.connections[0]!.counters;
    expect((ticksSent * 375) / 10).toBeGreaterThan(3_000_000);
  });
});
