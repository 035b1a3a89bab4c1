import { expect, test } from 'vitest';
import { DistributionStrategy } from '@kite/multi-api';

test('the strategies are known by the names of the field', () => {
  expect(DistributionStrategy).toEqual({
    RoundRobin: 'round-robin',
    LeastLoaded: 'least-loaded',
    Weighted: 'weighted',
    Manual: 'manual',
  });
});
