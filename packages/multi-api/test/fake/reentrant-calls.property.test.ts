import fc from 'fast-check';
import { reentrantCallsSuite } from '@kite/testkit';

import { dayBench } from '../support/day-bench.js';
import { keyOf } from '../support/multi-bench.js';

reentrantCallsSuite({
  bench: dayBench,
  options: fc.record({ replicas: fc.integer({ min: 1, max: 2 }), failoverAfterMs: fc.constant(1000) }),
  calls: {
    updateOne: ({ manager }) => manager.updateCredentials('one', { accessToken: 'another' }),
    updateOther: ({ manager }) => manager.updateCredentials('other', { accessToken: 'another' }),
    openOfOne: ({ manager, channels }) => channels.push(manager.getChannel('one', 0)!),
  },
  faults: {
    dropOne: ({ simulator }) => simulator.drop(keyOf('one')),
  },
  documented: [
    'KITE_MULTI_API_STOPPED',
    'KITE_MULTI_API_START_FAILED',
    'KITE_MULTI_API_NOT_SUBSCRIBED',
    'KITE_CONNECTION_CLOSED',
    'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
  ],
  numRuns: 40,
});
