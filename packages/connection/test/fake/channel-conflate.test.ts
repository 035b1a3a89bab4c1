import { beforeEach, describe, expect, test } from 'vitest';
import type { ChannelOptions } from '@kite/connection';
import { encodeFrame } from '@kite/protocol';
import { INFY, ltpFrame, quoteTick, RELIANCE, standing } from '@kite/testkit';

import { brief, ChannelBench, drain, drainBatches, drainBrief } from '../support/channel-bench.js';

const BOTH = [INFY, RELIANCE];
const conflated: ChannelOptions = { overflow: 'conflate' };

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench(2);
});

describe('conflate', () => {
  test('keeps the newest tick of each instrument, as one batch, and counts what was replaced', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1);
    bench.tick(2, BOTH);
    bench.tick(3);
    expect(channel.dropped).toBe(2);
    expect(drainBatches(channel)).toEqual([{ prices: [3, 2], dropped: 2 }]);
    expect(channel.size).toBe(0);
  });

  test('costs a consumer that keeps up nothing: each frame is its own batch', async () => {
    const channel = bench.outlets.ticks(conflated);
    const prices: number[] = [];
    for (let price = 1; price <= 3; price++) {
      const next = channel.recv();
      bench.tick(price);
      prices.push((await next)!.ticks[0]!.lastPrice);
    }
    expect(prices).toEqual([1, 2, 3]);
    expect(channel.dropped).toBe(0);
  });

  test('keeps of one frame the newest tick of each instrument', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [INFY, INFY, RELIANCE]);
    expect(drainBatches(channel)).toEqual([{ prices: [1, 1], dropped: 1 }]);
  });

  test('hands over a batch of each connection', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [INFY], 0);
    bench.tick(2, [RELIANCE], 1);
    bench.tick(3, [INFY], 0);
    expect(drain(channel).map(({ channelId, ticks }) => [channelId, ticks[0]!.lastPrice])).toEqual([
      [0, 3],
      [1, 2],
    ]);
  });

  test.each(['order', 'state', 'gap'] as const)(
    'ends a batch at an order, a state or a gap, which keeps its place: %s',
    (what) => {
      const channel = bench.outlets.messages(conflated);
      bench.tick(1, BOTH);
      bench.tick(2);
      if (what === 'order') bench.order('a');
      else if (what === 'state') bench.state();
      else bench.gap(10, 20);
      bench.tick(3);
      bench.tick(4);
      const [lagged, before, at, marked, after] = drainBrief(channel);
      // The price 2 was replaced by 4, behind the order.
      expect([lagged, before]).toEqual(['lagged 2', '1']);
      expect(at!.startsWith(what)).toBe(true);
      expect([marked, after]).toEqual(['lagged 1', '4']);
    },
  );

  test('ends no batch at a broadcast', () => {
    const channel = bench.outlets.messages(conflated);
    bench.tick(1);
    bench.broadcast('hello');
    bench.tick(2);
    expect(drainBrief(channel)).toEqual(['lagged 1', '2', 'message']);
  });

  test('keeps no more than the newest tick of each instrument, however many gaps are between', () => {
    const channel = bench.outlets.ticks(conflated);
    for (let time = 1; time <= 50; time++) {
      bench.tick(time, time === 1 ? BOTH : [INFY]);
      bench.gap(time, time + 1);
    }
    bench.tick(51);
    expect(channel.dropped).toBe(50);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 1 },
      { prices: [51], dropped: 49, gap: { from: 1, to: 51, reason: 'lost' } },
    ]);
  });

  test('tells a gap before the first newer tick, on its own connection', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1);
    bench.gap(10, 20);
    bench.tick(2, [RELIANCE]);
    bench.tick(3);
    expect(drainBatches(channel)).toEqual([
      { prices: [2, 3], dropped: 1, gap: { from: 10, to: 20, reason: 'lost' } },
    ]);
  });

  test('never hands over an older tick of an instrument after a newer one that another connection brought', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, BOTH, 0);
    bench.tick(2, [INFY], 1);
    bench.tick(3, [INFY], 0);
    bench.tick(4, [RELIANCE], 1);
    const batches = drainBatches(channel);
    expect(batches.map(({ prices }) => prices)).toEqual([[3], [4]]);
    expect(batches.map(({ dropped }) => dropped)).toEqual([2, 1]);
    expect(channel.dropped).toBe(3);
  });

  test('tells a loss before the newer tick that another connection brought', () => {
    const channel = bench.outlets.messages(conflated);
    bench.tick(1, [RELIANCE], 1);
    bench.tick(2, [INFY], 0);
    bench.tick(3, [INFY], 1);
    expect(drainBrief(channel)).toEqual(['lagged 1', '1+3']);
  });

  test('tells with it all that this one had replaced', () => {
    const channel = bench.outlets.messages(conflated);
    bench.tick(1, [RELIANCE], 1);
    for (let price = 2; price < 5; price++) bench.tick(price, [INFY], 0);
    bench.tick(5, [INFY], 1);
    expect(drainBrief(channel)).toEqual(['lagged 3', '1+5']);
  });

  test('tells what was lost on its way before the newer ticks, which gather in a batch that waits', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [INFY], 0);
    bench.hubs[0]!.dropped({ frames: 1, ticks: 4, fullTicks: 0 }, 1);
    bench.tick(2, [RELIANCE], 0);
    bench.tick(3, [RELIANCE], 1);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 4 },
      { prices: [3], dropped: 1 },
    ]);
  });

  test('tells a gap before a newer tick that another connection brought', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.gap(10, 20, 0);
    bench.tick(1, [INFY], 0);
    bench.tick(2, [INFY], 1);
    bench.tick(3, [INFY], 1);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 0, gap: { from: 10, to: 20, reason: 'lost' } },
      { prices: [3], dropped: 1 },
    ]);
  });

  test('tells it before that tick too where the other connection’s batch came first', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [RELIANCE], 1);
    bench.gap(10, 20, 0);
    bench.tick(2, [INFY], 0);
    bench.tick(3, [INFY], 1);
    expect(drainBatches(channel).map(({ prices }) => prices)).toEqual([[1], [2], [3]]);
  });

  test('tells it before that tick where another tick stays behind it', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [RELIANCE + 256], 1);
    bench.gap(10, 20, 0);
    bench.tick(2, BOTH, 0);
    bench.tick(3, [INFY], 1);
    expect(drainBatches(channel).map(({ prices }) => prices)).toEqual([[1], [2], [3]]);
  });

  test('takes the same instrument in another mode from another connection as another stream', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [INFY], 0);
    bench.hubs[1]!.frame(encodeFrame([quoteTick(2, 1)]), 1);
    bench.tick(3, [INFY], 0);
    bench.hubs[1]!.frame(encodeFrame([quoteTick(4, 1)]), 1);
    expect(drainBatches(channel).map(({ prices }) => prices)).toEqual([[3], [4]]);
  });

  test('hands over in order what came in one mode and then in another from another connection', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [RELIANCE], 0);
    bench.hubs[1]!.frame(encodeFrame([quoteTick(2, 1)]), 1);
    bench.tick(3, [INFY], 0);
    bench.tick(4, [RELIANCE], 0);
    expect(drainBatches(channel).map(({ prices }) => prices)).toEqual([[2], [3, 4]]);
  });

  test('stamps a batch with the time of its newest tick, where the rest of that frame gathers in another batch', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1, [RELIANCE], 0);
    bench.hubs[1]!.frame(encodeFrame([quoteTick(2, 1)]), bench.clock.now());
    bench.clock.pass(5);
    const later = bench.clock.now();
    bench.tick(3, [RELIANCE, INFY], 0);
    const batches = drain(channel).map(({ ticks, receivedAt }) => [ticks[0]!.lastPrice, receivedAt]);
    expect(batches).toEqual([
      [3, later],
      [2, later - 5],
      [3, later],
    ]);
  });

  test('takes the same instrument in another mode from the same connection as the same stream', () => {
    const channel = bench.outlets.ticks(conflated);
    bench.tick(1);
    bench.hubs[0]!.frame(encodeFrame([quoteTick(2, 1)]), 1);
    expect(drainBatches(channel)).toEqual([{ prices: [2], dropped: 1 }]);
  });

  test('lets no flood of issues keep ticks from a slow consumer', () => {
    const channel = bench.outlets.messages(conflated);
    bench.hubs[0]!.on('ticks', () => {
      throw new Error('ha');
    });
    const read: string[] = [];
    for (let price = 1; price <= 6; price++) {
      bench.tick(price);
      bench.tick(price + 0.5);
      read.push(brief(channel.tryRecv()!));
    }
    expect(read.filter((item) => !/lagged|issue/.test(item))).toEqual(['1.5', '3.5', '5.5']);
    expect(channel.size).toBeLessThanOrEqual(2);
  });

  test('is bounded by its capacity: broadcasts first, then the oldest order', () => {
    const channel = bench.outlets.messages({ ...conflated, capacity: 2 });
    bench.broadcast('hello');
    bench.order('a');
    bench.order('b');
    bench.order('c');
    expect(drainBrief(channel)).toEqual(['lagged 2', 'order b', 'order c']);
    expect(channel.dropped).toBe(2);
  });

  test('keeps the newest tick of each instrument in a channel for one item, whichever connection brings it', () => {
    const channel = bench.outlets.ticks({ ...conflated, capacity: 1 });
    bench.tick(1, [INFY], 0);
    bench.tick(2, [RELIANCE], 1);
    bench.tick(3, [INFY], 0);
    expect(drainBatches(channel)).toEqual([
      { prices: [3], dropped: 1 },
      { prices: [2], dropped: 0 },
    ]);
    expect(channel.dropped).toBe(1);
  });

  test('keeps the newest tick of each instrument in a channel full of orders', () => {
    const channel = bench.outlets.messages({ ...conflated, capacity: 2 });
    bench.tick(1, BOTH);
    bench.order('a');
    bench.order('b');
    bench.tick(2, [INFY]);
    bench.order('c');
    expect(drainBrief(channel)).toEqual(['lagged 1', '1', 'lagged 1', 'order b', '2', 'order c']);
    expect(channel.dropped).toBe(2);
  });

  test('is bounded by capacityTicks: the instruments that came first go first', () => {
    const channel = bench.outlets.ticks({ ...conflated, capacityTicks: 2 });
    const third = 738561 + 256;
    bench.tick(1, [INFY]);
    bench.tick(2, [RELIANCE]);
    bench.tick(3, [INFY]);
    bench.tick(4, [third]);
    expect(drainBatches(channel)).toEqual([{ prices: [2, 4], dropped: 2 }]);
  });

  test('holds of an instrument nothing that has been read', () => {
    const channel = bench.outlets.ticks(conflated);
    for (let round = 1; round <= 3; round++) {
      bench.tick(round, BOTH);
      expect(drainBatches(channel)).toEqual([{ prices: [round, round], dropped: 0 }]);
    }
    expect(channel.dropped).toBe(0);
  });
});

describe('throttleMs', () => {
  const throttled: ChannelOptions = { throttleMs: 100 };

  test('hands over at most once in this time, at the trailing edge, the newest of each', async () => {
    const channel = bench.outlets.ticks(throttled);
    const next = channel.recv();
    bench.tick(1);
    bench.clock.pass(60);
    bench.tick(2, BOTH);
    bench.clock.pass(39);
    expect(await standing(next)).toBe('pending');
    expect(channel).toMatchObject({ size: 0, dropped: 1 });
    bench.clock.pass(1);
    expect((await next)?.ticks.map(({ lastPrice }) => lastPrice)).toEqual([2, 2]);
  });

  test('keeps a batch that nobody has read yet up to date, and starts anew with the tick after it', () => {
    const channel = bench.outlets.ticks(throttled);
    bench.tick(1);
    bench.clock.pass(100);
    bench.tick(2);
    expect(bench.clock.pending).toBe(0);
    expect(drainBatches(channel)).toEqual([{ prices: [2], dropped: 1 }]);
    bench.tick(3);
    expect([channel.size, bench.clock.pending]).toEqual([0, 1]);
    bench.clock.pass(99);
    expect(channel.size).toBe(0);
    bench.clock.pass(1);
    expect(drainBatches(channel)).toEqual([{ prices: [3], dropped: 0 }]);
  });

  test('hands over at most one batch of a connection in this time, however it is read', () => {
    const channel = bench.outlets.ticks(throttled);
    const times: number[] = [];
    for (let ms = 0; ms < 1000; ms++) {
      bench.tick(ms);
      bench.clock.pass(1);
      if (channel.tryRecv()) times.push(bench.clock.monotonic());
    }
    expect(times).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  });

  test('holds no order, state or gap back, nor what came before it', () => {
    const channel = bench.outlets.messages(throttled);
    bench.tick(1);
    bench.order('a');
    expect(drainBrief(channel)).toEqual(['1', 'order a']);
    bench.tick(2);
    bench.state();
    expect(drainBrief(channel)).toEqual(['2', 'state']);
    bench.tick(3);
    bench.gap(10, 20);
    expect(drainBrief(channel)).toEqual(['3', 'gap 10-20']);
    bench.tick(4);
    expect(drainBrief(channel)).toEqual([]);
    bench.clock.pass(100);
    expect(drainBrief(channel)).toEqual(['4']);
  });

  test.each<[string, ChannelOptions, (price: number) => void]>([
    ['of another connection', {}, (price) => bench.tick(price, [INFY], price % 2)],
    [
      'of another instrument, where one has room',
      { capacityTicks: 1 },
      (price) => bench.tick(price, [BOTH[price % 2]!]),
    ],
    ['of several instruments, where one has room', { capacityTicks: 1 }, (price) => bench.tick(price, BOTH)],
  ])('is not put off when all that is held back gives way to ticks %s', (_, more, next) => {
    const channel = bench.outlets.ticks({ ...throttled, ...more });
    const times: number[] = [];
    for (let ms = 0; ms < 500; ms++) {
      next(ms);
      bench.clock.pass(1);
      if (channel.tryRecv()) times.push(bench.clock.monotonic());
    }
    expect(times).toEqual([100, 200, 300, 400, 500]);
  });

  test('counts its time anew after an order', () => {
    const channel = bench.outlets.messages(throttled);
    bench.tick(1);
    bench.clock.pass(90);
    bench.order('a');
    expect(drainBrief(channel)).toEqual(['1', 'order a']);
    bench.tick(2);
    bench.clock.pass(99);
    expect(channel.size).toBe(0);
    bench.clock.pass(1);
    expect(drainBrief(channel)).toEqual(['2']);
  });

  test('keeps a broadcast in its place, behind what is held back', () => {
    const channel = bench.outlets.messages(throttled);
    bench.broadcast('first');
    expect(drainBrief(channel)).toEqual(['message']);
    bench.tick(1);
    bench.broadcast('second');
    expect(drainBrief(channel)).toEqual([]);
    bench.clock.pass(100);
    expect(drainBrief(channel)).toEqual(['1', 'message']);
  });

  test('tells a gap between two batches of a channel of ticks', () => {
    const channel = bench.outlets.ticks(throttled);
    bench.tick(1, [RELIANCE]);
    bench.gap(10, 20);
    bench.tick(2);
    expect(channel.size).toBe(0);
    bench.clock.pass(100);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 0 },
      { prices: [2], dropped: 0, gap: { from: 10, to: 20, reason: 'lost' } },
    ]);
  });

  test('gives what it still holds when the feed ends, and leaves no timer', async () => {
    const channel = bench.outlets.ticks(throttled);
    bench.tick(1);
    bench.end();
    expect(bench.clock.pending).toBe(0);
    expect(drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('leaves no timer after close()', () => {
    const channel = bench.outlets.ticks(throttled);
    bench.tick(1);
    expect(bench.clock.pending).toBe(1);
    channel.close();
    bench.hubs[0]!.frame(ltpFrame([INFY], 2), 1);
    expect(bench.clock.pending).toBe(0);
  });
});
