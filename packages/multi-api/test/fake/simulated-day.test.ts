import { expect, test, vi } from 'vitest';
import { Mode, MultiApiKiteTickerManager } from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';
import { NOTHING_PENDING } from '@kite/testkit';

const ACCOUNTS = ['one', 'two', 'three'].map((id) => ({ id, apiKey: `key-of-${id}` }));

/** Five minutes under random faults: three accounts, each instrument on two of them, sockets in I/O workers. */
async function fiveMinutes(seed: number): Promise<{ hash: string; ticks: number }> {
  await using day = simulateDay({ seed, instruments: 6, from: '09:20', to: '09:25', faults: 'swarm' });
  const manager = new MultiApiKiteTickerManager({
    ...day.options,
    accounts: ACCOUNTS.map(({ id, apiKey }) => ({
      id,
      apiKey,
      accessToken: () => day.accessTokenOf(apiKey),
    })),
    replicas: 2,
  });
  let ticks = 0;
  const reading = (async () => {
    for await (const { message } of manager.getUnifiedChannel())
      if (message.type === 'ticks') ticks += message.ticks.length;
  })();
  const tokens = day.simulator.instruments.map(({ instrumentToken }) => instrumentToken);
  await day.runUntil(Promise.all([manager.subscribeSymbols(tokens, Mode.Full), manager.start()]));
  await day.runUntil(day.endsAt);
  await day.runUntil(manager.stop());
  await day.runUntil(reading);
  expect(day.pending).toMatchObject(NOTHING_PENDING);
  return { hash: day.trace.hash, ticks };
}

test('in a simulated day every layer takes its time and chance from the day, and nothing is left of it', async () => {
  const spies = [
    vi.spyOn(globalThis, 'setTimeout'),
    vi.spyOn(globalThis, 'setInterval'),
    vi.spyOn(Date, 'now'),
    vi.spyOn(Math, 'random'),
    vi.spyOn(performance, 'now'),
    vi.spyOn(crypto, 'getRandomValues'),
    vi.spyOn(crypto, 'randomUUID'),
  ];
  try {
    // Seed 24 has ten kinds of faults: restart, slow handshakes, a sleep, a crashed worker and one that hangs among them.
    const days = [];
    for (const seed of [24, 24]) days.push(await fiveMinutes(seed));
    expect(days[1]).toEqual(days[0]);
    expect(days[0]?.ticks).toBeGreaterThan(1000);
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual(spies.map(() => 0));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});
