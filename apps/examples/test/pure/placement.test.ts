import { describe, expect, test } from 'vitest';
import type { ConnectionStats } from '@kite/manager';

import { Placement } from '../../src/live-market/placement.js';

const connections = (...counts: [symbolCount: number, isConnected: boolean][]) =>
  counts.map(([symbolCount, isConnected], connectionId) => ({
    connectionId,
    symbolCount,
    isConnected,
  })) as ConnectionStats[];

describe('what is told of instruments that move', () => {
  test('is nothing at the first look, while a connection is merely down, and when its instruments are unsubscribed', () => {
    const placement = new Placement();
    expect(placement.look(connections([3000, true], [0, true]), 1)).toEqual([]);
    expect(placement.look(connections([3000, false], [0, true]), 2)).toEqual([]);
    expect(placement.look(connections([3000, true], [0, true]), 3)).toEqual([]);
    expect(placement.look(connections([2000, true], [0, true]), 4)).toEqual([]);
  });

  test('is how many left a connection that is down, once', () => {
    const placement = new Placement();
    placement.look(connections([2000, true], [2000, true]), 1);
    expect(placement.look(connections([500, false], [3500, true]), 2)).toMatchObject([
      { at: 2, kind: 'failover', text: '1,500 instruments of connection 1 moved to the others' },
    ]);
    expect(placement.look(connections([500, false], [3500, true]), 3)).toEqual([]);
  });
});
