import { expect, test } from 'vitest';
import { MarketCalendar } from '@kite/calendar';
import { KiteTickerManager, type ManagerConfig } from '@kite/manager';
import { simulateDay } from '@kite/simulator';

const NSE = 256 * 1000 + 1;
const MUTE = 'connection 1 is open, and has answered no subscription';

/** The reasons of health a minute after an instrument was asked for that never sends a packet. */
async function reasonsAt(from: string, calendar?: ManagerConfig['calendar']): Promise<string[]> {
  await using day = simulateDay({
    date: '2026-07-14',
    from,
    to: '23:00',
    instruments: [{ instrumentToken: NSE }],
    silentTokens: [NSE],
  });
  const manager = new KiteTickerManager({
    ...day.options,
    apiKey: `key-of-hours-${from}`,
    accessToken: () => day.accessTokenOf(`key-of-hours-${from}`),
    maxConnections: 1,
    ...(calendar && { calendar }),
  });
  await manager.subscribeSymbols([NSE]);
  void manager.start();
  await day.run(60_000);
  const { reasons } = manager.getHealth();
  await day.runUntil(manager.stop());
  return reasons;
}

test('an instrument that is silent during continuous trading is a reason, with a calendar and without', async () => {
  expect(await reasonsAt('10:00')).toEqual([MUTE]);
  expect(await reasonsAt('10:00', new MarketCalendar())).toEqual([MUTE]);
});

test('with a calendar, silence is no reason before the market opens, between its phases and after the close', async () => {
  const calendar = new MarketCalendar();
  for (const time of ['08:50', '09:05', '15:35', '20:00'])
    expect(await reasonsAt(time, calendar)).toEqual([]);
  expect(await reasonsAt('20:00')).toEqual([MUTE]);
});

test('a calendar that throws excuses no silence', async () => {
  const broken = {
    phaseAt(): string {
      throw new Error('no such exchange');
    },
  };
  expect(await reasonsAt('20:00', broken)).toEqual([MUTE]);
});
