import { MultiApiKiteTickerManager, type MultiApiOptions } from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';
import { DAY_OF_TWO, DayBench, ONE_RECONNECT } from '@kite/testkit';

import { accounts } from './multi-bench.js';

/** A simulated day and two accounts with one connection each, which fails for good after one more attempt. */
export function dayBench(options: MultiApiOptions) {
  const day = simulateDay(DAY_OF_TWO);
  const both = { accounts: accounts('one', 'other'), maxConnectionsPerApi: 1, replicas: 2 };
  return new DayBench(
    day,
    (more?: MultiApiOptions) =>
      new MultiApiKiteTickerManager({ ...day.options, ...both, ...ONE_RECONNECT, ...options, ...more }),
  );
}
