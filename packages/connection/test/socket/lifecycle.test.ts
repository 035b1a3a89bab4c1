import { describe, expect, test } from 'vitest';
import { aWhile, collect, eventually, INFY, ofType, RELIANCE } from '@kite/testkit';

import { openBench, states } from '../support/connection-bench.js';

describe('connect()', () => {
  test('twice is one connection: the same promise while pending, nothing to do while open', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const [first, second] = [ticker.connect(), ticker.connect()];
    expect(second).toBe(first);
    await Promise.all([first, second]);
    await ticker.connect();
    expect(bench.simulator.handshakes).toHaveLength(1);
  });

  test('while it waits to reconnect resolves when it is open again', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    await bench.simulator.pause();
    await eventually(() => expect(ticker.state).toBe('waiting'));
    const again = ticker.connect();
    await bench.simulator.resume();
    await again;
    expect(ticker.isConnected()).toBe(true);
  });

  test('after close() works: subscriptions are kept, channels have ended, and there is no gap to tell', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    await ticker.changeMode([INFY], 'full');
    const old = ticker.ticks();
    await ticker.close();
    expect(await old.recv()).toBeUndefined();
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
    const messages = collect(ticker.messages());
    await ticker.connect();
    await eventually(() => expect(ofType(messages, 'ticks')).not.toHaveLength(0));
    expect([...bench.simulator.connections[0]!.book]).toEqual([
      [INFY, 'full'],
      [RELIANCE, 'quote'],
    ]);
    expect(ofType(messages, 'gap')).toEqual([]);
    expect(ticker.getStats().reconnects).toBe(0);
  });

  test('while it closes waits for the end, and then opens anew', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const closed = ticker.close();
    const reopened = ticker.connect();
    await Promise.all([closed, reopened]);
    expect(ticker.isConnected()).toBe(true);
    await eventually(() => expect(bench.simulator.connections).toHaveLength(1));
    expect(bench.simulator.handshakes).toHaveLength(2);
  });

  test('many times after close() holds one connection, whatever comes in between', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    for (let times = 0; times < 20; times++) {
      const connected = ticker.connect();
      connected.catch(() => undefined);
      if (times % 2 === 0) await connected;
      await ticker.close();
    }
    await ticker.connect();
    await eventually(() => expect(bench.simulator.connections).toHaveLength(1));
  });
});

describe('the options of connect()', () => {
  test.each([
    ['signal', { signal: new AbortController() }, /signal/],
    ['signal', { signal: 'now' }, /signal/],
    ['sginal', { sginal: AbortSignal.abort() }, /did you mean signal/],
    ['options', null, /an object/],
  ])('with a wrong %s are refused, and nothing is dialled', async (field, options, message) => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await expect(ticker.connect(options as never)).rejects.toMatchObject({
      code: 'KITE_CONNECTION_INVALID_OPTION',
      field,
      message: expect.stringMatching(message) as string,
    });
    expect(ticker.state).toBe('idle');
    await ticker.close();
    expect(bench.simulator.handshakes).toEqual([]);
  });
});

describe('close()', () => {
  test.each([
    ['while it dials', { handshakeDelayMs: Infinity }, 'connecting'],
    ['while it waits for the next attempt', {}, 'waiting'],
  ] as const)('%s rejects connect(), and nothing is dialled any more', async (_when, options, state) => {
    await using bench = await openBench(options);
    if (state === 'waiting') await bench.simulator.pause();
    const ticker = bench.ticker({ reconnectDelayMs: 20 });
    const connected = ticker.connect();
    await eventually(() => expect(ticker.state).toBe(state));
    await ticker.close();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    expect(ticker.state).toBe('closed');
    await bench.simulator.resume();
    bench.simulator.heal();
    await aWhile();
    expect(bench.simulator.connections).toEqual([]);
    expect(ticker.state).toBe('closed');
  });

  test('says goodbye with 1000 and resolves once the socket is gone', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    await ticker.close();
    await eventually(() => expect(states(messages)).toEqual(['connecting', 'open', 'closing', 'closed']));
    expect(ticker.getStats().errorsCount).toBe(0);
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });

  test.each(['blackhole', 'stall'] as const)('comes to its end with a peer in %s', async (fault) => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    bench.simulator[fault]();
    // Within two seconds, which ticker-close.test.ts asserts on a clock of its own.
    await ticker.close();
    await eventually(() => expect(states(messages).at(-1)).toBe('closed'));
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });

  test('is idempotent, in any state', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    await Promise.all([ticker.close(), ticker.close(), ticker.unsubscribeAll(), ticker.close()]);
    await ticker.close();
    await eventually(() => expect(states(messages)).toEqual(['connecting', 'open', 'closing', 'closed']));
    const unused = bench.ticker();
    await unused.close();
    expect(unused.state).toBe('closed');
    await unused.connect();
  });

  test('is the last word, where a connect() waits for an earlier close()', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const closed = ticker.close();
    const connected = ticker.connect();
    const closedAgain = ticker.close();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    await Promise.all([closed, closedAgain]);
    await aWhile();
    expect(ticker.state).toBe('closed');
    expect(bench.simulator.connections).toEqual([]);
    // And a connect() after it is the last word again.
    await Promise.all([ticker.connect(), expect(ticker.connect()).resolves.toBeUndefined()]);
    void ticker.close();
    await ticker.connect();
    expect(ticker.state).toBe('open');
  });

  test('lets consumers read what had come before it', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const [ticks, frames, messages] = [ticker.ticks(), ticker.subscribeRawFrames(), ticker.messages()];
    bench.simulator.burst(7);
    await eventually(() => expect(ticks.size).toBe(1));
    await ticker.close();
    expect((await ticks.recv())?.ticks).toHaveLength(7);
    expect(await ticks.recv()).toBeUndefined();
    const lengths = [];
    for await (const { bytes } of frames) lengths.push(bytes.length);
    expect(lengths).toContain(2 + 7 * (2 + 44));
    const types = [];
    for await (const { type } of messages) types.push(type);
    expect(types.slice(-2)).toEqual(['state', 'state']);
    expect(types).toContain('ticks');
  });

  test('from a listener, in the middle of a frame, is no trouble', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const closed = new Promise<void>((resolve) => {
      ticker.on('ticks', () => {
        resolve(ticker.close());
      });
    });
    await ticker.subscribe([INFY]);
    await ticker.connect();
    await closed;
    expect(ticker.state).toBe('closed');
  });

  test('from a listener of the very state that says it is open is no trouble either', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const closed = new Promise<void>((resolve) => {
      ticker.on('state', ({ state }) => {
        if (state === 'open') resolve(ticker.close());
      });
    });
    const connected = ticker.connect();
    await Promise.all([connected.catch(() => undefined), closed]);
    expect(ticker.state).toBe('closed');
  });
});

describe('an AbortSignal', () => {
  test('that is aborted already rejects, and nothing is dialled', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const reason = new Error('not today');
    await expect(ticker.connect({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ABORTED',
      cause: reason,
    });
    expect(ticker.state).toBe('idle');
    expect(bench.simulator.handshakes).toEqual([]);
  });

  test.each([
    ['dials', 'connecting'],
    ['waits for the next attempt', 'waiting'],
  ] as const)('that is aborted while it %s rejects and lets go of the socket', async (_when, state) => {
    await using bench = await openBench({ handshakeDelayMs: Infinity });
    if (state === 'waiting') await bench.simulator.pause();
    const ticker = bench.ticker({ reconnectDelayMs: 60_000, maxReconnectDelayMs: 60_000 });
    const aborter = new AbortController();
    const connected = ticker.connect({ signal: aborter.signal });
    await eventually(() => expect(ticker.state).toBe(state));
    aborter.abort();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
    expect(ticker.state).toBe('closed');
    await bench.simulator.resume();
    bench.simulator.heal();
    await ticker.connect();
    expect(ticker.isConnected()).toBe(true);
  });

  test('that is aborted once the connection is open changes nothing', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const aborter = new AbortController();
    await ticker.connect({ signal: aborter.signal });
    aborter.abort();
    await ticker.ping();
    expect(ticker.isConnected()).toBe(true);
  });
});

describe('await using', () => {
  test('closes the connection at the end of the block, after an error too', async () => {
    await using bench = await openBench();
    await expect(async () => {
      await using ticker = bench.ticker();
      await ticker.connect();
      expect(bench.simulator.connections).toHaveLength(1);
      throw new Error('of the user');
    }).rejects.toThrow('of the user');
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });
});
