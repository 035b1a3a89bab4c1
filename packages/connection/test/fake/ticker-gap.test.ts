import { describe, expect, test } from 'vitest';
import { INFY, ltpFrame, settled } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('a gap', () => {
  test('covers both times, and all of the outage, where the clock on the wall is set back meanwhile', async () => {
    await using b = bench();
    const first = await b.open();
    first.binary(ltpFrame([INFY], 1));
    const [from, since] = [b.clock.now(), b.clock.monotonic()];
    first.drop(1006, '');
    b.clock.setBack(3_600_000);
    await b.reopen();
    const lastedMs = b.clock.monotonic() - since;
    expect(lastedMs).toBeGreaterThan(0);
    expect(b.messages.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: b.clock.now() - lastedMs, to: from },
    ]);
  });

  test('is told after every reconnect, before the first new tick, from the last sign of data to the new open', async () => {
    await using b = bench();
    const first = await b.open();
    const channel = b.ticker.messages();
    const ticks = b.ticker.ticks();
    const raw = b.ticker.subscribeRawFrames();
    await b.clock.advance(1000);
    first.binary(ltpFrame([INFY], 1));
    const from = b.clock.now();
    await b.clock.advance(500);
    first.drop(1006, '');
    const second = await b.reopen();
    const to = b.clock.now();
    second.binary(ltpFrame([INFY], 2));
    const gap = { from, to, reason: expect.stringContaining('1006') as unknown };

    const order: string[] = [];
    while (channel.size > 0) {
      const message = await channel.recv();
      order.push(message?.type === 'state' ? message.state : String(message?.type));
    }
    expect(order).toEqual(['ticks', 'waiting', 'connecting', 'open', 'gap', 'ticks']);
    expect(b.messages.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', channelId: 0, receivedAt: to, ...gap },
    ]);
    expect(await ticks.recv()).not.toHaveProperty('gap');
    expect(await ticks.recv()).toMatchObject({ gap });
    expect(await raw.recv()).not.toHaveProperty('gap');
    expect(await raw.recv()).toMatchObject({ gap });
  });

  test('begins at the open where nothing ever flowed, and each reconnect has its own', async () => {
    await using b = bench();
    const openedAt = b.clock.now();
    (await b.open()).drop();
    (await b.reopen()).drop();
    const reopenedAt = b.clock.now();
    await b.reopen();
    expect(b.messages.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: openedAt, to: reopenedAt },
      { from: reopenedAt },
    ]);
  });

  test('spans a failure that new credentials ended', async () => {
    await using b = bench();
    const from = b.clock.now();
    const socket = await b.open();
    b.transport.onDial = (next) => {
      if (next.query.get('access_token') === 'fresh') next.open();
      else next.refuse(403);
    };
    socket.drop();
    await b.clock.advance(3_600_000);
    expect(b.ticker.state).toBe('failed');
    await b.ticker.updateCredentials({ accessToken: 'fresh' });
    await settled();
    expect(b.messages.at(-1)).toMatchObject({
      type: 'gap',
      from,
      to: b.clock.now(),
      reason: expect.stringContaining('403') as unknown,
    });
  });
});
