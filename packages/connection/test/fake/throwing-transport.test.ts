import { describe, expect, test } from 'vitest';
import type { KiteError } from '@kite/connection';
import { INFY, ltpFrame, settled } from '@kite/testkit';

import { bench, type TickerBench } from '../support/ticker-bench.js';

const CAUSE = new Error('no such buffer');

/** The next socket throws at one of its calls. */
function breakNext({ transport }: TickerBench, call: 'send' | 'ping' | 'close' | 'terminate'): void {
  transport.onDial = (socket) => {
    transport.onDial = () => undefined;
    socket[call] = () => {
      throw CAUSE;
    };
  };
}

/** Why the connection went into its last state. */
function lastError({ messages }: TickerBench): KiteError | undefined {
  const last = messages.at(-1);
  return last?.type === 'state' ? last.error : undefined;
}

describe('a transport whose socket throws', () => {
  test('at the first request has lost the connection, and the next one is asked for everything', async () => {
    await using b = bench();
    await b.ticker.subscribe([INFY]);
    breakNext(b, 'send');
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.open();
    expect(b.ticker.state).toBe('waiting');
    expect(lastError(b)).toMatchObject({ code: 'KITE_CONNECTION_LOST', cause: CAUSE });
    expect(lastError(b)?.message).toContain('the transport could not send: no such buffer');
    const socket = await b.reopen();
    await connected;
    expect(socket.requests).toEqual([{ a: 'subscribe', v: [INFY] }]);
    const ticks = b.ticker.ticks();
    socket.binary(ltpFrame([INFY]));
    expect(await ticks.recv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
  });

  test('at a later request does not break the call that made it', async () => {
    await using b = bench();
    breakNext(b, 'send');
    await b.open();
    await expect(b.ticker.subscribe([INFY])).resolves.toBeUndefined();
    await settled();
    expect(b.ticker.state).toBe('waiting');
    expect((await b.reopen()).requests).toEqual([{ a: 'subscribe', v: [INFY] }]);
  });

  test('at a ping rejects that ping, and goes on with another socket', async () => {
    await using b = bench();
    breakNext(b, 'ping');
    await b.open();
    await expect(b.ticker.ping()).rejects.toMatchObject({ code: 'KITE_CONNECTION_NOT_OPEN' });
    expect(b.ticker.state).toBe('waiting');
    const socket = await b.reopen();
    const answer = b.ticker.ping();
    socket.listener.pong();
    await expect(answer).resolves.toBeGreaterThanOrEqual(0);
  });

  test.each(['close', 'terminate'] as const)('at %s() is closed all the same', async (call) => {
    const b = bench();
    breakNext(b, call);
    await b.open();
    await b[Symbol.asyncDispose]();
    expect(b.ticker.state).toBe('closed');
    expect(b.clock.pending).toBe(0);
  });
});
