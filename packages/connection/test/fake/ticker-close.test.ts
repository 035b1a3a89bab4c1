import { describe, expect, test } from 'vitest';
import type { TickerState } from '@kite/connection';
import { settled, standing } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('close()', () => {
  test('closes politely, ends the channels and leaves nothing behind', async () => {
    const b = bench();
    const socket = await b.open();
    const channel = b.ticker.messages();
    await b.ticker.close();
    expect(socket.isClosing).toBe(true);
    expect(b.states).toEqual(['connecting', 'open', 'closing', 'closed']);
    expect(b.clock.pending).toBe(0);
    const left: string[] = [];
    for await (const message of channel) if (message.type === 'state') left.push(message.state);
    expect(left).toEqual(['closing', 'closed']);
  });

  test('never takes longer than two seconds, a mute peer included', async () => {
    const b = bench();
    const socket = await b.open();
    socket.isMute = true;
    const closed = b.ticker.close();
    expect(await standing(closed)).toBe('pending');
    await b.clock.advance(2000);
    expect(await standing(closed)).toBe('resolved');
    expect(socket.isTerminated).toBe(true);
    expect(b.clock.pending).toBe(0);
  });

  test('is idempotent in every state', async () => {
    const b = bench();
    await b.ticker.close();
    await b.ticker.close();
    await b.open();
    await Promise.all([b.ticker.close(), b.ticker.close(), b.ticker[Symbol.asyncDispose]()]);
    await b.ticker.close();
    expect(b.ticker.state).toBe('closed');
  });

  test.each<TickerState>(['connecting', 'waiting'])(
    'while %s rejects the pending connect()',
    async (state) => {
      const b = bench();
      const connected = b.ticker.connect();
      await settled();
      if (state === 'waiting') b.transport.last.drop();
      const rejected = expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
      await b.ticker.close();
      await rejected;
      expect(b.clock.pending).toBe(0);
      await b.clock.advance(120_000);
      expect(b.transport.sockets).toHaveLength(1);
    },
  );

  test('while the token is being fetched: the late token dials nothing', async () => {
    let give: (token: string) => void = () => undefined;
    const b = bench({ accessToken: () => new Promise((resolve) => (give = resolve)) });
    const connected = b.ticker.connect();
    await settled();
    const rejected = expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    await b.ticker.close();
    give('late');
    await rejected;
    await settled();
    expect(b.transport.sockets).toEqual([]);
  });

  test('delivers nothing that arrives afterwards', async () => {
    const b = bench();
    const socket = await b.open();
    socket.isMute = true;
    const closed = b.ticker.close();
    const before = b.messages.length;
    socket.text({ type: 'message', data: 'late' });
    expect(b.messages).toHaveLength(before);
    socket.drop(1000);
    await closed;
  });

  test('and connect() afterwards works: subscriptions are kept, and the new stream begins without a gap', async () => {
    await using b = bench();
    await b.ticker.subscribe([408065], 'full');
    await b.open();
    await b.ticker.close();
    await b.clock.advance(60_000);
    const socket = await b.open();
    expect(socket.requests).toEqual([
      { a: 'subscribe', v: [408065] },
      { a: 'mode', v: ['full', [408065]] },
    ]);
    expect(b.messages.filter(({ type }) => type === 'gap')).toEqual([]);
  });

  test('and connect() at once waits for the end of the old connection', async () => {
    await using b = bench();
    const old = await b.open();
    old.isMute = true;
    void b.ticker.close();
    const connected = b.ticker.connect();
    await settled();
    expect(b.transport.sockets).toHaveLength(1);
    old.drop(1000);
    await settled();
    expect(b.transport.sockets).toHaveLength(2);
    b.transport.last.open();
    await connected;
  });
});
