// A strategy in virtual time: 20 seeds, each with a market and outages of its own. The guide "testing your strategy" explains it.
import { describe, expect, test } from 'vitest';
import { KiteTickerManager, Mode, type TickerMessage } from '@kite/manager';
import { drawFaults, type FaultPlan, simulateDay, type VirtualDay } from '@kite/simulator';

import { Crossover, type Trade } from '../../src/strategy/crossover.js';

const INFY = 408065;
const RULES = { fast: 10, slow: 40, staleAfterMs: 5000 };

/** What the strategy did, and what it was told. */
interface Session {
  /** Each with the number of prices that it had seen since the last gap, and with how long the latest had waited for it. */
  readonly trades: (Trade & { readonly fresh: number; readonly waitedMs: number })[];
  /** Each with the position in which it found the strategy. */
  readonly gaps: { readonly lengthMs: number; readonly wasLong: boolean }[];
  longestWaitMs: number;
  prices: number;
  sent: number;
}

/** The strategy from 09:10 to 09:30, on a day of its own. */
async function runSession(
  seed: number,
  faults: FaultPlan | 'none',
  happens?: (day: VirtualDay) => Promise<void>,
) {
  await using day = simulateDay({ seed, faults, from: '09:10', to: '09:30', instruments: 10 });
  const manager = new KiteTickerManager({
    ...day.options,
    apiKey: 'bot',
    accessToken: () => day.accessTokenOf('bot'),
    maxConnections: 1,
  });
  const session: Session = { trades: [], gaps: [], longestWaitMs: 0, prices: 0, sent: 0 };
  let fresh = 0;
  let waitedMs = 0;
  const strategy = new Crossover({
    ...RULES,
    instrumentToken: INFY,
    clock: day.options.clock,
    trade: (trade) => session.trades.push({ ...trade, fresh, waitedMs }),
  });

  /** Looks at each message before the strategy does. */
  async function* watched(messages: AsyncIterable<TickerMessage>): AsyncIterable<TickerMessage> {
    for await (const message of messages) {
      if (message.type === 'gap') {
        session.gaps.push({ lengthMs: message.to - message.from, wasLong: strategy.isLong });
        fresh = 0;
      }
      if (message.type === 'ticks') {
        waitedMs = day.now - message.receivedAt;
        session.longestWaitMs = Math.max(session.longestWaitMs, waitedMs);
        fresh += message.ticks.length;
        session.prices += message.ticks.length;
      }
      yield message;
    }
  }

  const ended = strategy.run(watched(manager.getUnifiedChannel()));
  await day.runUntil(manager.subscribeSymbols([INFY], Mode.Quote));
  await day.runUntil(manager.start({ keepTrying: true }));
  await happens?.(day);
  await day.runUntil(day.endsAt);
  // What is still under way arrives.
  day.simulator.setTicksPerSecond(0);
  await day.run(1000);
  session.sent = day.simulator.connections[0]?.counters.ticksSent ?? 0;
  await day.runUntil(manager.stop());
  await day.runUntil(ended);
  return session;
}

/** What networks and servers do to a program. Not what stops its own code, or lies to it about prices and times. */
const OUTAGES = [
  ...(['drop', 'close', 'cut', 'cut-silently', 'half-open', 'blackhole'] as const),
  ...(['stall', 'clog', 'restart', 'refuse', 'slow-handshake', 'expire-tokens'] as const),
];

describe('the crossover', () => {
  const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
  const sessions = new Map<number, Promise<Session>>();

  function sessionOf(seed: number): Promise<Session> {
    const faults = drawFaults(seed, { durationMs: 1_080_000, kinds: OUTAGES, perHour: 12 });
    const session = sessions.get(seed) ?? runSession(seed, faults);
    sessions.set(seed, session);
    return session;
  }

  test.each(SEEDS)('seed %i: holds nothing over a long gap, and buys on fresh prices alone', async (seed) => {
    const { trades, gaps } = await sessionOf(seed);
    for (const { side, fresh } of trades)
      if (side === 'buy') expect(fresh).toBeGreaterThanOrEqual(RULES.slow);
    for (const { lengthMs, wasLong } of gaps) if (lengthMs > RULES.staleAfterMs) expect(wasLong).toBe(false);
    expect(trades.at(-1)?.side).toBe('sell');
  });

  test(
    'had trades, long gaps, and positions that it closed for one, over the seeds together',
    { timeout: 60_000 },
    async () => {
      const all = await Promise.all(SEEDS.map(sessionOf));
      const trades = all.flatMap((session) => session.trades);
      const gaps = all.flatMap((session) => session.gaps);
      expect(trades.length).toBeGreaterThan(1000);
      expect(gaps.filter(({ lengthMs }) => lengthMs > RULES.staleAfterMs).length).toBeGreaterThan(50);
      for (const why of ['stale', 'gap'])
        expect(trades.filter(({ reason }) => reason === why).length).toBeGreaterThan(10);
    },
  );

  test('loses nothing while its main thread is blocked for 20 s, and acts on no price from that time', async () => {
    const { trades, gaps, longestWaitMs, prices, sent } = await runSession(1, 'none', async (day) => {
      await day.runUntil('09:20');
      day.blockMainFor(20_000);
    });
    expect(gaps).toEqual([]);
    expect(longestWaitMs).toBeGreaterThan(19_000);
    for (const { reason, waitedMs } of trades)
      if (reason === 'crossed') expect(waitedMs).toBeLessThanOrEqual(RULES.staleAfterMs);
    expect(prices).toBe(sent);
    expect(prices).toBeGreaterThan(2000);
  });
});
