import fc from 'fast-check';
import { reentrantCallsSuite } from '@kite/testkit';

import { dayBench } from '../support/day-bench.js';

reentrantCallsSuite({
  bench: dayBench,
  options: fc.constant({ maxConnections: 2, failoverAfterMs: 1000 }),
  calls: {
    updateCredentials: ({ manager }) => manager.updateCredentials({ accessToken: 'another' }),
  },
  faults: {},
  documented: [
    'KITE_MANAGER_STOPPED',
    'KITE_MANAGER_START_FAILED',
    'KITE_MANAGER_NOT_SUBSCRIBED',
    'KITE_CONNECTION_CLOSED',
    'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
  ],
  numRuns: 60,
});
