import { expect, test } from 'vitest';
import { INFY, VirtualClock } from '@kite/testkit';

import { Coverage } from '../../src/feed/coverage.js';

test('a gap of an instrument that no account streamed is as long as the outage, though the wall clock was set back meanwhile', () => {
  const clock = new VirtualClock();
  const coverage = new Coverage<string>(clock);
  coverage.set(INFY, ['a', 'b'], () => true);
  const from = clock.now();
  const outage = { from, since: clock.monotonic(), reason: 'lost' };
  coverage.stops('a', [INFY], outage);
  coverage.stops('b', [INFY], outage);
  clock.pass(10_000);
  clock.setBack(12_000);
  const [told] = coverage.streams('b', [INFY], clock.now(), false);
  expect(told!.gap).toEqual({ from: from - 12_000, to: from, reason: 'lost', instrumentTokens: [INFY] });
});
