import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { collect, eventually, ofType } from '@kite/testkit';

import { openBench } from '../support/connection-bench.js';

vi.mock('node:worker_threads', async (original) => ({
  ...(await original<object>()),
  markAsUntransferable: () => {
    throw new Error('markAsUntransferable is not implemented');
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what Bun up to 1.2 does otherwise', () => {
  test('bytes that cannot be marked as untransferable arrive all the same', async () => {
    await using bench = await openBench();
    const { messages } = await bench.open();
    expect(ofType(messages, 'ticks').length).toBeGreaterThan(0);
    expect(ofType(messages, 'issue')).toEqual([]);
  });

  test.each([
    [{ type: 'error', message: 'Expected 101 status code' }, 'Expected 101 status code'],
    [{ type: 'error', error: new Error('of the event') }, 'of the event'],
    [{ type: 'error', message: '' }, 'the socket failed'],
    [undefined, 'the socket failed'],
  ])('an event in place of an error, %j, is told in words', async (event, message) => {
    await using bench = await openBench();
    const on = vi.spyOn(WebSocket.prototype, 'on');
    const ticker = bench.ticker({ maxReconnectAttempts: 0 });
    const messages = collect(ticker.messages());
    await ticker.connect();
    // The server's end has no URL.
    const client = (on.mock.contexts as Partial<WebSocket>[]).find(({ url }) => url?.startsWith('ws:'));
    client!.emit!('error', event);
    await eventually(() =>
      expect(ofType(messages, 'state').at(-1)?.error?.message).toContain(`the connection ended: ${message}`),
    );
  });
});
