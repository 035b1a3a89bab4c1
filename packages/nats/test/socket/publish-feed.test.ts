import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { KiteTicker, systemClock } from '@kite/connection';
import { openBusFeed, publishFeed, type PublishOptions, type TickMessage } from '@kite/nats';
import { isKiteError, type KiteError, Mode } from '@kite/protocol';
import { startSimulator } from '@kite/simulator';
import {
  ACCESS_TOKEN,
  API_KEY,
  codeOf,
  collect,
  eventually,
  everyRendering,
  hasNoNatsServer,
  INFY,
  ltpFrame,
  NatsServer,
  ofType,
  RELIANCE,
  STILL_MARKET,
} from '@kite/testkit';

import type { BusMessage } from '../../src/bus/bus.js';
import { FakeFeed } from '../support/fake-feed.js';
import { keeper } from '../support/keeper.js';
import { pricesOf, reportsOf, ticksOf } from '../support/messages.js';

const keep = keeper();

const unused = (): PublishOptions['feed'] => new FakeFeed(systemClock).asFeed;

/** All that is published under a prefix, as it comes. */
async function listen(nats: NatsConnection): Promise<BusMessage[]> {
  const messages: BusMessage[] = [];
  nats.subscribe('kite.>', { callback: (_, { subject, data }) => void messages.push({ subject, data }) });
  await nats.flush();
  return messages;
}

describe.skipIf(hasNoNatsServer())('with a NATS server (skipped without nats-server 2.11 or newer)', () => {
  test('every packet of a live connection arrives once and in order, and is the last value of its instrument', async () => {
    const server = keep(await NatsServer.start('-js'));
    const nats = keep(await connect({ servers: server.address }));
    const simulator = keep(await startSimulator(STILL_MARKET));
    const ticker = keep(new KiteTicker({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, url: simulator.url }));
    const messages = await listen(nats);
    const publisher = keep(await publishFeed({ feed: ticker, nats, publisher: 'a' }));
    await ticker.connect();
    await ticker.subscribe([INFY, RELIANCE], Mode.Full);
    const isFull = ({ packet }: TickMessage): boolean => packet.length === 184;
    await eventually(() => expect(ticksOf(messages).filter(isFull)).toHaveLength(2));
    await simulator.play(INFY, [100, 101, 102, 103], { everyMs: 5 });
    await eventually(() => expect(pricesOf(messages).slice(-4)).toEqual([100, 101, 102, 103]));
    const infy = ticksOf(messages.filter(({ subject }) => subject.endsWith(`.${INFY}`)));
    expect(infy.map(({ previous }) => previous)).toEqual([
      0,
      ...infy.map(({ sequence }) => sequence).slice(0, -1),
    ]);
    expect(reportsOf(messages).some(({ type }) => type === 'state')).toBe(true);
    const manager = await jetstreamManager(nats);
    const subject = `kite.t.6.1.${INFY}`;
    await eventually(async () => {
      const stored = await manager.direct.getMessage('TICKS', { last_by_subj: subject });
      expect(pricesOf([{ subject, data: stored!.data }])).toEqual([103]);
    });
    expect(publisher.getStats()).toMatchObject({ isConnected: true, dropped: 0 });
    await publisher.close();
    expect(nats.isClosed()).toBe(false);
  });

  test('after a server has come back without what it had stored, ticks are stored and orders arrive, each once', async () => {
    const server = keep(await NatsServer.start('-js'));
    const feed = new FakeFeed(systemClock);
    const { address: servers } = server;
    const issues: KiteError[] = [];
    const onIssue = (issue: KiteError): void => void issues.push(issue);
    const publisher = keep(await publishFeed({ feed: feed.asFeed, servers, publisher: 'a', onIssue }));
    const reader = keep(await openBusFeed({ servers, name: 'reader' }));
    const messages = collect(reader.messages());
    const emit = (order_id: string): void =>
      feed.emit('order', { type: 'order', order: { order_id, status: 'COMPLETE' } });
    const ids = (): unknown[] => ofType(messages, 'order').map(({ order: { order_id } }) => order_id);
    // It begins to follow some time after it was opened.
    let warm = 0;
    await eventually(() => {
      emit(`warm-${warm++}`);
      expect(ids()).not.toEqual([]);
    });
    await eventually(() => expect(publisher.getStats().ordersWaiting).toBe(0));
    await eventually(() => expect(ids().at(-1)).toBe(`warm-${warm - 1}`));
    await server.replace();
    for (const id of ['1', '2']) emit(id);
    await eventually(() => expect(ids().slice(-2)).toEqual(['1', '2']));
    expect(ids()).toEqual([...new Set(ids())]);
    expect(publisher.getStats().ordersWaiting).toBe(0);
    feed.frame(ltpFrame([INFY], 3));
    const late = keep(await openBusFeed({ servers, name: 'late' }));
    const last = collect(late.ticks());
    await eventually(async () => {
      await late.unsubscribeSymbols([INFY]);
      await late.subscribeSymbols([INFY]);
      expect(last.at(-1)?.ticks[0]?.lastPrice).toBe(3);
    });
    expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_CONNECTION_LOST']);
  });

  test('after the server was killed and started again the newest packet of each instrument arrives by itself', async () => {
    const server = keep(await NatsServer.start('-js'));
    const feed = new FakeFeed(systemClock);
    const issues: KiteError[] = [];
    const publisher = keep(
      await publishFeed({
        feed: feed.asFeed,
        servers: server.address,
        publisher: 'a',
        onIssue: (issue) => issues.push(issue),
      }),
    );
    feed.frame(ltpFrame([INFY], 1));
    await server.kill();
    await eventually(() => expect(publisher.getStats().isConnected).toBe(false));
    for (const price of [2, 3, 4]) feed.frame(ltpFrame([INFY], price));
    feed.frame(ltpFrame([RELIANCE], 5));
    await server.start();
    const manager = await jetstreamManager(keep(await connect({ servers: server.address })));
    for (const [subject, price] of [
      [`kite.t.6.1.${INFY}`, 4],
      [`kite.t.13.1.${RELIANCE}`, 5],
    ] as const)
      await eventually(async () => {
        const stored = await manager.direct.getMessage('TICKS', { last_by_subj: subject });
        expect(pricesOf([{ subject, data: stored!.data }])).toEqual([price]);
      });
    expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_CONNECTION_LOST']);
    expect(publisher.getStats()).toMatchObject({ isConnected: true, kept: 0 });
  });

  test('orders are stored, and one that comes twice is stored once', async () => {
    const server = keep(await NatsServer.start('-js'));
    const feed = new FakeFeed(systemClock);
    const publisher = keep(
      await publishFeed({ feed: feed.asFeed, servers: [server.address], publisher: 'a' }),
    );
    const order = { order_id: '1', status: 'COMPLETE', order_timestamp: '2026-11-20 09:30:00' };
    feed.emit('order', { type: 'order', order });
    feed.emit('order', { type: 'order', order: { ...order, guid: 'another' } });
    await eventually(() => expect(publisher.getStats().ordersStored).toBe(2));
    const manager = await jetstreamManager(keep(await connect({ servers: server.address })));
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  test('a stream of another make is refused, with its name and setting, and nothing is changed', async () => {
    const server = keep(await NatsServer.start('-js'));
    const nats = keep(await connect({ servers: server.address }));
    const manager = await jetstreamManager(nats);
    await manager.streams.add({ name: 'TICKS', subjects: ['something.else'] });
    const error: unknown = await publishFeed({ feed: unused(), nats, publisher: 'a' }).catch(
      (e: unknown) => e,
    );
    expect(isKiteError(error, 'KITE_NATS_STREAM_MISMATCH')).toBe(true);
    expect(error).toMatchObject({ field: 'TICKS.subjects', value: 'something.else', allowed: 'kite.t.>' });
    expect((await manager.streams.info('TICKS')).config.subjects).toEqual(['something.else']);
  });

  test('a server without JetStream is refused', async () => {
    const server = keep(await NatsServer.start());
    expect(await codeOf(publishFeed({ feed: unused(), servers: server.address, publisher: 'a' }))).toBe(
      'KITE_NATS_NO_JETSTREAM',
    );
  });

  test('a user and a password in the address let in, and are in no error', async () => {
    const server = keep(await NatsServer.start('-js', '--user', 'kite', '--pass', 'p@ss:w/rd'));
    const feed = unused();
    keep(
      await publishFeed({
        feed,
        servers: `nats://kite:${encodeURIComponent('p@ss:w/rd')}@${server.address}`,
        publisher: 'a',
      }),
    );
    const error: unknown = await publishFeed({
      feed,
      servers: `nats://kite:s3cret@${server.address}`,
      publisher: 'a',
    }).catch((e: unknown) => e);
    expect(isKiteError(error, 'KITE_NATS_UNREACHABLE')).toBe(true);
    expect(everyRendering(error)).not.toContain('s3cret');
  });

  test('a connection that was closed is refused', async () => {
    const server = keep(await NatsServer.start('-js'));
    const nats = await connect({ servers: server.address });
    await nats.close();
    expect(await codeOf(publishFeed({ feed: unused(), nats, publisher: 'a' }))).toBe('KITE_NATS_CLOSED');
  });
});

test('where no server answers there is an error that says so', async () => {
  const error: unknown = await publishFeed({ feed: unused(), servers: '127.0.0.1:1', publisher: 'a' }).catch(
    (e: unknown) => e,
  );
  expect(isKiteError(error, 'KITE_NATS_UNREACHABLE')).toBe(true);
});
