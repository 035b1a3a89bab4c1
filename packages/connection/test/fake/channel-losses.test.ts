import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { INFY, RELIANCE } from '@kite/testkit';

import { brief, ChannelBench, drain, drainBatches, drainBrief } from '../support/channel-bench.js';

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

describe('a mark of what was lost', () => {
  test('is followed by its item, which counts as waiting until it is read, whatever is lost meanwhile', () => {
    const channel = bench.outlets.messages({ capacity: 1 });
    bench.tick(1);
    bench.tick(2);
    expect(brief(channel.tryRecv()!)).toBe('lagged 1');
    expect(channel.size).toBe(1);
    bench.tick(3);
    bench.tick(4);
    expect(channel.size).toBe(1);
    expect(drainBrief(channel)).toEqual(['2', 'lagged 1', '4']);
    expect(channel.size).toBe(0);
  });

  test('is never told twice', () => {
    const channel = bench.outlets.messages({ capacity: 1 });
    bench.tick(1);
    bench.tick(2);
    drain(channel);
    bench.tick(3);
    expect(drainBrief(channel)).toEqual(['3']);
  });

  test.each(['drop-oldest', 'drop-newest', 'conflate'] as const)(
    'goes with all that waits when the channel is closed: %s',
    async (overflow) => {
      const channel = bench.outlets.messages({ capacity: 1, overflow });
      for (let price = 1; price < 9; price++) bench.tick(price);
      bench.order('a');
      bench.order('b');
      channel.tryRecv();
      channel.close();
      expect(channel.size).toBe(0);
      await expect(channel.recv()).resolves.toBeUndefined();
    },
  );
});

describe('a channel of ticks', () => {
  test('marks gaps and losses on the batch that follows them', () => {
    const channel = bench.outlets.ticks({ capacity: 2 });
    bench.tick(1);
    bench.gap(10, 20);
    for (let price = 2; price <= 4; price++) bench.tick(price);
    expect(drainBatches(channel)).toEqual([
      { prices: [3], dropped: 2, gap: { from: 10, to: 20, reason: 'lost' } },
      { prices: [4], dropped: 0 },
    ]);
  });

  test('that refuses the newest keeps a gap for what it takes in next', () => {
    const channel = bench.outlets.ticks({ capacity: 1, overflow: 'drop-newest' });
    bench.tick(1);
    bench.gap(10, 20);
    bench.tick(2);
    expect(drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
    bench.gap(20, 30);
    bench.tick(3);
    expect(drainBatches(channel)).toEqual([
      { prices: [3], dropped: 1, gap: { from: 10, to: 30, reason: 'lost' } },
    ]);
  });

  test('joins gaps with no tick between them', () => {
    const channel = bench.outlets.ticks();
    bench.gap(10, 20);
    bench.gap(20, 30);
    expect(channel.size).toBe(0);
    bench.tick(1);
    bench.tick(2);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 0, gap: { from: 10, to: 30, reason: 'lost' } },
      { prices: [2], dropped: 0 },
    ]);
  });

  test('gives a gap to a reader that waits only with the tick after it', async () => {
    const channel = bench.outlets.ticks();
    const next = channel.recv();
    bench.gap(10, 20);
    expect(channel.size).toBe(0);
    bench.tick(1);
    await expect(next).resolves.toMatchObject({ gap: { from: 10, to: 20 } });
  });

  test('knows nothing of orders and states', () => {
    const channel = bench.outlets.ticks();
    bench.order('a');
    bench.state();
    bench.tick(1);
    expect(drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
  });
});

describe('over several connections', () => {
  beforeEach(() => {
    bench = new ChannelBench(2);
  });

  test('a gap of a whole connection stands on a batch of that connection', () => {
    const channel = bench.outlets.ticks();
    bench.gap(10, 20, 1);
    bench.tick(1, [INFY], 0);
    bench.tick(2, [RELIANCE], 1);
    expect(channel.tryRecv()).not.toHaveProperty('gap');
    expect(channel.tryRecv()).toMatchObject({ channelId: 1, gap: { from: 10, to: 20 } });
  });

  test.each(['drop-oldest', 'drop-newest', 'conflate'] as const)(
    'a gap that names its instruments stands on the next batch, whatever its connection: %s',
    (overflow) => {
      const channel = bench.outlets.ticks({ overflow });
      bench.tick(1, [INFY], 0);
      channel.tryRecv();
      bench.gap(10, 20, 1, [INFY]);
      bench.tick(2, [INFY], 0);
      bench.tick(3, [RELIANCE], 1);
      expect(drainBatches(channel)).toEqual([
        { prices: [2], dropped: 0, gap: { from: 10, to: 20, reason: 'lost', instrumentTokens: [INFY] } },
        { prices: [3], dropped: 0 },
      ]);
    },
  );

  test('with the policy conflate, ticks after such a gap do not gather in a batch before it', () => {
    const channel = bench.outlets.ticks({ overflow: 'conflate' });
    bench.tick(1, [RELIANCE], 0);
    bench.gap(10, 20, 1, [INFY]);
    bench.tick(2, [INFY], 0);
    expect(
      drain(channel).map(({ gap, ticks }) => [gap?.from, ticks.map(({ lastPrice }) => lastPrice)]),
    ).toEqual([
      [undefined, [1]],
      [10, [2]],
    ]);
  });

  test('it goes on to the batch after one with the gap of a whole connection, which cannot name them', () => {
    const channel = bench.outlets.ticks();
    bench.gap(10, 20, 1, [INFY]);
    bench.gap(30, 40, 0);
    bench.tick(1, [INFY], 0);
    bench.tick(2, [INFY], 0);
    expect(drainBatches(channel)).toEqual([
      { prices: [1], dropped: 0, gap: { from: 30, to: 40, reason: 'lost' } },
      { prices: [2], dropped: 0, gap: { from: 10, to: 20, reason: 'lost', instrumentTokens: [INFY] } },
    ]);
  });

  test('a loss is told on the next item, which may be newer whatever its connection, and names its own connection', () => {
    const messages = bench.outlets.messages({ capacity: 2 });
    const batches = bench.outlets.ticks({ capacity: 2 });
    bench.tick(1, [INFY], 0);
    bench.tick(2, [INFY], 1);
    bench.tick(3, [INFY], 0);
    expect(drain(messages).map((message) => [message.channelId, brief(message)])).toEqual([
      [0, 'lagged 1'],
      [1, '2'],
      [0, '3'],
    ]);
    expect(drain(batches).map(({ channelId, dropped }) => [channelId, dropped])).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test('what a full channel refused is told on the next item that it takes in, whatever its connection', () => {
    const messages = bench.outlets.messages({ capacity: 1, overflow: 'drop-newest' });
    bench.tick(1, [INFY], 0);
    bench.tick(2, [INFY], 1);
    expect(drainBrief(messages).slice(0, 1)).toEqual(['1']);
    bench.tick(3, [INFY], 1);
    bench.tick(4, [INFY], 0);
    messages.tryRecv();
    bench.tick(5, [INFY], 1);
    expect(drain(messages).map((message) => [message.channelId, brief(message)])).toEqual([
      [0, 'lagged 1'],
      [1, '5'],
    ]);
  });

  test('a gap of another connection comes after it: an instrument may have moved there, and what follows is newer', () => {
    const messages = bench.outlets.messages({ capacity: 3 });
    const batches = bench.outlets.ticks({ capacity: 2 });
    bench.tick(1, [INFY], 0);
    bench.tick(2, [RELIANCE], 1);
    bench.gap(10, 20, 1, [INFY]);
    bench.tick(3, [INFY], 1);
    bench.tick(4, [INFY], 1);
    expect(drainBrief(messages)).toEqual(['lagged 1', 'lagged 1', 'gap 10-20', '3', '4']);
    expect(drainBatches(batches)).toMatchObject([
      { prices: [3], dropped: 2, gap: { from: 10, to: 20 } },
      { prices: [4], dropped: 0 },
    ]);
  });

  test('a gap that is pushed out itself leaves it before the next one', () => {
    const messages = bench.outlets.messages({ capacity: 2 });
    bench.tick(1, [INFY], 0);
    bench.gap(10, 20, 1, [INFY]);
    bench.order('a', 1);
    bench.gap(30, 40, 1, [INFY]);
    bench.order('b', 1);
    expect(drainBrief(messages)).toEqual(['lagged 1', 'gap 10-20', 'order a', 'gap 30-40', 'order b']);
  });

  test('a gap that is pushed out is told before the next item, which may be newer whatever its connection, and names its own', () => {
    const messages = bench.outlets.messages({ capacity: 1 });
    bench.gap(10, 20, 0, [INFY]);
    bench.order('a', 1);
    expect(drain(messages).map((message) => [message.channelId, brief(message)])).toEqual([
      [0, 'gap 10-20'],
      [1, 'order a'],
    ]);
    const newest = bench.outlets.messages({ capacity: 1, overflow: 'conflate' });
    bench.gap(30, 40, 0, [INFY]);
    bench.tick(1, [INFY], 1);
    bench.order('b', 0);
    bench.tick(2, [INFY], 0);
    expect(drain(newest).map((message) => [message.channelId, brief(message)])).toEqual([
      [0, 'gap 30-40'],
      [1, '1'],
      [0, 'order b'],
      [0, '2'],
    ]);
  });

  test('behind the last item, messages tell it after that, and batches of ticks with it', () => {
    const messages = bench.outlets.messages({ capacity: 1, overflow: 'drop-newest' });
    const batches = bench.outlets.ticks({ capacity: 1, overflow: 'drop-newest' });
    bench.tick(1, [INFY], 1);
    bench.tick(2, [INFY], 0);
    expect(drain(messages).map((message) => [message.channelId, brief(message)])).toEqual([
      [1, '1'],
      [0, 'lagged 1'],
    ]);
    expect(drainBatches(batches)).toEqual([{ prices: [1], dropped: 1 }]);
  });

  test('sources with the same number are told apart', () => {
    const twin = new ChannelBench();
    const channel = bench.outlets.messages({ capacity: 2 });
    twin.hubs[0]!.attach(channel as never);
    bench.tick(1);
    twin.gap(10, 20);
    twin.tick(2);
    bench.tick(3);
    twin.order('a');
    expect(drainBrief(channel)).toEqual(['lagged 1', 'gap 10-20', 'lagged 1', 'lagged 1', 'order a']);
    expect(channel.dropped).toBe(3);
  });
});

test('a lag is told on the diagnostics channel once, and again only after the consumer has caught up', () => {
  const told = vi.fn();
  subscribe('kite:connection:lag', told);
  try {
    const channel = bench.outlets.messages({ capacity: 2 });
    for (let price = 1; price <= 50; price++) bench.tick(price);
    expect(told).toHaveBeenCalledOnce();
    drain(channel);
    for (let price = 1; price <= 50; price++) bench.tick(price);
    expect(told).toHaveBeenCalledTimes(2);
    expect(told).toHaveBeenLastCalledWith({ channelId: 0, dropped: 1 }, 'kite:connection:lag');
  } finally {
    unsubscribe('kite:connection:lag', told);
  }
});
