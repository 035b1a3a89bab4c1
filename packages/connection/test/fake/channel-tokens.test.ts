import { beforeEach, describe, expect, test } from 'vitest';
import { INFY, RELIANCE } from '@kite/testkit';

import { ChannelBench, drainBatches, drainBrief } from '../support/channel-bench.js';

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

describe('tokens', () => {
  test('choose the instruments, and frames without any of them are not items', () => {
    const channel = bench.outlets.messages({ tokens: [RELIANCE] });
    bench.tick(1);
    bench.tick(2, [INFY, RELIANCE]);
    bench.order('a');
    expect(channel.size).toBe(2);
    expect(channel.tryRecv()).toMatchObject({ ticks: [{ instrumentToken: RELIANCE, lastPrice: 2 }] });
  });

  test('choose the gaps: those that concern none of the instruments are left out', () => {
    const messages = bench.outlets.messages({ tokens: [RELIANCE] });
    const batches = bench.outlets.ticks({ tokens: [RELIANCE] });
    bench.gap(10, 20, 0, [INFY]);
    bench.gap(20, 30, 0, [INFY, RELIANCE]);
    bench.tick(1, [RELIANCE]);
    expect(drainBrief(messages)).toEqual(['gap 20-30', '1']);
    expect(drainBatches(batches)).toMatchObject([{ gap: { from: 20, to: 30 } }]);
  });

  test('of one consumer take nothing from another', () => {
    bench.outlets.messages({ tokens: [RELIANCE] });
    const all = bench.outlets.messages();
    bench.tick(1, [INFY, RELIANCE]);
    expect(all.tryRecv()).toMatchObject({ ticks: [{}, {}] });
  });
});
