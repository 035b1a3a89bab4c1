import { describe, expect, test } from 'vitest';
import { INFY, ltpFrame, settled } from '@kite/testkit';

import { BusBench, read, shown } from '../support/bus-bench.js';
import { FakeFeed } from '../support/fake-feed.js';

describe('publishers', () => {
  test('one that falls silent is a state with a reason after 3 s, once; and it is open again when it is back', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    const { bus } = publish();
    feed.emit('state', { type: 'state', state: 'open' });
    await settled();
    const messages = read(reader);
    bus.lose();
    await clock.advance(10_000);
    bus.return();
    await settled();
    expect(messages).toMatchObject([
      { type: 'state', state: 'waiting', error: { code: 'KITE_NATS_PUBLISHER_LOST' } },
      { type: 'state', state: 'open' },
    ]);
  });

  test('one is not silent because the program itself was blocked, and nothing is lost by that', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    publish();
    feed.emit('state', { type: 'state', state: 'open' });
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    for (const forMs of [5000, 60_000]) {
      clock.block(forMs);
      feed.frame(ltpFrame([INFY], forMs));
      await clock.advance(2000);
    }
    expect(shown(messages)).toEqual([5000, 60_000]);
  });

  test.each(['dies', 'says goodbye'])(
    'of two of the same instruments either one %s, and nothing is missed, for the other one goes on; what it misses alone is a gap',
    async (what) => {
      for (const victim of [0, 1]) {
        const { feed, clock, reader, publish } = new BusBench();
        const both = [publish('a'), publish('b')];
        await reader.subscribeSymbols([INFY]);
        const messages = read(reader);
        let price = 0;
        const ticks = async (count: number): Promise<void> => {
          for (let n = 0; n < count; n++) {
            feed.frame(ltpFrame([INFY], ++price));
            await clock.advance(100);
          }
        };
        await ticks(10);
        const [gone, other] = [both[victim]!, both[1 - victim]!];
        if (what === 'dies') gone.bus.end();
        else await gone.publisher.close();
        await ticks(50);
        expect(reader.getStats().publishers).toEqual([victim === 0 ? 'b' : 'a']);
        expect(shown(messages)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
        // Another life of it joins, and the one that went on is gone: again nothing is missed.
        publish(victim === 0 ? 'a' : 'b');
        await ticks(10);
        other.bus.lose();
        await ticks(50);
        expect(shown(messages)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
      }
    },
  );

  test('what both have missed is a gap, and what one of them has missed is none', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    const [a, b] = [publish('a'), publish('b')];
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    let price = 0;
    const ticks = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        feed.frame(ltpFrame([INFY], ++price));
        await clock.advance(1500);
      }
    };
    await ticks(3);
    a.bus.lose();
    await ticks(2);
    a.bus.return();
    await ticks(3);
    expect(shown(messages)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const from = clock.now();
    b.bus.lose();
    a.bus.lose();
    await ticks(3);
    a.bus.return();
    b.bus.return();
    const to = clock.now();
    await ticks(3);
    await clock.advance(5000);
    const gaps = messages.filter((message) => message.type === 'gap');
    expect(gaps.length).toBeGreaterThan(0);
    for (const gap of gaps) {
      expect(gap.from).toBeGreaterThanOrEqual(from - 1500);
      expect(gap.to).toBeLessThanOrEqual(to);
    }
    expect(gaps.some((gap) => gap.from <= from && from + 1500 <= gap.to)).toBe(true);
    const prices = shown(messages).filter((one) => typeof one === 'number');
    expect(prices).toEqual([...prices].sort((x, y) => x - y));
  });

  test('a gap of the feed of one is none where the other one went on', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    const other = new FakeFeed(clock);
    publish('a');
    publish('b', other);
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    const ticks = async (from: number, ...feeds: FakeFeed[]): Promise<void> => {
      for (let price = from; price < from + 5; price++) {
        for (const one of feeds) one.frame(ltpFrame([INFY], price));
        await clock.advance(200);
      }
    };
    await ticks(1, feed, other);
    const from = clock.now() - 200;
    await ticks(6, other);
    feed.emit('gap', { type: 'gap', from, to: clock.now(), reason: 'closed' });
    await ticks(11, feed, other);
    await clock.advance(6000);
    expect(shown(messages)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    await ticks(16, other);
    feed.emit('gap', { type: 'gap', from, to: clock.now(), reason: 'closed' });
    other.emit('gap', { type: 'gap', from: clock.now() - 500, to: clock.now(), reason: 'closed' });
    await settled();
    const gaps = messages.filter((message) => message.type === 'gap');
    expect(gaps).toMatchObject([{ to: clock.now(), reason: 'closed', instrumentTokens: [INFY] }]);
    expect(gaps[0]!.from).toBeLessThanOrEqual(clock.now() - 500);
  });

  test('what waits for the last ticks when its publisher is replaced is delivered before the gap', async () => {
    const { feed, clock, reader, readerBus, publish } = new BusBench();
    const { bus } = publish();
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    feed.frame(ltpFrame([INFY], 1));
    await settled();
    readerBus.beforeLast = async () => {
      readerBus.beforeLast = () => undefined;
      feed.frame(ltpFrame([INFY], 2));
      // It says that everything until now has come.
      await clock.advance(3500);
      bus.end();
      publish();
    };
    readerBus.lose();
    readerBus.return();
    await settled();
    await clock.advance(4000);
    expect(shown(messages).filter((one) => one !== 'state')).toEqual([1, 'gap', 2, 'gap']);
  });

  test('a goodbye is a state at once', async () => {
    const { feed, reader, publish } = new BusBench();
    const { publisher } = publish();
    feed.emit('state', { type: 'state', state: 'open' });
    const messages = read(reader);
    await publisher.close();
    expect(messages).toMatchObject([
      { type: 'state', state: 'closed', error: { code: 'KITE_NATS_PUBLISHER_LOST' } },
    ]);
    expect(reader.getStats().publishers).toEqual([]);
  });
});

test('a publisher that was held up when it died has a gap from what it had not seen yet', async () => {
  const { feed, clock, reader, publish } = new BusBench();
  const { bus } = publish();
  await reader.subscribeSymbols([INFY]);
  const messages = read(reader);
  const held = clock.now();
  // Frames come through 3 s after they were received: that of the last 3 s is still on its way.
  await clock.advance(3000);
  feed.emit('frame', { bytes: ltpFrame([INFY], 1), dropped: 0, receivedAt: held } as never);
  await clock.advance(1000);
  bus.end();
  await clock.advance(500);
  publish();
  await settled();
  const gap = messages.find((message) => message.type === 'gap');
  expect(gap?.from).toBeLessThanOrEqual(held + 1);
});

test('an instrument of two publishers that is unsubscribed and subscribed again goes on', async () => {
  const { feed, clock, reader, publish } = new BusBench();
  const both = [publish('a'), publish('b')];
  await reader.subscribeSymbols([INFY]);
  for (const price of [1, 2]) {
    feed.frame(ltpFrame([INFY], price));
    await clock.advance(100);
  }
  await both[1]!.publisher.close();
  await reader.unsubscribeSymbols([INFY]);
  const messages = read(reader);
  await reader.subscribeSymbols([INFY]);
  await clock.advance(1500);
  feed.frame(ltpFrame([INFY], 3));
  await settled();
  expect(shown(messages)).toEqual([2, 'gap', 3]);
});

test('what two publishers have missed is reported at once where its instrument is unsubscribed', async () => {
  const { feed, clock, reader, publish } = new BusBench();
  const other = new FakeFeed(clock);
  const a = publish('a');
  publish('b', other);
  await reader.subscribeSymbols([INFY]);
  const messages = read(reader);
  for (const one of [feed, other]) one.frame(ltpFrame([INFY], 1));
  await clock.advance(1000);
  a.bus.lose();
  for (const price of [2, 3]) feed.frame(ltpFrame([INFY], price));
  await clock.advance(100);
  a.bus.return();
  await settled();
  // Whether the other one has sent the first of the two is not known yet.
  expect(shown(messages)).toEqual([1, 3]);
  await reader.unsubscribeSymbols([INFY]);
  expect(shown(messages)).toEqual([1, 3, 'gap']);
});
