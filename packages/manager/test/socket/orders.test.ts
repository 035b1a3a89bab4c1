import { describe, expect, test } from 'vitest';
import type { KiteTickerManager } from '@kite/manager';
import { API_KEY, collect, eventually, ofType, WAYS } from '@kite/testkit';

import { type ManagerBench, openBench } from '../support/manager-bench.js';

/** Waits until everything that the server has sent so far is here: a text that nobody knows comes last, once a connection. */
async function caughtUp(bench: ManagerBench, manager: KiteTickerManager): Promise<void> {
  const mark = `mark ${Math.random()}`;
  let seen = 0;
  const stop = manager.on('unknown', ({ data }) => (seen += JSON.stringify(data).includes(mark) ? 1 : 0));
  const connections = bench.simulator.sendText(JSON.stringify({ type: 'mark', mark }), API_KEY);
  await eventually(() => expect(seen).toBe(connections));
  stop();
}

describe.each(WAYS)('broadcasts, $way', ({ enableDedicatedParsers }) => {
  test('come once, and as often as the broker repeats them, on every kind of consumer', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start();
    const heard: unknown[] = [];
    manager.on('message', ({ data }) => heard.push(data));
    for (const text of ['halt', 'halt', 'resume']) bench.simulator.broadcast(text, API_KEY);
    await caughtUp(bench, manager);
    expect(heard).toEqual(['halt', 'halt', 'resume']);
    await eventually(() => expect(ofType(messages, 'message').map(({ data }) => data)).toEqual(heard));
  });
});

describe.each(WAYS)('order postbacks, $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('that come on three connections are delivered once, on every kind of consumer', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const each = manager.getAllChannels().map(([, channel]) => collect(channel));
    const heard: string[] = [];
    manager.on('order', ({ order }) => heard.push(order.order_id));
    const posted = [1, 2, 3].map(() => bench.simulator.postOrder(API_KEY).order_id);
    await caughtUp(bench, manager);
    expect(heard).toEqual(posted);
    expect(ofType(messages, 'order').map(({ order }) => order.order_id)).toEqual(posted);
    expect(each.flatMap((items) => ofType(items, 'order'))).toHaveLength(3);
    expect(bench.simulator.connections.map(({ counters }) => counters.textsSent)).toEqual([6, 6, 6]);
  });

  test('that come twice word for word are delivered once; with another update time they are two', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const order = bench.simulator.postOrder(API_KEY);
    bench.simulator.postOrder(API_KEY, order);
    const later = { ...order, exchange_update_timestamp: '2026-11-27 15:29:59' };
    bench.simulator.postOrder(API_KEY, later);
    await caughtUp(bench, manager);
    expect(ofType(messages, 'order').map((message) => message.order)).toEqual([order, later]);
  });

  test('with a connection down in between are delivered once, each of them', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const posted = [bench.simulator.postOrder(API_KEY)];
    await caughtUp(bench, manager);
    bench.simulator.refuse(Infinity, 503);
    bench.simulator.drop(bench.simulator.connections[0]!.id);
    await eventually(() => expect(manager.getStats().activeConnections).toBe(2));
    posted.push(bench.simulator.postOrder(API_KEY));
    await caughtUp(bench, manager);
    bench.simulator.heal();
    await eventually(() => expect(manager.getStats().activeConnections).toBe(3));
    posted.push(bench.simulator.postOrder(API_KEY));
    await caughtUp(bench, manager);
    expect(ofType(messages, 'order').map(({ order }) => order)).toEqual(posted);
  });

  test('that are posted while connections come and go are delivered once', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const posted: string[] = [];
    const post = () => void posted.push(bench.simulator.postOrder(API_KEY).order_id);
    // The worst moment: the server knows of a connection, and the client does not know yet.
    bench.simulator.on('open', post);
    for (let turn = 0; turn < 6; turn++) {
      const before = manager.getStats().connectionStats.reduce((sum, { reconnects }) => sum + reconnects, 0);
      bench.simulator.drop(bench.simulator.connections[turn % 2]!.id);
      post();
      await eventually(() => {
        const reconnects = manager.getStats().connectionStats.reduce((sum, one) => sum + one.reconnects, 0);
        expect(reconnects).toBe(before + 1);
      });
    }
    await caughtUp(bench, manager);
    const seen = ofType(messages, 'order').map(({ order }) => order.order_id);
    expect(seen).toHaveLength(posted.length);
    expect(new Set(seen)).toEqual(new Set(posted));
  });

  test('of other accounts are none of ours', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    await bench.start({ apiKey: 'another-account' });
    bench.simulator.postOrder('another-account');
    await caughtUp(bench, manager);
    expect(ofType(messages, 'order')).toEqual([]);
  });
});
