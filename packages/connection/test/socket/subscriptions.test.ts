import { describe, expect, test } from 'vitest';
import type { Mode } from '@kite/connection';
import { eventually, INFY, RELIANCE, requestsOf } from '@kite/testkit';

import { type ConnectionBench, openBench } from '../support/connection-bench.js';

/** So many tokens that the market knows. */
function tokensOf(bench: ConnectionBench, count: number): number[] {
  return bench.simulator.instruments.slice(0, count).map(({ instrumentToken }) => instrumentToken);
}

describe('subscribe()', () => {
  test('before connect() is asked for at the first open, with the fewest requests', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await ticker.subscribe([INFY]);
    await ticker.subscribe([RELIANCE], 'full');
    await ticker.subscribe([5633], 'ltp');
    await ticker.connect();
    await eventually(() =>
      expect(requestsOf(bench.simulator.connections.at(-1))).toEqual([
        'subscribe ×3',
        'mode ltp ×1',
        'mode full ×1',
      ]),
    );
  });

  test('while open is one subscribe, and one mode request where the mode is not the default of the server', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await ticker.connect();
    const tokens = tokensOf(bench, 3000);
    await ticker.subscribe(tokens, 'full');
    await eventually(() =>
      expect(requestsOf(bench.simulator.connections.at(-1))).toEqual(['subscribe ×3000', 'mode full ×3000']),
    );
    expect(new Set(bench.simulator.connections[0]!.book.values())).toEqual(new Set(['full']));
    await ticker.subscribe(tokens);
    await ticker.subscribe(tokens.slice(0, 10), 'quote');
    await eventually(() =>
      expect(requestsOf(bench.simulator.connections.at(-1))).toEqual([
        'subscribe ×3000',
        'mode full ×3000',
        'mode quote ×10',
      ]),
    );
  });

  test('in quote mode is a subscribe alone', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await ticker.connect();
    await ticker.subscribe(tokensOf(bench, 3000), 'quote');
    await ticker.ping();
    expect(requestsOf(bench.simulator.connections.at(-1))).toEqual(['subscribe ×3000']);
  });

  test('streams in the mode that was asked for, and nothing that was unsubscribed', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker({ defaultMode: 'ltp' });
    const seen: [number, Mode][] = [];
    ticker.on('ticks', ({ ticks }) => {
      for (const { instrumentToken, mode } of ticks) seen.push([instrumentToken, mode]);
    });
    await ticker.connect();
    await ticker.subscribe([INFY]);
    await ticker.subscribe([RELIANCE], 'full');
    await ticker.subscribe([5633]);
    await ticker.unsubscribe([5633, 999_425]);
    await ticker.ping();
    seen.length = 0;
    bench.simulator.burst(4);
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual([
      [INFY, 'ltp'],
      [RELIANCE, 'full'],
      [INFY, 'ltp'],
      [RELIANCE, 'full'],
    ]);
  });

  test('that is closed in the middle of everything leaves the subscriptions as they were wanted', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const connected = ticker.connect();
    await ticker.subscribe([INFY, RELIANCE], 'full');
    await connected;
    bench.simulator.drop();
    await ticker.unsubscribe([RELIANCE]);
    await ticker.changeMode([INFY], 'ltp');
    await eventually(() => expect(bench.simulator.handshakes).toHaveLength(2));
    await eventually(() =>
      expect([...(bench.simulator.connections[0]?.book ?? [])]).toEqual([[INFY, 'ltp']]),
    );
  });
});

describe('unsubscribe() and changeMode()', () => {
  test('of many is one request each, and of none is none', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const tokens = tokensOf(bench, 500);
    await ticker.subscribe(tokens);
    await ticker.connect();
    await ticker.changeMode(tokens, 'full');
    await ticker.changeMode(tokens, 'full');
    await ticker.changeMode([], 'ltp');
    await ticker.subscribe([]);
    await ticker.unsubscribe(tokens.slice(0, 100));
    await ticker.unsubscribe(tokens.slice(0, 100));
    // What follows in this turn would be sent together.
    await ticker.ping();
    await ticker.unsubscribeAll();
    await ticker.unsubscribeAll();
    await eventually(() =>
      expect(requestsOf(bench.simulator.connections.at(-1))).toEqual([
        'subscribe ×500',
        'mode full ×500',
        'unsubscribe ×100',
        'unsubscribe ×400',
      ]),
    );
    expect(bench.simulator.connections[0]!.book.size).toBe(0);
  });
});

describe('bad input', () => {
  const NOT_TOKENS: [string, unknown, string][] = [
    ['a string', ['408065'], 'tokens[0]'],
    ['a string among numbers', [INFY, '408065'], 'tokens[1]'],
    ['a fraction', [408065.5], 'tokens[0]'],
    ['a negative number', [-1], 'tokens[0]'],
    ['zero', [0], 'tokens[0]'],
    ['too large a number', [2 ** 32], 'tokens[0]'],
    ['NaN', [Number.NaN], 'tokens[0]'],
    ['a bigint', [408065n], 'tokens[0]'],
    ['null', [null], 'tokens[0]'],
    ['a nested array', [[408065]], 'tokens[0]'],
    ['a number in place of a list', 408065, 'tokens'],
    ['a string in place of a list', '408065', 'tokens'],
    ['nothing in place of a list', undefined, 'tokens'],
  ];

  test.each(NOT_TOKENS)(
    '%s never reaches the wire: the error names the place, the value and what is allowed',
    async (_what, tokens, field) => {
      await using bench = await openBench();
      const ticker = bench.ticker();
      await ticker.connect();
      const before = new Map(ticker.subscriptions);
      const given = tokens as number[];
      for (const attempt of [
        ticker.subscribe(given),
        ticker.subscribe(given, 'full'),
        ticker.unsubscribe(given),
        ticker.changeMode(given, 'full'),
      ]) {
        await expect(attempt).rejects.toMatchObject({
          name: 'KiteInputError',
          code: 'KITE_PROTOCOL_INVALID_TOKEN',
          field,
          allowed: expect.stringMatching(/integer|iterable/) as string,
        });
        const error: unknown = await attempt.catch((cause: unknown) => cause);
        expect(error).toHaveProperty('value', Array.isArray(tokens) ? (tokens as unknown[]).at(-1) : tokens);
      }
      await ticker.ping();
      expect(bench.simulator.requests).toEqual([]);
      expect(new Map(ticker.subscriptions)).toEqual(before);
    },
  );

  test.each(['FULL', 'depth', '', null, 3, {}])(
    'an unknown mode (%j) never reaches the wire',
    async (mode) => {
      await using bench = await openBench();
      const ticker = bench.ticker();
      await ticker.connect();
      for (const attempt of [ticker.subscribe([INFY], mode as Mode), ticker.changeMode([INFY], mode as Mode)])
        await expect(attempt).rejects.toMatchObject({
          code: 'KITE_PROTOCOL_INVALID_MODE',
          value: mode,
          allowed: expect.stringContaining('full') as string,
        });
      await ticker.ping();
      expect(bench.simulator.requests).toEqual([]);
      expect(ticker.subscriptions.size).toBe(0);
    },
  );

  test('more than 3000 instruments never reach the wire: all or nothing, and the error says how many would fit', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await ticker.connect();
    const tokens = tokensOf(bench, 3001);
    await expect(ticker.subscribe(tokens)).rejects.toMatchObject({
      code: 'KITE_CONNECTION_CAPACITY',
      requested: 3001,
      available: 3000,
    });
    await ticker.ping();
    expect(bench.simulator.requests).toEqual([]);
    await ticker.subscribe(tokens.slice(0, 2999));
    await expect(ticker.subscribe(tokens.slice(2990))).rejects.toMatchObject({ requested: 2, available: 1 });
    await ticker.subscribe([...tokens.slice(0, 3000), ...tokens.slice(0, 3000)]);
    await ticker.ping();
    expect(requestsOf(bench.simulator.connections.at(-1))).toEqual(['subscribe ×2999', 'subscribe ×1']);
    expect(ticker.subscriptions.size).toBe(3000);
  });

  test('a mode for what is not subscribed never reaches the wire: the error lists the tokens, and nothing has changed', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    await ticker.subscribe([INFY]);
    await ticker.connect();
    await expect(ticker.changeMode([INFY, RELIANCE, 5633], 'full')).rejects.toMatchObject({
      code: 'KITE_CONNECTION_NOT_SUBSCRIBED',
      tokens: [RELIANCE, 5633],
    });
    await ticker.ping();
    expect(requestsOf(bench.simulator.connections.at(-1))).toEqual(['subscribe ×1']);
    expect(ticker.subscriptions.get(INFY)).toBe('quote');
  });
});
