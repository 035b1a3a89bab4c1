import { afterEach, describe, expect, test, vi } from 'vitest';
import { FeedPublisher, Subjects } from '@kite/nats';
import { KiteError } from '@kite/protocol';
import { fullFrame, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { FakeFeed } from '../support/fake-feed.js';
import { MemoryBus } from '../support/memory-bus.js';
import { pricesOf, reportsOf, ticksOf } from '../support/messages.js';

function bench() {
  const feed = new FakeFeed();
  const bus = new MemoryBus();
  const issues: KiteError[] = [];
  let drawn = 0;
  const publisher = new FeedPublisher({
    feed: feed.asFeed,
    bus,
    subjects: new Subjects(),
    publisher: 'a',
    ensure: () => bus.ensure(),
    random: () => ++drawn / 16,
    onIssue: (issue) => issues.push(issue),
  });
  return { feed, bus, issues, publisher };
}

/** More frames of one instrument than fit on the way to a server that does not read. */
function flood(feed: FakeFeed, token: number, from: number): number {
  const MORE_THAN_THE_WINDOW = 20_000;
  for (let price = from; price < from + MORE_THAN_THE_WINDOW; price++) feed.frame(fullFrame([token], price));
  return from + MORE_THAN_THE_WINDOW - 1;
}

afterEach(() => vi.restoreAllMocks());

describe('while the server does not read', () => {
  test('the newest packet of each instrument is kept, the others leave holes in the numbers, and all are counted', async () => {
    const { feed, bus, issues, publisher } = bench();
    bus.isReading = false;
    const newest = flood(feed, INFY, 1);
    feed.frame(ltpFrame([RELIANCE], 5));
    expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_SLOW']);
    const { kept, dropped, unconfirmedBytes } = publisher.getStats();
    expect(kept).toBe(2);
    expect(unconfirmedBytes).toBeLessThan(4_300_000);
    bus.isReading = true;
    bus.read();
    await settled();
    const prices = pricesOf(bus.taken);
    expect(prices.slice(-2)).toEqual([newest, 5]);
    expect(prices).toHaveLength(newest + 1 - dropped);
    const [before, after] = ticksOf(bus.taken).slice(-3);
    expect(after!.previous - before!.sequence).toBe(dropped);
    expect(publisher.getStats()).toMatchObject({ kept: 0, dropped });
    await publisher.close();
  });

  test('close() takes two seconds, and counts what it has kept as dropped', async () => {
    const { feed, bus, publisher } = bench();
    bus.isReading = false;
    flood(feed, INFY, 1);
    const { dropped } = publisher.getStats();
    const closed = publisher.close();
    await feed.clock.advance(2000);
    await closed;
    expect(publisher.getStats().dropped).toBe(dropped + 1);
    expect(feed.clock.pending).toBe(0);
    expect(feed.listenedTo).toEqual([]);
  });
});

describe('after the connection was lost', () => {
  test('what may not have arrived is sent again, marked, and then what came since: each in its order', async () => {
    const { feed, bus, issues, publisher } = bench();
    bus.isReading = false;
    feed.frame(ltpFrame([INFY], 1));
    feed.frame(ltpFrame([INFY], 2));
    feed.frame(ltpFrame([RELIANCE], 3));
    bus.lose();
    feed.frame(ltpFrame([RELIANCE], 4));
    expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_CONNECTION_LOST']);
    bus.return();
    expect(ticksOf(bus.taken).map(({ replayed, sequence }) => [replayed, sequence])).toEqual([
      [true, 2],
      [false, 2],
    ]);
    expect(pricesOf(bus.taken)).toEqual([2, 4]);
    await publisher.close();
  });

  test('nothing is sent again that the server has confirmed', async () => {
    const { feed, bus, publisher } = bench();
    feed.frame(ltpFrame([INFY], 1));
    await feed.clock.advance(50);
    bus.lose();
    bus.return();
    expect(pricesOf(bus.taken)).toEqual([1]);
    await publisher.close();
  });

  test('a beat comes before the first packet', async () => {
    const { feed, bus, publisher } = bench();
    bus.lose();
    feed.frame(ltpFrame([INFY], 1));
    const before = bus.taken.length;
    bus.return();
    expect(bus.taken.slice(before).map(({ subject }) => subject)).toEqual(['kite.m.a', 'kite.t.6.1.408065']);
    await publisher.close();
  });
});

test('streams that cannot be created again for a server that is back are reported once, and tried every second', async () => {
  const { feed, bus, issues, publisher } = bench();
  const ensure = vi.spyOn(bus, 'ensure').mockRejectedValue(new KiteError('KITE_NATS_STREAM_FAILED', 'full'));
  bus.lose();
  bus.return();
  await feed.clock.advance(3500);
  expect(ensure).toHaveBeenCalledTimes(4);
  expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_CONNECTION_LOST', 'KITE_NATS_STREAM_FAILED']);
  ensure.mockResolvedValue();
  await feed.clock.advance(10_000);
  expect(ensure).toHaveBeenCalledTimes(5);
  await publisher.close();
  expect(feed.clock.pending).toBe(0);
});

describe('reports', () => {
  test('name the epoch before its first packet, and the last number of each shard each second', async () => {
    const { feed, bus, publisher } = bench();
    expect(reportsOf(bus.taken)).toMatchObject([{ type: 'beat', publisher: 'a', epoch: 268435456 }]);
    feed.frame(ltpFrame([INFY, RELIANCE, INFY], 1));
    await feed.clock.advance(1000);
    const beat = reportsOf(bus.taken).at(-1);
    expect(beat).toMatchObject({ type: 'beat', accounts: [''], published: 3, dropped: 0 });
    expect(beat).toHaveProperty(['sequences', 6], 2);
    expect(beat).toHaveProperty(['sequences', 13], 1);
    await publisher.close();
  });

  test('a gap of the feed is told before the packet behind it, which is marked as perhaps old', async () => {
    const { feed, bus, publisher } = bench();
    feed.frame(ltpFrame([INFY], 1));
    feed.frame(ltpFrame([INFY], 2));
    feed.emit('gap', { type: 'gap', from: 1, to: 2, reason: 'closed' });
    feed.frame(ltpFrame([INFY], 3));
    expect(ticksOf(bus.taken).map(({ cached }) => cached)).toEqual([true, false, true]);
    expect(bus.taken.slice(-2).map(({ subject }) => subject)).toEqual(['kite.m.a', 'kite.t.6.1.408065']);
    expect(reportsOf(bus.taken).at(-1)).toMatchObject({
      type: 'gap',
      from: 1,
      to: 2,
      reason: 'closed',
      connection: 0,
    });
    await publisher.close();
  });

  test('a publisher that is closed says goodbye, once, and leaves the feed alone', async () => {
    const { feed, bus, publisher } = bench();
    await Promise.all([publisher.close(), publisher.close()]);
    expect(reportsOf(bus.taken).map(({ type }) => type)).toEqual(['beat', 'bye']);
    expect(bus.isClosed).toBe(true);
    expect(feed.clock.pending).toBe(0);
    feed.frame(ltpFrame([INFY], 1));
    expect(ticksOf(bus.taken)).toEqual([]);
  });

  test('without onIssue, and with one that throws, the process is warned once of each kind', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const feed = new FakeFeed();
    const bus = new MemoryBus();
    const parts = { feed: feed.asFeed, bus, subjects: new Subjects(), publisher: 'b', random: Math.random };
    const publisher = new FeedPublisher({ ...parts, ensure: () => bus.ensure(), onIssue: undefined });
    for (let n = 0; n < 3; n++) {
      bus.lose();
      bus.return();
    }
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]![1]).toMatchObject({ type: 'KiteWarning', code: 'KITE_NATS_CONNECTION_LOST' });
    await publisher.close();
  });
});

describe('orders', () => {
  const order = { order_id: '1', status: 'OPEN', order_timestamp: '2026-11-20 09:30:00', filled_quantity: 0 };

  test('are stored again until the server has them, each once', async () => {
    const { feed, bus, publisher } = bench();
    bus.isStoring = false;
    feed.emit('order', { type: 'order', order });
    feed.emit('order', { type: 'order', order: { ...order, guid: 'another' } });
    feed.emit('order', { type: 'order', order: { ...order, filled_quantity: 5 } });
    await settled();
    expect(publisher.getStats()).toMatchObject({ ordersStored: 0, ordersWaiting: 3 });
    bus.isStoring = true;
    await feed.clock.advance(1000);
    expect([...bus.stored.keys()]).toEqual(['1:OPEN:2026-11-20 09:30:00:0', '1:OPEN:2026-11-20 09:30:00:5']);
    expect(publisher.getStats()).toMatchObject({ ordersStored: 3, ordersWaiting: 0 });
    await publisher.close();
  });

  test('that could not be stored before close() are reported', async () => {
    const { feed, bus, issues, publisher } = bench();
    bus.isStoring = false;
    feed.emit('order', { type: 'order', order });
    await settled();
    await publisher.close();
    expect(issues.map(({ code, message }) => [code, message])).toEqual([
      ['KITE_NATS_ORDERS_LOST', 'a: 1 order could not be stored'],
    ]);
    expect(feed.clock.pending).toBe(0);
  });
});
