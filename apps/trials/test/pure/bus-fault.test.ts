import { expect, test } from 'vitest';

import { faultOf } from '../../src/bus/bus-fault.js';

test('nearly half of the faults kill a collector, some both, and the others a program or the server', () => {
  const kinds = Array.from({ length: 100 }, (_, index) => faultOf((index + 0.5) / 100));
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  expect(['collector', 'both', 'program', 'server', 'pause'].map(count)).toEqual([45, 5, 20, 15, 15]);
});
