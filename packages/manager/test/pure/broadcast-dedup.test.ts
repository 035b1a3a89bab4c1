import { describe, expect, test } from 'vitest';
import { ChannelId } from '@kite/manager';

import { BroadcastDedup } from '../../src/broadcast-dedup.js';

const [A, B, C] = ChannelId.all() as [ChannelId, ChannelId, ChannelId];

/** Whether each of these arrivals is delivered: a connection, what it brings, and when. */
function delivered(arrivals: [ChannelId, unknown, number][]): boolean[] {
  const broadcasts = new BroadcastDedup();
  return arrivals.map((arrival) => broadcasts.accept(...arrival));
}

describe('a broadcast of the broker', () => {
  test('that comes on each of three connections is delivered once, whatever its form', () => {
    for (const data of ['halt', { text: 'halt' }, null, ['halt', 1]])
      expect(delivered([A, B, C].map((id) => [id, data, 1000]))).toEqual([true, false, false]);
  });

  test('with other words is another one', () => {
    expect(
      delivered([
        [A, 'halt', 0],
        [A, 'resume', 0],
        [B, 'halt', 1],
      ]),
    ).toEqual([true, true, false]);
  });

  test('that is repeated is delivered as often, in whatever order its copies come', () => {
    expect(
      delivered([
        [A, 'x', 0],
        [A, 'x', 1],
        [B, 'x', 2],
        [C, 'x', 2],
        [B, 'x', 3],
        [C, 'x', 3],
      ]),
    ).toEqual([true, true, false, false, false, false]);
    expect(
      delivered([
        [A, 'x', 0],
        [B, 'x', 0],
        [B, 'x', 1],
        [A, 'x', 1],
        [C, 'x', 2],
        [C, 'x', 2],
      ]),
    ).toEqual([true, false, true, false, false, false]);
  });

  test('that comes on a connection more than a minute later is another one', () => {
    expect(
      delivered([
        [A, 'x', 0],
        [B, 'x', 60_000],
        [C, 'x', 60_001],
        [A, 'x', 60_002],
      ]),
    ).toEqual([true, false, true, false]);
  });

  test('counts whatever the clock does', () => {
    expect(
      delivered([
        [A, 'x', 100_000],
        [B, 'x', 99_000],
        [B, 'x', 0],
      ]),
    ).toEqual([true, false, true]);
  });

  test('of long ago takes no memory', () => {
    const broadcasts = new BroadcastDedup();
    for (let number = 0; number < 3000; number++) broadcasts.accept(A, `number ${number}`, 0);
    expect(broadcasts.size).toBe(1000);
  });
});
