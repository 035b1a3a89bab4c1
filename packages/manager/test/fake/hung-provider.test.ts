import { expect, test } from 'vitest';
import { KiteTickerManager, Mode } from '@kite/manager';
import { simulateDay } from '@kite/simulator';
import { NOTHING_PENDING, WAYS } from '@kite/testkit';

const TOKEN = 256 * 1000 + 1;

test.each(WAYS)(
  'a token provider that never answers is called again after ten timeouts, one call at a time for all connections, $way',
  async ({ enableDedicatedParsers }) => {
    await using day = simulateDay({ from: '09:20', instruments: [{ instrumentToken: TOKEN }] });
    const calledAt: number[] = [];
    const manager = new KiteTickerManager({
      ...day.options,
      enableDedicatedParsers,
      apiKey: `key-of-a-hung-provider-${enableDedicatedParsers}`,
      accessToken: () => {
        calledAt.push(day.now - day.startsAt);
        return calledAt.length < 3 ? new Promise<string>(() => undefined) : 'token';
      },
      connectionTimeoutMs: 1000,
      reconnectDelayMs: 100,
      maxReconnectDelayMs: 200,
    });
    await manager.subscribeSymbols([TOKEN], Mode.Full);
    void manager.start({ keepTrying: true });
    await day.run(60_000);
    expect(calledAt.length).toBeGreaterThanOrEqual(3);
    for (const [index, at] of calledAt.slice(1, 3).entries())
      expect(at - calledAt[index]!).toBeGreaterThanOrEqual(10_000);
    expect(calledAt[2]).toBeLessThan(30_000);
    expect(manager.getHealth().healthyConnections).toBe(3);
    await day.runUntil(manager.stop());
    expect(day.pending).toMatchObject(NOTHING_PENDING);
  },
);
