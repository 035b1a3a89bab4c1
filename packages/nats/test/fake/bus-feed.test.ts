import { describe, expect, test } from 'vitest';
import type { BusFeed } from '@kite/nats';
import type { TickerMessage } from '@kite/protocol';
import { codeOf, collect, INFY, ltpFrame, RELIANCE, settled, standing } from '@kite/testkit';

import { BusBench } from '../support/bus-bench.js';
import { FakeFeed } from '../support/fake-feed.js';

/** What came, in short: prices, and the other messages by their type. */
function shown(messages: readonly TickerMessage[]): (number | string)[] {
  return messages.flatMap<number | string>((message) =>
    message.type === 'ticks' ? message.ticks.map(({ lastPrice }) => lastPrice) : [message.type],
  );
}

function read(feed: BusFeed): TickerMessage[] {
  return collect(feed.messages());
}

describe('a subscription', () => {
  test('begins with the last tick, and with what came while that was read: each once', async () => {
    const { feed, reader, readerBus, publish } = new BusBench();
    publish();
    feed.frame(ltpFrame([INFY], 1));
    const messages = read(reader);
    readerBus.beforeLast = () => {
      for (const price of [2, 3]) feed.frame(ltpFrame([INFY], price));
    };
    await reader.subscribeSymbols([INFY]);
    feed.frame(ltpFrame([INFY, RELIANCE], 4));
    await settled();
    // The last value was read after 2 and 3 had come live.
    expect(shown(messages)).toEqual([3, 4]);
    expect(reader.getStats()).toMatchObject({ ticksReceived: 2, repeats: 2, symbolCount: 1 });
  });

  test('has a gap before its first tick where the last value is older than what came live', async () => {
    const { feed, reader, readerBus, server, publish } = new BusBench();
    publish();
    feed.frame(ltpFrame([INFY], 1));
    const old = [...server.last];
    feed.frame(ltpFrame([INFY], 2));
    const messages = read(reader);
    readerBus.beforeLast = () => {
      feed.frame(ltpFrame([INFY], 3));
      for (const [subject, message] of old) server.last.set(subject, message);
    };
    await reader.subscribeSymbols([INFY]);
    await settled();
    expect(shown(messages)).toEqual([1, 'gap', 3]);
  });

  test('whose last value is read late is not disturbed by one that is newer than the packets under way', async () => {
    const { clock, feed, reader, readerBus, publish } = new BusBench();
    publish();
    feed.frame(ltpFrame([INFY], 1));
    const messages = read(reader);
    readerBus.beforeLast = () => {
      throw new Error('no responders');
    };
    await reader.subscribeSymbols([INFY]);
    feed.frame(ltpFrame([INFY], 2));
    let reads = 0;
    readerBus.beforeLast = () => {
      reads++;
    };
    await clock.advance(3000);
    expect([shown(messages), reads]).toEqual([['issue', 2], 0]);
    await reader.close();
  });

  test('whose last value cannot be read yet goes on live, and has it as soon as the server answers: reported once', async () => {
    const { clock, feed, reader, readerBus, publish } = new BusBench();
    publish();
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    const messages = read(reader);
    readerBus.beforeLast = () => {
      throw new Error('no responders');
    };
    await reader.subscribeSymbols([INFY, RELIANCE]);
    feed.frame(ltpFrame([INFY], 2));
    await clock.advance(3000);
    expect(shown(messages)).toEqual(['issue', 2]);
    readerBus.beforeLast = () => undefined;
    await clock.advance(1000);
    await settled();
    // The other one has been quiet since.
    expect(shown(messages)).toEqual(['issue', 2, 1]);
    readerBus.beforeLast = () => {
      throw new Error('no responders');
    };
    readerBus.lose();
    readerBus.return();
    await clock.advance(1000);
    expect(messages.filter(({ type }) => type === 'issue')).toHaveLength(2);
    await reader.close();
  });

  test('that ends hears nothing more, and a mode is strict', async () => {
    const { feed, reader, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY, RELIANCE], 'full');
    const messages = read(reader);
    await reader.unsubscribeSymbols([INFY]);
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    await settled();
    expect(shown(messages)).toEqual([1]);
    expect(await codeOf(reader.changeMode([INFY, RELIANCE], 'ltp'))).toBe('KITE_NATS_NOT_SUBSCRIBED');
    expect([...reader.subscriptions]).toEqual([[RELIANCE, 'full']]);
    await reader.replaceSymbols(new Map([[INFY, 'ltp']]));
    expect([...reader.subscriptions]).toEqual([[INFY, 'ltp']]);
    expect(await codeOf(reader.subscribeSymbols([0]))).toBe('KITE_PROTOCOL_INVALID_TOKEN');
    for (const modes of [[[INFY, 'ltp']], { [INFY]: 'ltp' }, undefined, null])
      expect(await codeOf(reader.replaceSymbols(modes as never))).toBe('KITE_NATS_INVALID_OPTION');
    expect([...reader.subscriptions]).toEqual([[INFY, 'ltp']]);
  });
});

describe('a channel of ticks', () => {
  test("from 'last' begins with the last tick of each instrument, in either form, and another one does not", async () => {
    const { feed, reader, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY, RELIANCE]);
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    feed.frame(ltpFrame([INFY], 2));
    const [plain, lazy, live] = [
      reader.ticks({ from: 'last' }),
      reader.ticks({ from: 'last', form: 'lazy', tokens: [INFY] }),
      reader.ticks(),
    ];
    feed.frame(ltpFrame([INFY], 3));
    await settled();
    const prices = (channel: { tryRecv(): { ticks: { lastPrice: number }[] } | undefined }): number[] => {
      const found: number[] = [];
      for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv())
        found.push(...batch.ticks.map(({ lastPrice }) => lastPrice));
      return found;
    };
    expect(prices(plain)).toEqual([2, 1, 3]);
    expect(prices(lazy)).toEqual([2, 3]);
    expect(prices(live)).toEqual([3]);
    for (const from of ['first', NaN, -1, new Date()])
      expect(() => reader.ticks({ from: from as never })).toThrow(
        "allowed: 'last', or a time in Unix milliseconds",
      );
  });

  test('has the packets of one frame in one batch, with the time of the frame', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY, RELIANCE]);
    const batches = collect(reader.ticks());
    const frames = collect(reader.rawFrames());
    const at = clock.now();
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    await settled();
    expect(batches).toMatchObject([{ receivedAt: at, channelId: 0, dropped: 0, ticks: [{}, {}] }]);
    expect(frames.map(({ bytes }) => bytes)).toEqual([ltpFrame([INFY, RELIANCE], 1)]);
  });
});

describe('gaps', () => {
  test('packets that the publisher left out are a gap before the next tick, of that instrument', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    const { bus } = publish();
    await reader.subscribeSymbols([INFY, RELIANCE]);
    const messages = read(reader);
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    const from = clock.now();
    await clock.advance(100);
    bus.lose();
    for (const price of [2, 3]) feed.frame(ltpFrame([INFY], price));
    bus.return();
    feed.frame(ltpFrame([RELIANCE], 4));
    await settled();
    expect(shown(messages)).toEqual([1, 1, 'gap', 3, 4]);
    expect(messages[1]).toMatchObject({ type: 'gap', from, to: from + 100, instrumentTokens: [INFY] });
  });

  test('the reader was cut off: one gap of all instruments, another one of what was missed, and the last ticks', async () => {
    const { feed, clock, reader, readerBus, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY, RELIANCE]);
    const messages = read(reader);
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    const from = clock.now();
    readerBus.lose();
    await clock.advance(500);
    for (const price of [2, 3]) feed.frame(ltpFrame([INFY], price));
    readerBus.return();
    await settled();
    feed.frame(ltpFrame([INFY], 4));
    await settled();
    expect(shown(messages)).toEqual([1, 1, 'state', 'state', 'gap', 'gap', 3, 4]);
    expect(messages.find(({ type }) => type === 'gap')).toMatchObject({
      ...{ from, to: from + 500, reason: 'the NATS server was gone', instrumentTokens: [INFY, RELIANCE] },
    });
  });

  test('a gap of the publisher’s feed names the subscribed instruments that it concerns, and no others', async () => {
    const { feed, reader, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    feed.emit('gap', { type: 'gap', from: 1, to: 2, reason: 'closed', instrumentTokens: [RELIANCE] });
    feed.emit('gap', { type: 'gap', from: 1, to: 2, reason: 'closed' });
    await settled();
    expect(messages.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: 1, to: 2, reason: 'closed', instrumentTokens: [INFY], channelId: 0 },
    ]);
  });

  test('a publisher that was replaced is a gap of its instruments, also of those that are quiet', async () => {
    const { feed, clock, reader, publish } = new BusBench();
    const { bus } = publish();
    await reader.subscribeSymbols([INFY]);
    feed.frame(ltpFrame([INFY], 1));
    const messages = read(reader);
    bus.lose();
    await clock.advance(5000);
    const started = clock.now() - 5000;
    publish();
    await settled();
    expect(messages.find(({ type }) => type === 'gap')).toMatchObject({
      ...{
        from: started,
        to: clock.now(),
        reason: 'the publisher was replaced',
        instrumentTokens: [INFY],
      },
    });
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

describe('what is none of ours', () => {
  test('is reported, not for each of many, and the stream goes on', async () => {
    const { feed, reader, server, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY]);
    const messages = read(reader);
    for (let n = 0; n < 50; n++) server.take({ subject: 'kite.t.6.1.408065', data: new Uint8Array(n) });
    server.take({ subject: 'kite.m.x', data: new Uint8Array(3) });
    feed.frame(ltpFrame([INFY], 1));
    await settled();
    expect(shown(messages)).toEqual(['issue', 'issue', 1]);
    expect(messages[1]).toMatchObject({ issue: { code: 'KITE_NATS_NOT_A_MESSAGE' } });
    expect(reader.getStats().strangers).toBe(51);
  });

  test('a packet under the subject of another instrument is none', async () => {
    const { feed, reader, server, publish } = new BusBench();
    publish();
    await reader.subscribeSymbols([INFY]);
    feed.frame(ltpFrame([RELIANCE], 1));
    server.take({ subject: 'kite.t.6.1.408065', data: server.last.get('kite.t.13.1.738561')!.data });
    expect(reader.getStats()).toMatchObject({ strangers: 1, ticksReceived: 0 });
  });
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

describe('the end', () => {
  test('close() ends channels and waiting promises, and leaves nothing behind', async () => {
    const { clock, reader, readerBus } = new BusBench();
    await reader.subscribeSymbols([INFY]);
    const channel = reader.messages();
    const next = reader.once('ticks');
    await Promise.all([reader.close(), reader.close()]);
    expect(await channel.recv()).toBeUndefined();
    expect(await codeOf(next)).toBe('KITE_CONNECTION_CLOSED');
    await reader.ended;
    expect(readerBus).toMatchObject({ isClosed: true, listeners: 0 });
    expect(clock.pending).toBe(0);
    expect(await codeOf(reader.subscribeSymbols([INFY]))).toBe('KITE_NATS_CLOSED');
    expect(await reader.ticks().recv()).toBeUndefined();
  });

  test('a bus that is closed by somebody else ends channels with the error', async () => {
    const { reader, readerBus } = new BusBench();
    const channel = reader.ticks();
    readerBus.end();
    expect(await codeOf(channel.recv())).toBe('KITE_NATS_CLOSED');
    expect(await standing(reader.ended)).toBe('rejected');
  });
});

test('orders come with their account', async () => {
  const { feed, reader, publish } = new BusBench();
  publish();
  const messages = read(reader);
  const order = { order_id: '1', status: 'OPEN' };
  feed.emit('order', { type: 'order', order });
  feed.emit('order', { type: 'order', order: { ...order, order_id: '2' }, apiKeyId: 'family.one' });
  await settled();
  expect(messages).toMatchObject([
    { type: 'order', order },
    { type: 'order', order: { order_id: '2' }, apiKeyId: 'family.one' },
  ]);
  expect(messages[0]).not.toHaveProperty('apiKeyId');
});
