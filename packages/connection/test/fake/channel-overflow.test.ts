import { beforeEach, describe, expect, test } from 'vitest';
import { KiteError } from '@kite/connection';
import { INFY, RELIANCE } from '@kite/testkit';

import { brief, ChannelBench, drainBatches, drainBrief } from '../support/channel-bench.js';

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

/** A frame that announces a packet and does not have it. */
function brokenFrame(): void {
  bench.hubs[0]!.frame(Uint8Array.of(0, 1, 0, 3, 1, 2, 3), bench.clock.now());
}

describe('a full channel', () => {
  test('drop-oldest keeps the newest, and marks the loss where it was', () => {
    const channel = bench.outlets.messages({ capacity: 3 });
    for (let price = 1; price <= 5; price++) bench.tick(price);
    expect(channel).toMatchObject({ size: 3, capacity: 3, dropped: 2 });
    expect(drainBrief(channel)).toEqual(['lagged 2', '3', '4', '5']);
  });

  test('drop-newest keeps the oldest, and marks the loss before what came after it', () => {
    const channel = bench.outlets.messages({ capacity: 3, overflow: 'drop-newest' });
    for (let price = 1; price <= 5; price++) bench.tick(price);
    expect(brief(channel.tryRecv()!)).toBe('1');
    bench.tick(6);
    expect(drainBrief(channel)).toEqual(['2', '3', 'lagged 2', '6']);
  });

  test('drop-newest marks the loss after the last item, where nothing comes after it', () => {
    const channel = bench.outlets.messages({ capacity: 2, overflow: 'drop-newest' });
    for (let price = 1; price <= 5; price++) bench.tick(price);
    expect(drainBrief(channel)).toEqual(['1', '2', 'lagged 3']);
    bench.tick(6);
    expect(drainBrief(channel)).toEqual(['6']);
  });

  test('of ticks tells the gap of an instrument that has moved on before it is read over the next connection', () => {
    bench = new ChannelBench(2);
    const channel = bench.outlets.ticks({ capacity: 1, overflow: 'drop-newest' });
    bench.tick(1, [256_265], 1);
    bench.gap(10, 20, 0, [INFY, RELIANCE]);
    bench.tick(2, [INFY]);
    expect(drainBatches(channel)).toEqual([{ prices: [1], dropped: 1 }]);
    bench.gap(30, 40, 1, [INFY]);
    bench.tick(3, [INFY], 1);
    expect(drainBatches(channel)).toEqual([
      {
        prices: [3],
        dropped: 0,
        gap: { from: 10, to: 40, reason: 'lost', instrumentTokens: [INFY, RELIANCE] },
      },
    ]);
    bench.tick(4, [RELIANCE]);
    expect(drainBatches(channel)).toEqual([{ prices: [4], dropped: 0 }]);
  });

  test('counts ticks, not frames', () => {
    const channel = bench.outlets.messages({ capacity: 1 });
    bench.tick(1, [INFY, RELIANCE]);
    bench.tick(2, [INFY, RELIANCE]);
    bench.tick(3);
    expect(channel.dropped).toBe(4);
    expect(drainBrief(channel)).toEqual(['lagged 4', '3']);
  });

  test('loses ticks before orders, what is kept keeps its order, and each loss stands where it was', () => {
    const channel = bench.outlets.messages({ capacity: 4 });
    bench.order('a');
    bench.tick(1);
    bench.order('b');
    bench.tick(2);
    bench.order('c');
    bench.tick(3);
    bench.order('d');
    expect(drainBrief(channel)).toEqual([
      'order a',
      'lagged 1',
      'order b',
      'lagged 1',
      'order c',
      'lagged 1',
      'order d',
    ]);
  });

  test('of orders and gaps joins gaps before it loses an order', () => {
    const channel = bench.outlets.messages({ capacity: 3 });
    bench.order('a');
    for (const from of [10, 20, 30]) bench.gap(from, from + 5);
    bench.order('b');
    bench.gap(40, 45);
    expect(drainBrief(channel)).toEqual(['order a', 'gap 10-35', 'order b', 'gap 40-45']);
  });

  test('of orders alone refuses ticks, and loses the oldest order for a new one', () => {
    const channel = bench.outlets.messages({ capacity: 2 });
    bench.order('a');
    bench.order('b');
    bench.tick(1);
    expect(channel.size).toBe(2);
    bench.order('c');
    expect(channel.dropped).toBe(2);
    expect(drainBrief(channel)).toEqual(['lagged 1', 'order b', 'lagged 1', 'order c']);
    bench.tick(2);
    expect(drainBrief(channel)).toEqual(['2']);
  });

  test('never loses a gap: one that has no room stands before the next item, as one with that of before', () => {
    const channel = bench.outlets.messages({ capacity: 2 });
    bench.gap(10, 20);
    bench.gap(20, 30);
    bench.order('a');
    bench.order('b');
    expect(drainBrief(channel)).toEqual(['gap 10-30', 'order a', 'order b']);
    expect(channel.dropped).toBe(0);
  });

  test("with the policy 'error' gives what it has, throws once, and has then ended", async () => {
    const channel = bench.outlets.messages({ capacity: 2, overflow: 'error' });
    for (let price = 1; price <= 3; price++) bench.tick(price);
    expect(channel).toMatchObject({ isClosed: true, size: 2 });
    expect([await channel.recv(), await channel.recv()].map((message) => brief(message!))).toEqual([
      '1',
      '2',
    ]);
    await expect(channel.recv()).rejects.toMatchObject({ code: 'KITE_CONNECTION_CHANNEL_OVERFLOW' });
    await expect(channel.recv()).resolves.toBeUndefined();
    bench.tick(4);
    expect(channel.size).toBe(0);
  });

  test("with the policy 'error' throws for an order that has no room as well", () => {
    const channel = bench.outlets.messages({ capacity: 1, overflow: 'error' });
    bench.tick(1);
    bench.order('a');
    expect(brief(channel.tryRecv()!)).toBe('1');
    expect(() => channel.tryRecv()).toThrow(/takes 1 items or 100000 ticks/);
    expect(channel.tryRecv()).toBeUndefined();
  });

  test('harms no other: each consumer has a queue of its own', () => {
    const slow = bench.outlets.messages({ capacity: 1 });
    const other = bench.outlets.messages();
    for (let price = 1; price <= 3; price++) bench.tick(price);
    expect(drainBrief(slow)).toEqual(['lagged 2', '3']);
    expect(drainBrief(other)).toEqual(['1', '2', '3']);
    expect(other.dropped).toBe(0);
    expect(bench.hubs[0]!.stats(0).droppedTicks).toBe(2);
  });
});

describe('what outlives what', () => {
  test.each(['drop-oldest', 'drop-newest', 'conflate'] as const)(
    'orders, gaps and states outlive broadcasts, unknown texts and issues: %s',
    (overflow) => {
      const channel = bench.outlets.messages({ capacity: 4, overflow });
      bench.order('rejected');
      bench.state();
      bench.gap(10, 20);
      for (let count = 0; count < 50; count++) brokenFrame();
      bench.broadcast('hello');
      bench.hubs[0]!.text('{"type":"news"}', 51);
      bench.order('filled');
      // Conflated, one issue waits beside the items that are counted.
      const issues = overflow === 'conflate' ? 1 : 0;
      const items = drainBrief(channel);
      expect(items.filter((item) => !/^(lagged|issue)/.test(item))).toEqual([
        'order rejected',
        'state',
        'gap 10-20',
        'order filled',
      ]);
      expect(items.filter((item) => item.startsWith('issue'))).toHaveLength(issues);
      expect(channel.dropped).toBe(52 - issues);
    },
  );

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'orders, states and gaps outlive ticks: %s',
    (overflow) => {
      const channel = bench.outlets.messages({ capacity: 5, overflow });
      bench.order('a');
      bench.tick(1);
      for (let count = 0; count < 3; count++) bench.state();
      bench.gap(10, 20);
      expect(drainBrief(channel)).toEqual(['order a', 'lagged 1', 'state', 'state', 'state', 'gap 10-20']);
      expect(channel.dropped).toBe(1);
    },
  );

  test('broadcasts and errors that were contained outlive ticks; a flood of broken frames does not', () => {
    const channel = bench.outlets.messages({ capacity: 3 });
    bench.broadcast('hello');
    bench.issue(new KiteError('KITE_CONNECTION_LOST', 'a worker crashed'));
    for (let price = 1; price <= 3; price++) {
      bench.tick(price);
      brokenFrame();
    }
    expect(drainBrief(channel)).toEqual(['message', 'issue', 'lagged 5', 'issue']);
    expect(channel.dropped).toBe(5);
  });

  test('a broadcast is refused where only orders could make room', () => {
    const channel = bench.outlets.messages({ capacity: 1 });
    bench.order('a');
    bench.broadcast('hello');
    expect(drainBrief(channel)).toEqual(['order a', 'lagged 1']);
  });
});

describe('capacityTicks', () => {
  test('bounds the ticks that wait, however many a frame has', () => {
    const channel = bench.outlets.messages({ capacityTicks: 5 });
    for (let price = 1; price <= 4; price++) bench.tick(price, [INFY, RELIANCE]);
    expect(drainBrief(channel)).toEqual(['lagged 4', '3+3', '4+4']);
  });

  test('lets a frame that is larger in where no other tick waits: it could never be read otherwise', () => {
    for (const overflow of ['drop-oldest', 'drop-newest', 'error'] as const) {
      const channel = bench.outlets.ticks({ capacityTicks: 1, overflow });
      bench.tick(1, [INFY, RELIANCE]);
      expect(drainBatches(channel)).toEqual([{ prices: [1, 1], dropped: 0 }]);
      channel.close();
    }
  });

  test('does not count orders', () => {
    const channel = bench.outlets.messages({ capacityTicks: 1 });
    bench.tick(1);
    bench.order('a');
    bench.order('b');
    expect(drainBrief(channel)).toEqual(['1', 'order a', 'order b']);
  });

  test('is the policy’s own matter: drop-newest refuses, error ends', () => {
    const newest = bench.outlets.ticks({ capacityTicks: 2, overflow: 'drop-newest' });
    const error = bench.outlets.ticks({ capacityTicks: 2, overflow: 'error' });
    bench.tick(1, [INFY, RELIANCE]);
    bench.tick(2);
    expect(drainBatches(newest)).toEqual([{ prices: [1, 1], dropped: 0 }]);
    expect(newest.dropped).toBe(1);
    expect(error.isClosed).toBe(true);
  });

  test('has its default in the options of the feed', () => {
    const small = new ChannelBench(1, { capacityTicks: 1 });
    const channel = small.outlets.messages();
    small.tick(1);
    small.tick(2);
    expect(drainBrief(channel)).toEqual(['lagged 1', '2']);
  });
});
