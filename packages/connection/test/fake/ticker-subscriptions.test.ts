import { describe, expect, test } from 'vitest';

import { bench } from '../support/ticker-bench.js';

describe('the desired state', () => {
  test('is recorded before connect(), and told with the fewest requests on every connect', async () => {
    await using b = bench({ defaultMode: 'ltp' });
    await b.ticker.subscribe([1, 2]);
    await b.ticker.subscribe([3], 'quote');
    await b.ticker.subscribe([4], 'full');
    const requests = [
      { a: 'subscribe', v: [1, 2, 3, 4] },
      { a: 'mode', v: ['ltp', [1, 2]] },
      { a: 'mode', v: ['full', [4]] },
    ];
    const first = await b.open();
    expect(first.requests).toEqual(requests);
    first.drop();
    expect((await b.reopen()).requests).toEqual(requests);
  });

  test('takes changes while it waits', async () => {
    await using b = bench();
    await b.ticker.subscribe([1, 2]);
    (await b.open()).drop();
    await b.ticker.unsubscribe([1]);
    await b.ticker.changeMode([2], 'full');
    await b.ticker.subscribe([5]);
    expect((await b.reopen()).requests).toEqual([
      { a: 'subscribe', v: [2, 5] },
      { a: 'mode', v: ['full', [2]] },
    ]);
  });

  test('what a listener of open subscribes is sent after the replay, and once', async () => {
    await using b = bench();
    await b.ticker.subscribe([1]);
    b.ticker.on('state', ({ state }) => {
      if (state === 'open') void b.ticker.subscribe([1, 2]);
    });
    expect((await b.open()).requests).toEqual([
      { a: 'subscribe', v: [1] },
      { a: 'subscribe', v: [2] },
    ]);
  });

  test('is sent at once while open; nothing is sent for what changes nothing', async () => {
    await using b = bench();
    const socket = await b.open();
    const calls = [
      () => b.ticker.subscribe([1, 2]),
      () => b.ticker.changeMode([1], 'ltp'),
      () => b.ticker.unsubscribe([2, 3]),
      () => b.ticker.unsubscribeAll(),
    ];
    for (const call of calls) {
      await call();
      await call();
      await b.clock.advance(1);
    }
    expect(socket.requests).toEqual([
      { a: 'subscribe', v: [1, 2] },
      { a: 'mode', v: ['ltp', [1]] },
      { a: 'unsubscribe', v: [2] },
      { a: 'unsubscribe', v: [1] },
    ]);
    expect(b.ticker.subscriptions.size).toBe(0);
  });
});

test('what calls that await each other change in one turn is sent in two steps: at once for the first, together for the others', async () => {
  await using b = bench();
  const socket = await b.open();
  for (let token = 1; token <= 500; token++) {
    await b.ticker.subscribe([token]);
    expect(socket.requests).toHaveLength(1);
  }
  await b.clock.advance(1);
  expect(socket.requests).toMatchObject([{ v: [1] }, { v: { length: 499 } }]);
});

describe('bad input is refused before it reaches the wire, and changes nothing', () => {
  test.each([
    ['a string', ['408065'], 'tokens[0]'],
    ['a fraction', [1.5], 'tokens[0]'],
    ['a negative one', [1, -1], 'tokens[1]'],
    ['zero', [0], 'tokens[0]'],
    ['one that is too large', [2 ** 32], 'tokens[0]'],
    ['a nested list', [[1]], 'tokens[0]'],
    ['no list', 408065, 'tokens'],
    ['nothing', undefined, 'tokens'],
  ])('%s', async (_what, tokens, field) => {
    await using b = bench();
    const socket = await b.open();
    await b.ticker.subscribe([7]);
    const given = tokens as number[];
    for (const act of [
      () => b.ticker.subscribe(given),
      () => b.ticker.unsubscribe(given),
      () => b.ticker.changeMode(given, 'full'),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'KITE_PROTOCOL_INVALID_TOKEN', field });
    }
    expect(socket.sent).toHaveLength(1);
    expect([...b.ticker.subscriptions]).toEqual([[7, 'quote']]);
  });

  test('an unknown mode, more than 3000 instruments, the mode of what is not subscribed', async () => {
    await using b = bench();
    const socket = await b.open();
    await expect(b.ticker.subscribe([1], 'Full' as 'full')).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_INVALID_MODE',
    });
    await expect(b.ticker.changeMode([1], 'FULL' as 'full')).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_INVALID_MODE',
    });
    await expect(
      b.ticker.subscribe(Array.from({ length: 3001 }, (_, index) => index + 1)),
    ).rejects.toMatchObject({
      ...{ code: 'KITE_CONNECTION_CAPACITY', requested: 3001, available: 3000 },
    });
    await expect(b.ticker.changeMode([1, 2], 'full')).rejects.toMatchObject({
      ...{ code: 'KITE_CONNECTION_NOT_SUBSCRIBED', tokens: [1, 2] },
    });
    expect([socket.sent, b.ticker.subscriptions.size]).toEqual([[], 0]);
  });
});
