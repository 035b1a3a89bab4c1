import { KiteTickerManager, type ManagerOptions } from '@kite/manager';
import { simulateDay } from '@kite/simulator';
import { DAY_OF_TWO, DayBench, ONE_RECONNECT } from '@kite/testkit';

/** A simulated day and a manager. @param options on top of a single reconnect before a connection fails for good */
export function dayBench(options: Partial<ManagerOptions> = {}) {
  const day = simulateDay(DAY_OF_TWO);
  const account = { apiKey: 'key-of-a-day', accessToken: 'token' };
  return new DayBench(
    day,
    (more?: Partial<ManagerOptions>) =>
      new KiteTickerManager({ ...day.options, ...account, ...ONE_RECONNECT, ...options, ...more }),
  );
}
