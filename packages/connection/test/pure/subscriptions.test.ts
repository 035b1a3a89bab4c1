import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KiteError, Mode } from '@kite/connection';

import { requestsBetween } from '../../src/socket/subscription-requests.js';
import { Subscriptions } from '../../src/socket/subscriptions.js';

type Request = { a: 'subscribe' | 'unsubscribe'; v: number[] } | { a: 'mode'; v: [Mode, number[]] };

/** The server's side of it, as naive as it gets. */
class ServerBook {
  readonly modes = new Map<number, Mode>();

  take(requests: readonly string[]): void {
    for (const request of requests.map((text) => JSON.parse(text) as Request)) {
      switch (request.a) {
        case 'subscribe':
          for (const token of request.v) if (!this.modes.has(token)) this.modes.set(token, Mode.Quote);
          break;
        case 'unsubscribe':
          for (const token of request.v) this.modes.delete(token);
          break;
        case 'mode':
          for (const token of request.v[1]) if (this.modes.has(token)) this.modes.set(token, request.v[0]);
          break;
      }
    }
  }
}

function range(count: number, from = 1): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function catchError(act: () => unknown): KiteError {
  try {
    act();
  } catch (error) {
    if (error instanceof KiteError) return error;
  }
  throw new Error('no KiteError was thrown');
}

describe('subscribe', () => {
  test('without a mode leaves a subscribed token its own, and gives a new one the default', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1], Mode.Full, Mode.LTP);
    subscriptions.subscribe([1, 2], undefined, Mode.LTP);
    expect([...subscriptions.modes]).toEqual([
      [1, 'full'],
      [2, 'ltp'],
    ]);
  });

  test('beyond 3000 is refused, says how many fit, and changes nothing', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe(range(2999), undefined, Mode.Quote);
    const failure = catchError(() => {
      subscriptions.subscribe([2999, 3000, 3001, 3001], Mode.Full, Mode.Quote);
    });
    expect(failure).toMatchObject({
      code: 'KITE_CONNECTION_CAPACITY',
      requested: 2,
      available: 1,
      message: expect.stringMatching(/@kite\/manager.*@kite\/multi-api/) as string,
    });
    expect([subscriptions.modes.size, subscriptions.modes.get(2999)]).toEqual([2999, 'quote']);
    subscriptions.subscribe([2999, 3000], undefined, Mode.Quote);
    expect(subscriptions.modes.size).toBe(3000);
  });

  test('of what is there is never over capacity', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe(range(3000), undefined, Mode.Quote);
    subscriptions.subscribe(range(3000), Mode.LTP, Mode.Quote);
    expect(new Set(subscriptions.modes.values())).toEqual(new Set(['ltp']));
  });
});

test('unsubscribe ignores what is not subscribed, and forgets the mode', () => {
  const subscriptions = new Subscriptions();
  subscriptions.subscribe([1, 2], Mode.Full, Mode.LTP);
  subscriptions.unsubscribe([2, 3]);
  subscriptions.subscribe([2], undefined, Mode.LTP);
  expect([...subscriptions.modes]).toEqual([
    [1, 'full'],
    [2, 'ltp'],
  ]);
});

describe('changeMode', () => {
  test('lists what is not subscribed, and then changes nothing', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1], Mode.Full, Mode.LTP);
    const failure = catchError(() => {
      subscriptions.changeMode([1, 8, 9], Mode.LTP);
    });
    expect(failure).toMatchObject({
      ...{ code: 'KITE_CONNECTION_NOT_SUBSCRIBED', field: 'tokens', tokens: [8, 9] },
    });
    expect(subscriptions.modes.get(1)).toBe('full');
    subscriptions.changeMode([1], Mode.LTP);
    expect(subscriptions.modes.get(1)).toBe('ltp');
  });

  test('lists thousands without a message of thousands', () => {
    const failure = catchError(() => {
      new Subscriptions().changeMode(range(3000), Mode.LTP);
    });
    expect(failure.tokens).toHaveLength(3000);
    expect(failure.message).toContain('(3000 in all)');
    expect(failure.message.length).toBeLessThan(120);
  });
});

describe('what is asked for', () => {
  const between = (asked: [number, Mode][], wanted: [number, Mode][]): unknown[] =>
    requestsBetween(new Map(asked), new Map(wanted)).map((text) => JSON.parse(text) as unknown);

  test('is the difference: what goes first, then what is new, then one request for each mode', () => {
    const asked: [number, Mode][] = [
      [1, 'full'],
      [2, 'full'],
      [3, 'ltp'],
      [4, 'quote'],
    ];
    const wanted: [number, Mode][] = [
      [1, 'full'],
      [3, 'full'],
      [4, 'ltp'],
      [5, 'quote'],
      [6, 'full'],
    ];
    expect(between(asked, wanted)).toEqual([
      { a: 'unsubscribe', v: [2] },
      { a: 'subscribe', v: [5, 6] },
      { a: 'mode', v: ['ltp', [4]] },
      { a: 'mode', v: ['full', [3, 6]] },
    ]);
  });

  test('is nothing where nothing has changed, and of quotes a subscribe alone', () => {
    expect(between([[1, 'full']], [[1, 'full']])).toEqual([]);
    expect(between([], [])).toEqual([]);
    expect(between([], [[1, 'quote']])).toEqual([{ a: 'subscribe', v: [1] }]);
    expect(requestsBetween(new Map(), new Map(range(3000).map((token) => [token, 'quote'])))).toHaveLength(1);
  });

  const mode = fc.constantFrom(Mode.LTP, Mode.Quote, Mode.Full);
  const wishes = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 12 }), mode), { maxLength: 12 })
    .map((entries) => new Map(entries));

  function fewestRequests(asked: ReadonlyMap<number, Mode>, wanted: ReadonlyMap<number, Mode>): number {
    const entries = [...wanted];
    const isAnyGone = [...asked.keys()].some((token) => !wanted.has(token));
    const isAnyNew = entries.some(([token]) => !asked.has(token));
    const moved = entries.filter(([token, to]) => to !== (asked.get(token) ?? Mode.Quote));
    return Number(isAnyGone) + Number(isAnyNew) + new Set(moved.map(([, to]) => to)).size;
  }

  test('brings the server to what is wanted, from whatever was wanted before, by the fewest requests', () => {
    fc.assert(
      fc.property(fc.array(wishes, { maxLength: 20 }), (all) => {
        const server = new ServerBook();
        let asked: ReadonlyMap<number, Mode> = new Map();
        for (const wanted of all) {
          const requests = requestsBetween(asked, wanted);
          expect(requests).toHaveLength(fewestRequests(asked, wanted));
          server.take(requests);
          expect(server.modes).toEqual(new Map(wanted));
          asked = wanted;
        }
      }),
    );
  });
});

test('the modes are a view: nobody else can change them', () => {
  const subscriptions = new Subscriptions();
  subscriptions.subscribe([1], Mode.Full, Mode.Quote);
  const modes = subscriptions.modes as Map<number, Mode>;
  expect(() => modes.set(2, Mode.Full)).toThrow(TypeError);
  expect(() => modes.delete(1)).toThrow(TypeError);
  expect(subscriptions.modes).toEqual(new Map([[1, Mode.Full]]));
});
