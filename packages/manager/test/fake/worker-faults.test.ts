import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isKiteError, KiteTickerManager, Mode } from '@kite/manager';
import { simulateDay } from '@kite/simulator';
import { NOTHING_PENDING } from '@kite/testkit';

const TOKENS = [256 * 1000 + 1, 256 * 1001 + 1, 256 * 1002 + 1];

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A day, and a manager with its I/O worker in it: some events after the manager was started. */
async function dayAt(events: number, seed: number) {
  const day = simulateDay({
    seed,
    from: '09:20',
    instruments: TOKENS.map((instrumentToken) => ({ instrumentToken })),
    ticksPerSecond: 3,
  });
  const manager = new KiteTickerManager({
    ...day.options,
    apiKey: `key-of-seed-${seed}`,
    accessToken: () => 'token',
    heartbeatLivenessThresholdMs: 3000,
    reconnectDelayMs: 500,
    maxReconnectDelayMs: 2000,
  });
  const issues: string[] = [];
  manager.on('issue', ({ issue }) => void issues.push(isKiteError(issue) ? issue.code : issue.kind));
  const starting = manager.start({ keepTrying: true }).then(
    () => 'started',
    (error: unknown) => (isKiteError(error) ? error.code : error),
  );
  await manager.subscribeSymbols(TOKENS, Mode.Full);
  let left = events;
  await day.runUntil(() => left-- <= 0);
  return { day, manager, issues, starting };
}

/** From the first event of a start to well after the ticks have begun. */
const MOMENTS = Array.from({ length: 25 }, (_, index) => index ** 2);

describe.each(['crash-worker', 'hang-worker'] as const)('an I/O worker at any moment: %s', (kind) => {
  test('everything streams again, and one issue has said why it did not', async () => {
    for (const [seed, events] of MOMENTS.entries()) {
      const { day, manager, issues, starting } = await dayAt(events, seed);
      day.inject({ kind });
      await day.run(16_000);
      expect(await starting).toBe('started');
      const { status, isolation, reasons } = manager.getHealth();
      const books = day.simulator.connections.flatMap(({ book }) => [...book.keys()]);
      expect([events, books.sort(), issues.length]).toEqual([events, TOKENS, 1]);
      if (isolation === 'worker') expect([status, reasons]).toEqual(['healthy', []]);
      else expect(issues).toEqual(['KITE_MANAGER_THREADS_UNAVAILABLE']);
      let hasStopped = false;
      void manager.stop().then(() => (hasStopped = true));
      await day.run(2000);
      expect(hasStopped).toBe(true);
      expect(day.pending).toMatchObject(NOTHING_PENDING);
      await day.stop();
    }
  }, 60_000);

  test('stop() takes two seconds at most, whatever is under way, and leaves nothing behind', async () => {
    for (const [seed, events] of MOMENTS.entries()) {
      const { day, manager } = await dayAt(events, seed);
      day.inject({ kind });
      await day.run((seed % 13) * 1000);
      let hasStopped = false;
      void manager.stop().then(() => (hasStopped = true));
      await day.run(2000);
      expect([events, hasStopped]).toEqual([events, true]);
      expect(day.pending).toMatchObject(NOTHING_PENDING);
      await day.stop();
    }
  }, 60_000);
});

test('an I/O worker that crashes while it takes the place of another: its connections tell again why they wait', async () => {
  const { day, manager, starting } = await dayAt(0, 1);
  await day.run(3000);
  expect(await starting).toBe('started');
  const states: string[] = [];
  manager.on('state', ({ channelId, state, error }) => {
    if (channelId === 0) states.push(error ? `${state}: ${error.code}` : state);
  });
  day.inject({ kind: 'crash-worker' });
  while (day.pending.workers === 1) await day.run(1);
  while (day.pending.workers === 0) await day.run(1);
  day.inject({ kind: 'crash-worker' });
  await day.run(10_000);
  expect(states).toEqual([
    'waiting: KITE_MANAGER_WORKER_CRASHED',
    'waiting: KITE_MANAGER_THREADS_UNAVAILABLE',
    'connecting',
    'open',
  ]);
  void manager.stop();
  await day.run(2000);
  await day.stop();
});
