import { describe, expect, test } from 'vitest';
import { settled, standing } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('an AbortSignal', () => {
  test('aborted before: rejects, and nothing is dialled', async () => {
    await using b = bench();
    const reason = new Error('changed my mind');
    await expect(b.ticker.connect({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ABORTED',
      cause: reason,
    });
    expect(b.transport.sockets).toEqual([]);
    expect(b.ticker.state).toBe('idle');
  });

  test.each(['connecting', 'waiting'] as const)(
    'aborted while %s: rejects, closes and leaves nothing behind',
    async (state) => {
      await using b = bench();
      const controller = new AbortController();
      const connected = b.ticker.connect({ signal: controller.signal });
      await settled();
      if (state === 'waiting') b.transport.last.drop();
      expect(b.ticker.state).toBe(state);
      controller.abort();
      await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
      expect(b.ticker.state).toBe('closed');
      if (state === 'connecting') expect(b.transport.last.isTerminated).toBe(true);
      expect(b.clock.pending).toBe(0);
      await b.open();
    },
  );

  test('aborted: the channels end, as after close()', async () => {
    await using b = bench();
    const channel = b.ticker.messages();
    const controller = new AbortController();
    const connected = b.ticker.connect({ signal: controller.signal });
    await settled();
    controller.abort();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
    const told: unknown[] = [];
    for await (const message of channel) told.push(message.type === 'state' && message.state);
    expect(told).toEqual(['connecting', 'closed']);
  });

  test('right after close(), in the same turn: the new channel is not ended by the old close', async () => {
    await using b = bench();
    const first = b.ticker.connect();
    await settled();
    const closed = b.ticker.close();
    const second = b.ticker.connect();
    const channel = b.ticker.messages();
    await expect(first).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    await closed;
    await settled();
    b.transport.last.open();
    await second;
    expect(await channel.recv()).toMatchObject({ type: 'state', state: 'open' });
  });

  test('aborted while it waits to reconnect: rejects that call, and the ticker goes on', async () => {
    await using b = bench();
    (await b.open()).drop();
    const controller = new AbortController();
    const connected = b.ticker.connect({ signal: controller.signal });
    controller.abort();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
    expect(b.ticker.state).toBe('waiting');
    await b.reopen();
    expect(b.states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
  });

  test('rejects its own call alone: the attempt goes on for the others, and ends with the last of them', async () => {
    await using b = bench();
    const plain = b.ticker.connect();
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => b.ticker.connect({ signal }));
    controllers[0]!.abort();
    await expect(calls[0]).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
    expect([await standing(plain), await standing(calls[1]!), b.ticker.state]).toEqual([
      ...['pending', 'pending', 'connecting'],
    ]);
    b.transport.last.open();
    await Promise.all([plain, calls[1]]);

    await b.ticker.close();
    const again = controllers.map(() => new AbortController());
    const more = again.map(({ signal }) => b.ticker.connect({ signal }));
    for (const controller of again) controller.abort();
    await Promise.allSettled(more);
    expect(b.ticker.state).toBe('closed');
  });

  test('aborted after the open does nothing', async () => {
    await using b = bench();
    const controller = new AbortController();
    const connected = b.ticker.connect({ signal: controller.signal });
    await settled();
    b.transport.last.open();
    controller.abort();
    await connected;
    controller.abort();
    expect(b.ticker.isConnected()).toBe(true);
  });
});
