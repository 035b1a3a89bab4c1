import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Channel, type ChannelOptions, type TickBatch, type TickerMessage } from '@kite/connection';
import { fullFrame, INFY, ltpFrame, RELIANCE, standing, VirtualClock } from '@kite/testkit';

import { Outlets } from '../../src/channel/outlets.js';
import { Hub } from '../../src/feed/hub.js';

let clock: VirtualClock;
let hub: Hub;
let outlets: Outlets;

beforeEach(() => {
  clock = new VirtualClock();
  hub = new Hub({ channelId: 0, clock });
  outlets = new Outlets([hub], {
    clock,
    rawOnly: false,
    parserBufferSize: 10_000,
    connectionBufferSize: 5000,
  });
});

function tick(lastPrice: number, ...tokens: number[]): void {
  hub.binary(ltpFrame(tokens.length === 0 ? [INFY] : tokens, lastPrice), clock.now());
}

function order(id: string): void {
  hub.text(JSON.stringify({ type: 'order', data: { order_id: id, status: 'OPEN' } }), clock.now());
}

function gap(from: number, to: number, reason = 'lost'): void {
  hub.gap({ from, to, reason });
}

/** What can be read without waiting, in short. */
async function drain(channel: Channel<TickerMessage>): Promise<string[]> {
  const read: string[] = [];
  while (channel.size > 0) {
    const message = await channel.recv();
    if (message) read.push(brief(message));
  }
  return read;
}

function brief(message: TickerMessage): string {
  switch (message.type) {
    case 'ticks':
      return message.ticks.map(({ lastPrice }) => lastPrice).join('+');
    case 'lagged':
      return `lagged ${message.dropped}`;
    case 'order':
      return `order ${message.order.order_id}`;
    case 'gap':
      return `gap ${message.from}-${message.to}`;
    default:
      return message.type;
  }
}

async function drainBatches(channel: Channel<TickBatch>) {
  const read: { prices: number[]; dropped: number; gap?: TickBatch['gap'] }[] = [];
  while (channel.size > 0) {
    const batch = await channel.recv();
    if (!batch) continue;
    const { ticks, dropped } = batch;
    read.push({
      prices: ticks.map(({ lastPrice }) => lastPrice),
      dropped,
      ...(batch.gap && { gap: batch.gap }),
    });
  }
  return read;
}

describe('a full channel', () => {
  test('drop-oldest keeps the newest, and marks the loss where it was', async () => {
    const channel = outlets.messages({ capacity: 3 });
    for (let price = 1; price <= 5; price++) tick(price);
    expect(channel).toMatchObject({ size: 3, capacity: 3, dropped: 2 });
    expect(await drain(channel)).toEqual(['lagged 2', '3', '4', '5']);
  });

  test('drop-newest keeps the oldest, and marks the loss before what came after it', async () => {
    const channel = outlets.messages({ capacity: 3, overflow: 'drop-newest' });
    for (let price = 1; price <= 5; price++) tick(price);
    await channel.recv();
    tick(6);
    expect(await drain(channel)).toEqual(['2', '3', 'lagged 2', '6']);
  });

  test('drop-newest marks the loss after the last item, where nothing comes after it', async () => {
    const channel = outlets.messages({ capacity: 2, overflow: 'drop-newest' });
    for (let price = 1; price <= 5; price++) tick(price);
    expect(brief((await channel.recv())!)).toBe('1');
    expect(brief((await channel.recv())!)).toBe('2');
    expect(brief((await channel.recv())!)).toBe('lagged 3');
    tick(6);
    expect(await drain(channel)).toEqual(['6']);
  });

  test('never says that more waits than it can hold', async () => {
    const channel = outlets.messages({ capacity: 2 });
    for (let price = 1; price <= 5; price++) tick(price);
    expect(brief((await channel.recv())!)).toBe('lagged 3');
    tick(6);
    expect(channel.size).toBe(2);
  });

  test('counts ticks, not frames', async () => {
    const channel = outlets.messages({ capacity: 1 });
    tick(1, INFY, RELIANCE);
    tick(2, INFY, RELIANCE);
    tick(3);
    expect(channel.dropped).toBe(4);
    expect(await drain(channel)).toEqual(['lagged 4', '3']);
  });

  test('loses ticks before orders, and what is kept keeps its order', async () => {
    const channel = outlets.messages({ capacity: 4 });
    order('a');
    tick(1);
    order('b');
    tick(2);
    order('c');
    tick(3);
    order('d');
    expect(await drain(channel)).toEqual(['order a', 'lagged 3', 'order b', 'order c', 'order d']);
  });

  test('full of orders alone, refuses ticks, and loses the oldest order for a new one', async () => {
    const channel = outlets.messages({ capacity: 2 });
    order('a');
    order('b');
    tick(1);
    expect(channel.size).toBe(2);
    order('c');
    expect(channel.dropped).toBe(2);
    expect(await drain(channel)).toEqual(['lagged 1', 'order b', 'lagged 1', 'order c']);
    tick(2);
    expect(await drain(channel)).toEqual(['2']);
  });

  test("with the policy 'error' gives what it has, rejects once, and has then ended", async () => {
    const channel = outlets.messages({ capacity: 2, overflow: 'error' });
    tick(1);
    tick(2);
    tick(3);
    expect(await drain(channel)).toEqual(['1', '2']);
    await expect(channel.recv()).rejects.toMatchObject({ code: 'KITE_CONNECTION_CHANNEL_OVERFLOW' });
    await expect(channel.recv()).resolves.toBeUndefined();
    tick(4);
    expect(channel.size).toBe(0);
  });

  test("with the policy 'error', a for await loop throws", async () => {
    const channel = outlets.ticks({ capacity: 1, overflow: 'error' });
    tick(1);
    tick(2);
    const seen: number[] = [];
    await expect(async () => {
      for await (const { ticks } of channel) seen.push(ticks[0]!.lastPrice);
    }).rejects.toMatchObject({ code: 'KITE_CONNECTION_CHANNEL_OVERFLOW' });
    expect(seen).toEqual([1]);
  });

  test.each(['drop-oldest', 'drop-newest', 'conflate'] as const)(
    'loses issues, broadcasts and what is unknown before orders, gaps and states: %s',
    async (overflow) => {
      const channel = outlets.messages({ capacity: 4, overflow });
      order('rejected');
      hub.state('waiting', undefined);
      gap(10, 20);
      for (let length = 0; length < 50; length++) hub.binary(Uint8Array.of(0, 1, 0, 3, 1, 2, 3), length);
      hub.text('{"type":"message","data":"hello"}', 50);
      hub.text('{"type":"news"}', 51);
      order('filled');
      const read = await drain(channel);
      expect(read.filter((item) => !item.startsWith('lagged'))).toEqual([
        'order rejected',
        'state',
        'gap 10-20',
        'order filled',
      ]);
      expect(channel.dropped).toBe(52);
    },
  );

  test('harms no other: each consumer has a buffer of its own', async () => {
    const slow = outlets.messages({ capacity: 1 });
    const other = outlets.messages();
    for (let price = 1; price <= 3; price++) tick(price);
    expect(await drain(slow)).toEqual(['lagged 2', '3']);
    expect(await drain(other)).toEqual(['1', '2', '3']);
    expect(other.dropped).toBe(0);
    expect(hub.stats(0).droppedTicks).toBe(2);
  });
});

describe('a mark of what was lost', () => {
  test('is followed by its item, which counts as waiting until it is read', async () => {
    const channel = outlets.messages({ capacity: 1 });
    tick(1);
    tick(2);
    expect(brief((await channel.recv())!)).toBe('lagged 1');
    expect(channel.size).toBe(1);
    expect(brief((await channel.recv())!)).toBe('2');
    expect(channel.size).toBe(0);
  });

  test('leaves nothing behind when the channel is closed right after it', async () => {
    const channel = outlets.messages({ capacity: 1 });
    tick(1);
    tick(2);
    await channel.recv();
    channel.close();
    expect(channel.size).toBe(0);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test.each(['drop-oldest', 'drop-newest', 'conflate'] as const)(
    'is let go of by close() with all that waits: %s',
    async (overflow) => {
      const channel = outlets.messages({ capacity: 1, overflow });
      for (let price = 1; price < 9; price++) tick(price);
      order('a');
      order('b');
      channel.close();
      expect(channel.size).toBe(0);
      await expect(channel.recv()).resolves.toBeUndefined();
    },
  );

  test('is never sent twice', async () => {
    const channel = outlets.messages({ capacity: 1 });
    tick(1);
    tick(2);
    await drain(channel);
    tick(3);
    expect(await drain(channel)).toEqual(['3']);
  });
});

describe('a channel of ticks', () => {
  test('marks gaps and losses on the batch that follows them', async () => {
    const channel = outlets.ticks({ capacity: 2 });
    tick(1);
    gap(10, 20);
    tick(2);
    tick(3);
    tick(4);
    expect(await drainBatches(channel)).toEqual([
      { prices: [3], dropped: 2, gap: { from: 10, to: 20, reason: 'lost' } },
      { prices: [4], dropped: 0 },
    ]);
  });

  test('counts no gap as an item, and gives it no place of data', async () => {
    const all = [
      outlets.ticks({ capacity: 1 }),
      outlets.rawFrames({ capacity: 1 }),
      outlets.fullRaw({ capacity: 1 }),
    ];
    gap(10, 20);
    gap(20, 30);
    expect(all.map(({ size }) => size)).toEqual([0, 0, 0]);
    hub.binary(fullFrame([INFY], 5), 31);
    expect(all.map(({ size }) => size)).toEqual([1, 1, 1]);
    for (const channel of all)
      expect(await channel.recv()).toMatchObject({ dropped: 0, gap: { from: 10, to: 30 } });
  });

  test('that refuses the newest keeps a gap for what it takes in next', async () => {
    const channel = outlets.ticks({ capacity: 1, overflow: 'drop-newest' });
    tick(1);
    gap(10, 20);
    tick(2);
    expect(await drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
    gap(20, 30);
    tick(3);
    expect(await drainBatches(channel)).toEqual([
      { prices: [3], dropped: 1, gap: { from: 10, to: 30, reason: 'lost' } },
    ]);
  });

  test('joins gaps with no tick between them', async () => {
    const channel = outlets.ticks();
    gap(10, 20, 'first');
    gap(20, 30, 'second');
    tick(1);
    tick(2);
    expect(await drainBatches(channel)).toEqual([
      { prices: [1], dropped: 0, gap: { from: 10, to: 30, reason: 'second' } },
      { prices: [2], dropped: 0 },
    ]);
  });

  test('over several connections tells each gap on its own connection', async () => {
    const second = new Hub({ channelId: 1, clock });
    const both = new Outlets([hub, second], {
      ...{ clock, rawOnly: false, parserBufferSize: 10, connectionBufferSize: 10 },
    });
    const channel = both.ticks();
    second.gap({ from: 10, to: 20, reason: 'lost' });
    tick(1);
    second.binary(ltpFrame([RELIANCE], 2), clock.now());
    expect(await channel.recv()).not.toHaveProperty('gap');
    expect(await channel.recv()).toMatchObject({ channelId: 1, gap: { from: 10, to: 20 } });
  });

  test('knows nothing of orders and states', async () => {
    const channel = outlets.ticks();
    order('a');
    hub.state('open', undefined);
    tick(1);
    expect(await drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
  });

  test('gives a gap to a reader that waits only with the tick after it', async () => {
    const next = outlets.ticks().recv();
    gap(10, 20);
    expect(await standing(next)).toBe('pending');
    tick(1);
    await expect(next).resolves.toMatchObject({ gap: { from: 10, to: 20 } });
  });
});

describe('tokens', () => {
  test('choose the instruments, and frames without any of them are not items', async () => {
    const channel = outlets.messages({ tokens: [RELIANCE] });
    tick(1);
    tick(2, INFY, RELIANCE);
    order('a');
    expect(channel.size).toBe(2);
    const message = await channel.recv();
    expect(message).toMatchObject({ type: 'ticks', ticks: [{ instrumentToken: RELIANCE, lastPrice: 2 }] });
  });

  test('of one consumer take nothing from another', async () => {
    outlets.messages({ tokens: [RELIANCE] });
    const all = outlets.messages();
    tick(1, INFY, RELIANCE);
    expect(await all.recv()).toMatchObject({ ticks: [{}, {}] });
  });
});

describe('conflate', () => {
  const conflated: ChannelOptions = { overflow: 'conflate' };

  test('keeps the newest tick of each instrument, as one batch, and counts what was replaced', async () => {
    const channel = outlets.ticks(conflated);
    tick(1, INFY);
    tick(2, INFY, RELIANCE);
    tick(3, INFY);
    expect(channel.dropped).toBe(2);
    const batch = await channel.recv();
    expect(batch?.ticks.map((t) => [t.instrumentToken, t.lastPrice])).toEqual([
      [INFY, 3],
      [RELIANCE, 2],
    ]);
    expect(batch?.dropped).toBe(2);
    expect(channel.size).toBe(0);
  });

  test('costs a consumer that keeps up nothing: each frame is its own batch', async () => {
    const channel = outlets.ticks(conflated);
    const prices: number[] = [];
    for (let price = 1; price <= 3; price++) {
      const next = channel.recv();
      tick(price);
      prices.push((await next)!.ticks[0]!.lastPrice);
    }
    expect(prices).toEqual([1, 2, 3]);
    expect(channel.dropped).toBe(0);
  });

  test('never conflates orders, and hands them over first', async () => {
    const channel = outlets.messages(conflated);
    tick(1);
    order('a');
    tick(2);
    order('b');
    expect(await drain(channel)).toEqual(['order a', 'order b', 'lagged 1', '2']);
  });

  test('bounds what is not ticks by its capacity, and says what that cost', async () => {
    const channel = outlets.messages({ ...conflated, capacity: 2 });
    for (const id of ['a', 'b', 'c']) order(id);
    expect(await drain(channel)).toEqual(['lagged 1', 'order b', 'order c']);
    expect(channel.dropped).toBe(1);
  });

  test('never hands over an older tick of an instrument after a newer one that another connection brought', async () => {
    const other = new Hub({ channelId: 1, clock });
    const both = new Outlets([hub, other], {
      clock,
      rawOnly: false,
      parserBufferSize: 9,
      connectionBufferSize: 9,
    });
    const channel = both.ticks(conflated);
    tick(1, INFY, RELIANCE);
    other.binary(ltpFrame([INFY], 2), clock.now());
    tick(3, INFY);
    other.binary(ltpFrame([RELIANCE], 4), clock.now());
    expect(await drainBatches(channel)).toEqual([
      { prices: [3], dropped: 2 },
      { prices: [4], dropped: 1 },
    ]);
    expect(channel.dropped).toBe(3);
  });

  test('hands over what was gathered before a gap before it, and what came after it on its own', async () => {
    const messages = outlets.messages({ overflow: 'conflate' });
    const batches = outlets.ticks({ overflow: 'conflate' });
    tick(1, INFY, RELIANCE);
    tick(2, INFY);
    gap(10, 20);
    tick(3, INFY);
    expect(await drain(messages)).toEqual(['lagged 1', '2+1', 'gap 10-20', '3']);
    expect(await drainBatches(batches)).toEqual([
      { prices: [2, 1], dropped: 1 },
      { prices: [3], dropped: 0, gap: { from: 10, to: 20, reason: 'lost' } },
    ]);
  });

  test('keeps before gaps no more than the newest tick of each instrument, however often it is lost meanwhile', async () => {
    const messages = outlets.messages({ overflow: 'conflate' });
    const batches = outlets.ticks({ overflow: 'conflate' });
    for (let time = 1; time <= 50; time++) {
      tick(time, INFY, ...(time === 1 ? [RELIANCE] : []));
      gap(time, time + 1);
    }
    tick(51, INFY);
    expect(batches.size).toBe(3);
    expect(await drainBatches(batches)).toEqual([
      { prices: [1], dropped: 0 },
      { prices: [50], dropped: 49, gap: { from: 1, to: 50, reason: 'lost' } },
      { prices: [51], dropped: 0, gap: { from: 50, to: 51, reason: 'lost' } },
    ]);
    const read = await drain(messages);
    expect(read.slice(0, 3)).toEqual(['1', 'gap 1-2', 'gap 2-3']);
    expect(read.slice(-5)).toEqual(['gap 49-50', 'lagged 49', '50', 'gap 50-51', '51']);
    expect([messages.dropped, batches.dropped]).toEqual([49, 49]);
  });

  test('hands over what was gathered before a state before it', async () => {
    const channel = outlets.messages(conflated);
    tick(1, INFY);
    hub.state('waiting', undefined);
    hub.state('open', undefined);
    gap(10, 20);
    tick(2, RELIANCE);
    hub.state('closed', undefined);
    expect(await drain(channel)).toEqual(['1', 'state', 'state', 'gap 10-20', '2', 'state']);
  });

  test('hands over no batch whose ticks another connection has brought anew', async () => {
    const other = new Hub({ channelId: 1, clock });
    const config = { clock, rawOnly: false, parserBufferSize: 9, connectionBufferSize: 9 };
    const channel = new Outlets([hub, other], config).messages(conflated);
    tick(1, INFY);
    tick(2, INFY);
    gap(10, 20);
    other.binary(ltpFrame([RELIANCE], 3), clock.now());
    other.gap({ from: 30, to: 40, reason: 'lost' });
    other.binary(ltpFrame([INFY], 4), clock.now());
    other.gap({ from: 50, to: 60, reason: 'lost' });
    expect(channel.size).toBe(5);
    expect(await drain(channel)).toEqual(['gap 10-20', '3', 'gap 30-40', 'lagged 2', '4', 'gap 50-60']);
    expect(channel.dropped).toBe(2);
  });

  test('lets no flood of issues keep ticks from a slow consumer', async () => {
    const channel = outlets.messages(conflated);
    hub.on('ticks', () => {
      throw new Error('ha');
    });
    const read: string[] = [];
    for (let price = 1; price <= 4; price++) {
      tick(price);
      tick(price + 0.5);
      read.push(brief((await channel.recv())!));
    }
    expect(read).toEqual(['issue', 'lagged 3', '2.5', 'issue']);
  });

  test('carries gaps on the batch', async () => {
    const channel = outlets.ticks(conflated);
    gap(10, 20);
    tick(1);
    tick(2);
    expect(await drainBatches(channel)).toEqual([
      { prices: [2], dropped: 1, gap: { from: 10, to: 20, reason: 'lost' } },
    ]);
  });
});

describe('throttleMs', () => {
  test('hands over at most once in so long, at the trailing edge, the newest of each', async () => {
    const channel = outlets.ticks({ throttleMs: 100 });
    const next = channel.recv();
    tick(1);
    clock.pass(60);
    tick(2, INFY, RELIANCE);
    clock.pass(39);
    expect(await standing(next)).toBe('pending');
    expect(channel.size).toBe(0);
    clock.pass(1);
    expect((await next)?.ticks.map(({ lastPrice }) => lastPrice)).toEqual([2, 2]);
  });

  test('lets nothing go early for a state, and for a gap what was gathered before it', async () => {
    const channel = outlets.messages({ throttleMs: 100 });
    tick(1);
    hub.state('waiting', undefined);
    expect(await drain(channel)).toEqual(['state']);
    gap(10, 20);
    tick(2);
    expect(await drain(channel)).toEqual(['1', 'gap 10-20']);
    clock.pass(100);
    expect(await drain(channel)).toEqual(['2']);
  });

  test('lasts from each first tick anew, and costs no timer while nothing comes', () => {
    const channel = outlets.ticks({ throttleMs: 100 });
    expect(clock.pending).toBe(0);
    tick(1);
    clock.pass(100);
    expect([channel.size, clock.pending]).toEqual([1, 0]);
    clock.pass(1000);
    tick(2);
    expect(clock.pending).toBe(1);
    clock.pass(99);
    expect(channel.size).toBe(1);
    channel.close();
    expect(clock.pending).toBe(0);
  });

  test('does not hold orders back', async () => {
    const channel = outlets.messages({ throttleMs: 100 });
    tick(1);
    order('a');
    expect(await drain(channel)).toEqual(['order a']);
  });

  test('gives what it still holds when the feed ends, and stops its timer', async () => {
    const channel = outlets.ticks({ throttleMs: 100 });
    tick(1);
    hub.end();
    expect(clock.pending).toBe(0);
    expect(await drainBatches(channel)).toEqual([{ prices: [1], dropped: 0 }]);
    await expect(channel.recv()).resolves.toBeUndefined();
  });
});

describe('reading', () => {
  test('several waiting readers are served in their order, each with one item', async () => {
    const channel = outlets.messages();
    const readers = [channel.recv(), channel.recv(), channel.recv()];
    tick(1);
    tick(2);
    tick(3);
    expect((await Promise.all(readers)).map((message) => brief(message!))).toEqual(['1', '2', '3']);
  });

  test('leaving a for await loop closes the channel, and nothing is kept for it any more', async () => {
    const channel = outlets.messages();
    tick(1);
    tick(2);
    for await (const message of channel) {
      expect(brief(message)).toBe('1');
      break;
    }
    tick(3);
    expect(channel.size).toBe(0);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('the end of the feed lets what waits be read', async () => {
    const channel = outlets.messages();
    tick(1);
    hub.end();
    tick(2);
    expect(await drain(channel)).toEqual(['1']);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('close() lets go of what waits, and ends every waiting reader', async () => {
    const channel = outlets.messages();
    tick(1);
    channel.close();
    channel.close();
    expect(channel.size).toBe(0);
    await expect(channel.recv()).resolves.toBeUndefined();

    const other = outlets.messages();
    const readers = [other.recv(), other.recv()];
    await other[Symbol.asyncDispose]();
    await expect(Promise.all(readers)).resolves.toEqual([undefined, undefined]);
  });

  test('close() after an overflow rejects nobody', async () => {
    const channel = outlets.messages({ capacity: 1, overflow: 'error' });
    tick(1);
    tick(2);
    channel.close();
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('a consumer may close its own or another channel while a frame is handed out', async () => {
    const other = outlets.messages();
    const stop = hub.on('ticks', () => {
      other.close();
    });
    const last = outlets.messages();
    tick(1);
    stop();
    expect([other.size, last.size]).toEqual([0, 1]);
  });
});

describe('raw frames', () => {
  test('are the very bytes, heartbeats included, with gaps and losses marked on them', async () => {
    const channel = outlets.rawFrames({ capacity: 1 });
    const frame = ltpFrame([INFY]);
    hub.binary(Uint8Array.of(0), 1);
    hub.binary(frame, 2);
    gap(2, 9);
    hub.binary(frame, 10);
    const read = [await channel.recv()];
    expect(channel.size).toBe(0);
    expect(read).toEqual([
      { bytes: frame, channelId: 0, receivedAt: 10, dropped: 2, gap: { from: 2, to: 9, reason: 'lost' } },
    ]);
    expect(read[0]?.bytes).toBe(frame);
  });

  test('of full packets give a view of each, and of nothing else', async () => {
    const channel = outlets.fullRaw();
    hub.binary(Uint8Array.of(0), 1);
    hub.binary(ltpFrame([INFY]), 2);
    hub.binary(fullFrame([INFY, RELIANCE], 1573.15), 3);
    expect(channel.size).toBe(2);
    const [first, second] = [await channel.recv(), await channel.recv()];
    expect(first?.header).toMatchObject({ instrumentToken: INFY, lastPrice: 1573.15 });
    expect(second?.header.instrumentToken).toBe(RELIANCE);
    expect(second).toMatchObject({ channelId: 0, receivedAt: 3, dropped: 0 });
  });

  test("refuse the policy 'conflate', for there is nothing to tell apart", () => {
    expect(() => outlets.rawFrames({ overflow: 'conflate' as 'error' })).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'overflow' }),
    );
  });
});

test('a lag is told on the diagnostics channel once, and again only after the consumer has caught up', async () => {
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
  const told = vi.fn();
  subscribe('kite:connection:lag', told);
  try {
    const channel = outlets.messages({ capacity: 2 });
    for (let price = 1; price <= 50; price++) tick(price);
    expect(told).toHaveBeenCalledOnce();
    await drain(channel);
    for (let price = 1; price <= 50; price++) tick(price);
    expect(told).toHaveBeenCalledTimes(2);
    expect(told).toHaveBeenLastCalledWith({ channelId: 0, dropped: 1 }, 'kite:connection:lag');
  } finally {
    unsubscribe('kite:connection:lag', told);
  }
});
