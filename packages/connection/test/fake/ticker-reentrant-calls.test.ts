import { describe, expect, test } from 'vitest';
import { settled } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('from inside a listener of state', () => {
  test('connect() revives a failed connection, and keeps its place of the three', async () => {
    await using b = bench();
    const outcomes: Promise<void>[] = [];
    b.ticker.on('state', ({ state }) => {
      if (state === 'failed' && outcomes.length === 0) outcomes.push(b.ticker.connect());
    });
    const first = b.ticker.connect();
    await settled();
    b.transport.last.refuse(400);
    await expect(first).rejects.toMatchObject({ status: 400 });
    await settled();
    b.transport.last.open();
    await expect(outcomes[0]).resolves.toBeUndefined();
    const others = [bench(), bench(), bench()];
    await others[0]!.open();
    await others[1]!.open();
    await expect(others[2]!.ticker.connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_LIMIT_REACHED',
    });
    await Promise.all(others.map(({ ticker }) => ticker.close()));
  });

  test('updateCredentials() revives a failed connection although all other places are taken', async () => {
    await using b = bench();
    await using second = bench();
    await using third = bench();
    await Promise.all([second.open(), third.open()]);
    const updates: Promise<void>[] = [];
    b.ticker.on('state', ({ state }) => {
      if (state === 'failed') updates.push(b.ticker.updateCredentials({ accessToken: 'fresh' }));
    });
    const first = b.ticker.connect();
    await settled();
    b.transport.last.refuse(403);
    await expect(first).rejects.toMatchObject({ status: 403 });
    await expect(updates[0]).resolves.toBeUndefined();
    await settled();
    expect(b.transport.last.query.get('access_token')).toBe('fresh');
    b.transport.last.open();
    expect(b.ticker.isConnected()).toBe(true);
  });

  test('close() on open, and connect() on closed, do what they say', async () => {
    await using b = bench();
    let isFirst = true;
    b.ticker.on('state', ({ state }) => {
      if (state === 'open' && isFirst) void b.ticker.close();
      if (state === 'closed' && isFirst) {
        isFirst = false;
        b.begin();
      }
    });
    b.begin();
    await settled();
    b.transport.last.open();
    await settled();
    b.transport.last.open();
    expect(b.states).toEqual(['connecting', 'open', 'closing', 'closed', 'connecting', 'open']);
  });
});
