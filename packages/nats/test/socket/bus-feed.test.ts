import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '@kite/connection';
import { openBusFeed, publishFeed } from '@kite/nats';
import { isKiteError, type TickerMessage } from '@kite/protocol';
import {
  codeOf,
  collect,
  eventually,
  hasNoNatsServer,
  INFY,
  instruments,
  ltpFrame,
  NatsServer,
  ofType,
  RELIANCE,
} from '@kite/testkit';

import { FakeFeed } from '../support/fake-feed.js';
import { keeper } from '../support/keeper.js';

const keep = keeper();

/** The prices of one instrument. */
function pricesOf(messages: readonly TickerMessage[], token: number): number[] {
  return messages
    .flatMap((message) => (message.type === 'ticks' ? message.ticks : []))
    .filter(({ instrumentToken }) => instrumentToken === token)
    .map(({ lastPrice }) => lastPrice);
}

async function bench() {
  const server = keep(await NatsServer.start('-js'));
  const feed = new FakeFeed(systemClock);
  const publish = () =>
    publishFeed({ feed: feed.asFeed, servers: server.address, publisher: 'a', onIssue: () => undefined });
  const read = (name: string) => openBusFeed({ servers: server.address, name });
  return { server, feed, publish, read };
}

describe.skipIf(hasNoNatsServer())('with a NATS server (skipped without nats-server 2.11 or newer)', () => {
  test('each of two programs receives what it subscribes to, once and in order; one that is late begins with the last tick', async () => {
    const { feed, publish, read } = await bench();
    keep(await publish());
    const [one, two] = [keep(await read('one')), keep(await read('two'))];
    await one.subscribeSymbols([INFY, RELIANCE]);
    await two.subscribeSymbols([RELIANCE]);
    const [first, second] = [collect(one.messages()), collect(two.messages())];
    for (let price = 1; price <= 500; price++) feed.frame(ltpFrame([INFY, RELIANCE], price));
    const all = Array.from({ length: 500 }, (_, index) => index + 1);
    await eventually(() => expect(pricesOf(first, INFY)).toEqual(all));
    await eventually(() => expect(pricesOf(second, RELIANCE)).toEqual(all));
    expect(pricesOf(second, INFY)).toEqual([]);
    const late = keep(await read('late'));
    const third = collect(late.messages());
    await eventually(async () => {
      await late.unsubscribeSymbols([INFY]);
      await late.subscribeSymbols([INFY]);
      expect(pricesOf(third, INFY).at(-1)).toBe(500);
    });
    expect([...first, ...second, ...third].filter(({ type }) => type === 'gap')).toEqual([]);
  });

  test('the last ticks of 1200 instruments are read in one call', async () => {
    const { feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const tokens = instruments(1200);
    feed.frame(ltpFrame(tokens, 7));
    await eventually(() => expect(publisher.getStats().unconfirmedBytes).toBe(0));
    const reader = keep(await read('reader'));
    await eventually(async () => {
      await reader.replaceSymbols(new Map());
      await reader.replaceSymbols(new Map(tokens.map((token) => [token, 'ltp'])));
      const batch = reader.ticks({ from: 'last' });
      let count = 0;
      for (let one = batch.tryRecv(); one; one = batch.tryRecv()) count += one.ticks.length;
      batch.close();
      expect(count).toBe(1200);
    });
  });

  test('an instrument without a tick for longer than maxAge has no last tick, and begins with its next one, without a gap', async () => {
    const { server, feed, read } = await bench();
    const options = { feed: feed.asFeed, servers: server.address, publisher: 'a', onIssue: () => undefined };
    keep(await publishFeed({ ...options, stream: { maxAge: 200 } }));
    feed.frame(ltpFrame([INFY], 1));
    const nats = await connect({ servers: server.address });
    const { streams } = await jetstreamManager(nats);
    await eventually(async () =>
      expect((await streams.info('TICKS')).state).toMatchObject({ last_seq: 1, messages: 0 }),
    );
    await nats.close();
    const reader = keep(await read('reader'));
    const messages = collect(reader.messages());
    await reader.subscribeSymbols([INFY]);
    const last = collect(reader.ticks({ from: 'last' }));
    feed.frame(ltpFrame([INFY], 2));
    await eventually(() => expect(pricesOf(messages, INFY)).toEqual([2]));
    expect(last.flatMap(({ ticks }) => ticks.map(({ lastPrice }) => lastPrice))).toEqual([2]);
    expect(messages.filter(({ type }) => type === 'gap')).toEqual([]);
  });

  test('a channel that begins at a time has the ticks of the stream since then, and goes on live: each once', async () => {
    const { feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const reader = keep(await read('reader'));
    await reader.subscribeSymbols([INFY, RELIANCE]);
    let price = 0;
    const publishMore = async (): Promise<void> => {
      for (const end = price + 100; price < end;) feed.frame(ltpFrame([INFY, RELIANCE], ++price));
      await new Promise((resolve) => setTimeout(resolve, 2));
    };
    for (let n = 0; n < 20; n++) await publishMore();
    const from = systemClock.now();
    const first = price + 1;
    for (let n = 0; n < 50; n++) await publishMore();
    await eventually(() => expect(publisher.getStats().unconfirmedBytes).toBe(0));
    const batches = collect(reader.ticks({ from }));
    const whole = collect(reader.ticks({ from: 0, tokens: [INFY] }));
    for (let n = 0; n < 50; n++) await publishMore();
    const prices = (of: typeof batches, token: number): number[] =>
      of
        .flatMap(({ ticks }) => ticks)
        .filter(({ instrumentToken }) => instrumentToken === token)
        .map(({ lastPrice }) => lastPrice);
    const all = (start: number): number[] =>
      Array.from({ length: price - start + 1 }, (_, index) => start + index);
    await eventually(() => {
      expect(prices(batches, INFY)).toEqual(all(first));
      expect(prices(batches, RELIANCE)).toEqual(all(first));
      expect(prices(whole, INFY)).toEqual(all(1));
    });
    expect(batches.filter(({ gap }) => gap)).toEqual([]);
    expect(whole.flatMap(({ gap }) => gap ?? [])).toMatchObject([
      { reason: 'the stream of ticks begins later' },
    ]);
  });

  test('after the server was killed and started again both go on, and all that was missed lies in a gap', async () => {
    const { server, feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const reader = keep(await read('reader'));
    await reader.subscribeSymbols([INFY]);
    const messages = collect(reader.messages());
    feed.frame(ltpFrame([INFY], 1));
    await eventually(() => expect(pricesOf(messages, INFY)).toEqual([1]));
    await server.kill();
    await eventually(() => {
      expect(publisher.getStats().isConnected).toBe(false);
      expect(reader.getStats().isConnected).toBe(false);
    });
    for (const price of [2, 3]) feed.frame(ltpFrame([INFY], price));
    await server.start();
    await eventually(() => {
      expect(publisher.getStats()).toMatchObject({ isConnected: true, kept: 0 });
      expect(reader.getStats().isConnected).toBe(true);
    });
    feed.frame(ltpFrame([INFY], 4));
    await eventually(() => expect(pricesOf(messages, INFY).at(-1)).toBe(4));
    expect(ofType(messages, 'gap')[0]).toMatchObject({ instrumentTokens: [INFY] });
    expect(pricesOf(messages, INFY)).toEqual([...new Set(pricesOf(messages, INFY))].sort());
  });

  test('a program that starts after the server was killed and started again begins with the newest tick of each instrument', async () => {
    const { server, feed, publish, read } = await bench();
    const publisher = keep(await publish());
    for (let price = 1; price <= 2000; price++) feed.frame(ltpFrame([INFY, RELIANCE], price));
    feed.frame(ltpFrame([INFY], 2001));
    await eventually(() => expect(publisher.getStats().unconfirmedBytes).toBe(0));
    // What the server has received is in its stream a little later.
    const { streams } = await jetstreamManager(keep(await connect({ servers: server.address })));
    await eventually(async () => expect((await streams.info('TICKS')).state.messages).toBe(4001));
    await server.restart();
    const late = keep(await read('late'));
    const messages = collect(late.messages());
    await late.subscribeSymbols([INFY, RELIANCE]);
    // While the server still opens its stream, they come a second later.
    await eventually(() => {
      expect(pricesOf(messages, INFY)).toEqual([2001]);
      expect(pricesOf(messages, RELIANCE)).toEqual([2000]);
    });
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('a publisher that is killed and started again is a gap, and its ticks go on', async () => {
    const { server, feed, publish, read } = await bench();
    const nats = await connect({ servers: server.address });
    keep(await publishFeed({ feed: feed.asFeed, nats, publisher: 'a', onIssue: () => undefined }));
    const reader = keep(await read('reader'));
    await reader.subscribeSymbols([INFY]);
    const messages = collect(reader.messages());
    feed.frame(ltpFrame([INFY], 1));
    await eventually(() => expect(pricesOf(messages, INFY)).toEqual([1]));
    await nats.close();
    feed.frame(ltpFrame([INFY], 2));
    keep(await publish());
    feed.frame(ltpFrame([INFY], 3));
    await eventually(() => expect(pricesOf(messages, INFY)).toEqual([1, 3]));
    // Between its beginning and its first packet there may be another one.
    expect(ofType(messages, 'gap')[0]).toMatchObject({
      reason: 'the publisher was replaced',
      instrumentTokens: [INFY],
    });
  });

  test('of two collectors of the same instruments either may be killed: the other one goes on, and nothing is missed', async () => {
    for (const victim of ['a', 'b']) {
      const { server, feed, read } = await bench();
      const reader = keep(await read('reader'));
      await reader.subscribeSymbols([INFY]);
      const messages = collect(reader.messages());
      const connections = new Map<string, NatsConnection>();
      for (const publisher of ['a', 'b']) {
        const nats = keep(await connect({ servers: server.address }));
        connections.set(publisher, nats);
        keep(await publishFeed({ feed: feed.asFeed, nats, publisher, onIssue: () => undefined }));
      }
      const order = { order_id: '1', status: 'COMPLETE' };
      let price = 0;
      const tick = (): void => {
        feed.frame(ltpFrame([INFY], ++price));
      };
      await eventually(() => {
        tick();
        expect(pricesOf(messages, INFY).length).toBeGreaterThan(5);
      });
      await connections.get(victim)!.close();
      feed.emit('order', { type: 'order', order });
      await eventually(() => {
        tick();
        expect(reader.getStats().publishers).toEqual([victim === 'a' ? 'b' : 'a']);
      });
      const known = price;
      await eventually(() => {
        tick();
        expect(pricesOf(messages, INFY).at(-1)).toBeGreaterThan(known);
      });
      const prices = pricesOf(messages, INFY);
      const first = prices[0]!;
      expect(prices).toEqual(Array.from(prices, (_, index) => first + index));
      expect(ofType(messages, 'gap')).toEqual([]);
      await eventually(() => expect(ofType(messages, 'order')).toHaveLength(1));
    }
  });

  test('orders come once, also after the server was killed and started again', async () => {
    const { server, feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const reader = keep(await read('reader'));
    const messages = collect(reader.messages());
    const order = (id: string) => ({
      order_id: id,
      status: 'COMPLETE',
      order_timestamp: '2026-11-20 09:30:00',
    });
    const ids = (): string[] => ofType(messages, 'order').map(({ order: { order_id } }) => order_id);
    // It begins to follow some time after it was opened.
    let warm = 0;
    await eventually(() => {
      feed.emit('order', { type: 'order', order: order(`warm-${warm++}`) });
      expect(ids().length).toBeGreaterThan(0);
    });
    for (const _ of [1, 2]) feed.emit('order', { type: 'order', order: order('1') });
    await eventually(() => expect(ids().filter((id) => id === '1')).toEqual(['1']));
    await server.kill();
    await eventually(() => expect(publisher.getStats().isConnected).toBe(false));
    feed.emit('order', { type: 'order', order: order('2') });
    await server.start();
    await eventually(() => expect(publisher.getStats().ordersWaiting).toBe(0));
    feed.emit('order', { type: 'order', order: order('3') });
    await eventually(() => expect(ids().slice(-2)).toEqual(['2', '3']));
    expect(ids()).toEqual([...new Set(ids())]);
  });

  test('a program that has had no order yet gets none of the past after the server was killed and started again', async () => {
    const { server, feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const order = (order_id: string) => ({ type: 'order' as const, order: { order_id, status: 'COMPLETE' } });
    for (const id of ['1', '2']) feed.emit('order', order(id));
    await eventually(() => expect(publisher.getStats().ordersStored).toBe(2));
    const reader = keep(await read('reader'));
    const messages = collect(reader.messages());
    const { consumers } = await jetstreamManager(keep(await connect({ servers: server.address })));
    await eventually(async () => expect(await consumers.list('ORDERS').next()).toHaveLength(1));
    await server.restart();
    await eventually(() => expect(publisher.getStats().isConnected).toBe(true));
    feed.emit('order', order('3'));
    await eventually(() => expect(ofType(messages, 'order')).not.toEqual([]));
    expect(ofType(messages, 'order').map(({ order: { order_id } }) => order_id)).toEqual(['3']);
  });

  test('a program that was there before the first publisher gets each order once, also after the server has lost its consumer', async () => {
    const { server, feed, publish, read } = await bench();
    const reader = keep(await read('reader'));
    const messages = collect(reader.messages());
    await eventually(() => expect(ofType(messages, 'issue')).not.toEqual([]));
    keep(await publish());
    const emit = (order_id: string): void =>
      feed.emit('order', { type: 'order', order: { order_id, status: 'COMPLETE' } });
    const ids = (): unknown[] => ofType(messages, 'order').map(({ order: { order_id } }) => order_id);
    emit('1');
    await eventually(() => expect(ids()).toEqual(['1']));
    const { consumers } = await jetstreamManager(keep(await connect({ servers: server.address })));
    for (const { name } of await consumers.list('ORDERS').next()) await consumers.delete('ORDERS', name);
    emit('2');
    await eventually(() => expect(ids()).toEqual(['1', '2']));
  });

  test('a channel that begins at a time goes on where it was after the server was killed and started again: each tick once', async () => {
    const { server, feed, publish, read } = await bench();
    const publisher = keep(await publish());
    const reader = keep(await read('reader'));
    await reader.subscribeSymbols([INFY]);
    for (let price = 1; price <= 20_000; price++) feed.frame(ltpFrame([INFY], price));
    const { streams } = await jetstreamManager(keep(await connect({ servers: server.address })));
    await eventually(async () => expect((await streams.info('TICKS')).state.messages).toBe(20_000));
    const channel = reader.ticks({ from: systemClock.now() - 3_600_000, capacity: 100 });
    const prices: number[] = [];
    const receive = async (): Promise<void> => {
      const batch = await channel.recv({ timeoutMs: 10_000 });
      prices.push(...(batch?.ticks ?? []).map(({ lastPrice }) => lastPrice));
    };
    // The others do not fit, and are still in the stream.
    await receive();
    await server.restart();
    await eventually(() => expect(publisher.getStats().isConnected).toBe(true));
    feed.frame(ltpFrame([INFY], 20_001));
    while (prices.at(-1) !== 20_001) await receive();
    expect(prices).toEqual(Array.from({ length: 20_001 }, (_, index) => index + 1));
  });

  test('a feed that is closed leaves nothing on a connection that others use', async () => {
    const { server } = await bench();
    const nats = keep(await connect({ servers: server.address }));
    const statuses = vi.spyOn(nats, 'status');
    const reader = await openBusFeed({ nats, name: 'reader' });
    await reader.close();
    expect(statuses.mock.results.map(({ value }) => (value as { done?: boolean }).done)).toEqual([true]);
    expect(nats.isClosed()).toBe(false);
  });

  test('a subject that the user may not read is an issue', async () => {
    const { writeFile, mkdtemp } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const file = `${await mkdtemp(`${tmpdir()}/kite-nats-conf-`)}/nats.conf`;
    await writeFile(
      file,
      `authorization { users = [ { user: "u", password: "p", permissions: { subscribe: { deny: "kite.t.>" } } } ] }`,
    );
    const server = keep(await NatsServer.start('-js', '-c', file));
    const reader = keep(await openBusFeed({ servers: `u:p@${server.address}`, name: 'reader' }));
    const messages = collect(reader.messages());
    await reader.subscribeSymbols([INFY]);
    await eventually(() =>
      expect(ofType(messages, 'issue').map(({ issue }) => isKiteError(issue) && issue.code)).toContain(
        'KITE_NATS_NOT_ALLOWED',
      ),
    );
  });
});

test('openBusFeed refuses what it cannot use, and names it', async () => {
  expect(await codeOf(openBusFeed({ servers: 'localhost' } as never))).toBe('KITE_NATS_INVALID_OPTION');
  expect(await codeOf(openBusFeed({ servers: 'localhost', name: 'a b' }))).toBe('KITE_NATS_INVALID_OPTION');
  expect(await codeOf(openBusFeed({ name: 'a' }))).toBe('KITE_NATS_INVALID_OPTION');
  expect(await codeOf(openBusFeed({ servers: '127.0.0.1:1', name: 'a' }))).toBe('KITE_NATS_UNREACHABLE');
});
