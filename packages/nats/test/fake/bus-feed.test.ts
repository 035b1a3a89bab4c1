import { describe, expect, test } from 'vitest';
import { codeOf, collect, INFY, ltpFrame, RELIANCE, settled, standing } from '@kite/testkit';

import { BusBench, read, shown } from '../support/bus-bench.js';

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
