import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KiteError, Mode } from '@kite/connection';

import { Subscriptions } from '../../src/socket/subscriptions.js';

type Request = { a: 'subscribe' | 'unsubscribe'; v: number[] } | { a: 'mode'; v: [Mode, number[]] };

function parsed(requests: readonly string[]): Request[] {
  return requests.map((request) => JSON.parse(request) as Request);
}

/** The server's side of it, as naive as it gets. */
class ServerBook {
  readonly modes = new Map<number, Mode>();

  take(requests: readonly string[]): void {
    for (const request of parsed(requests)) {
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

describe('subscribe', () => {
  test('in the default mode of the server takes one request', () => {
    expect(parsed(new Subscriptions().subscribe([1, 2], Mode.Quote, Mode.LTP))).toEqual([
      { a: 'subscribe', v: [1, 2] },
    ]);
  });

  test('in another mode takes two', () => {
    expect(parsed(new Subscriptions().subscribe([1, 2], Mode.Full, Mode.LTP))).toEqual([
      { a: 'subscribe', v: [1, 2] },
      { a: 'mode', v: ['full', [1, 2]] },
    ]);
  });

  test('without a mode leaves a subscribed token its own, and gives a new one the default', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1], Mode.Full, Mode.LTP);
    expect(parsed(subscriptions.subscribe([1, 2], undefined, Mode.LTP))).toEqual([
      { a: 'subscribe', v: [2] },
      { a: 'mode', v: ['ltp', [2]] },
    ]);
    expect([...subscriptions.modes]).toEqual([
      [1, 'full'],
      [2, 'ltp'],
    ]);
  });

  test('with a mode moves those that are subscribed in another', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1, 2], Mode.Full, Mode.LTP);
    expect(parsed(subscriptions.subscribe([1, 2, 3], Mode.Quote, Mode.LTP))).toEqual([
      { a: 'subscribe', v: [3] },
      { a: 'mode', v: ['quote', [1, 2]] },
    ]);
  });

  test('again, of what is there, takes none', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1, 2], Mode.Full, Mode.LTP);
    expect(subscriptions.subscribe([1, 2], undefined, Mode.LTP)).toEqual([]);
    expect(subscriptions.subscribe([2, 1], Mode.Full, Mode.LTP)).toEqual([]);
  });

  test('of nothing takes none', () => {
    expect(new Subscriptions().subscribe([], Mode.Full, Mode.LTP)).toEqual([]);
  });

  test('of 3000 takes one request, for no chunk is needed', () => {
    expect(new Subscriptions().subscribe(range(3000), undefined, Mode.Quote)).toHaveLength(1);
  });

  test('beyond 3000 is refused, says how many fit, and changes nothing', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe(range(2999), undefined, Mode.Quote);
    expect(() => subscriptions.subscribe([2999, 3000, 3001], Mode.Full, Mode.Quote)).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_CAPACITY', requested: 2, available: 1 }),
    );
    expect(subscriptions.modes.size).toBe(2999);
    expect(subscriptions.modes.get(2999)).toBe('quote');
    expect(subscriptions.subscribe([2999, 3000], undefined, Mode.Quote)).toHaveLength(1);
  });

  test('of what is there is never over capacity', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe(range(3000), undefined, Mode.Quote);
    expect(subscriptions.subscribe(range(3000), Mode.LTP, Mode.Quote)).toHaveLength(1);
  });
});

describe('unsubscribe', () => {
  test('ignores what is not subscribed', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1, 2], Mode.Full, Mode.LTP);
    expect(parsed(subscriptions.unsubscribe([2, 3]))).toEqual([{ a: 'unsubscribe', v: [2] }]);
    expect(subscriptions.unsubscribe([2, 3])).toEqual([]);
    expect([...subscriptions.modes.keys()]).toEqual([1]);
  });

  test('forgets the mode', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1], Mode.Full, Mode.Quote);
    subscriptions.unsubscribe([1]);
    expect(parsed(subscriptions.subscribe([1], undefined, Mode.Quote))).toEqual([{ a: 'subscribe', v: [1] }]);
  });
});

describe('changeMode', () => {
  test('asks only for those that change', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1, 2], Mode.Full, Mode.LTP);
    subscriptions.subscribe([3], Mode.LTP, Mode.LTP);
    expect(parsed(subscriptions.changeMode([1, 2, 3], Mode.Full))).toEqual([{ a: 'mode', v: ['full', [3]] }]);
    expect(subscriptions.changeMode([1, 2, 3], Mode.Full)).toEqual([]);
  });

  test('lists what is not subscribed, and then changes nothing', () => {
    const subscriptions = new Subscriptions();
    subscriptions.subscribe([1], Mode.Full, Mode.LTP);
    expect(() => subscriptions.changeMode([1, 8, 9], Mode.LTP)).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_NOT_SUBSCRIBED', field: 'tokens', tokens: [8, 9] }),
    );
    expect(subscriptions.modes.get(1)).toBe('full');
  });

  test('lists thousands without a message of thousands', () => {
    const failure = catchError(() => new Subscriptions().changeMode(range(3000), Mode.LTP));
    expect(failure.tokens).toHaveLength(3000);
    expect(failure.message).toContain('(3000 in all)');
    expect(failure.message.length).toBeLessThan(120);
  });
});

test('replay takes one subscribe, and one mode request for each other mode in use', () => {
  const subscriptions = new Subscriptions();
  subscriptions.subscribe([1, 2], Mode.Full, Mode.Quote);
  subscriptions.subscribe([3], undefined, Mode.Quote);
  subscriptions.subscribe([4], Mode.LTP, Mode.Quote);
  expect(parsed(subscriptions.replay())).toEqual([
    { a: 'subscribe', v: [1, 2, 3, 4] },
    { a: 'mode', v: ['ltp', [4]] },
    { a: 'mode', v: ['full', [1, 2]] },
  ]);
  expect(new Subscriptions().replay()).toEqual([]);
});

function catchError(act: () => unknown): KiteError {
  try {
    act();
  } catch (error) {
    if (error instanceof KiteError) return error;
  }
  throw new Error('no KiteError was thrown');
}

describe('whatever is done, in whatever order', () => {
  const tokens = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 6 });
  const mode = fc.constantFrom(...Object.values(Mode));
  const modes = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), mode)).map((entries) => new Map(entries));
  type Act = (subscriptions: Subscriptions) => { requests: string[]; fewest: number } | 'reconnect';

  const act: fc.Arbitrary<Act> = fc.oneof(
    fc
      .record({ tokens, mode: fc.option(mode, { nil: undefined }), fallback: mode })
      .map(({ tokens: list, mode: asked, fallback }): Act => (subscriptions) => {
        const wanted = new Map(
          list.map((token) => [token, asked ?? subscriptions.modes.get(token) ?? fallback]),
        );
        const fewest = fewestRequests(subscriptions.modes, wanted);
        return { requests: subscriptions.subscribe(list, asked, fallback), fewest };
      }),
    modes.map((wanted): Act => (subscriptions) => {
      const fewest = fewestRequests(subscriptions.modes, wanted);
      return { requests: subscriptions.assign(wanted), fewest };
    }),
    tokens.map((list): Act => (subscriptions) => {
      const fewest = list.some((token) => subscriptions.modes.has(token)) ? 1 : 0;
      return { requests: subscriptions.unsubscribe(list), fewest };
    }),
    fc.record({ tokens, mode }).map(({ tokens: list, mode: asked }): Act => (subscriptions) => {
      const known = list.filter((token) => subscriptions.modes.has(token));
      const fewest = known.some((token) => subscriptions.modes.get(token) !== asked) ? 1 : 0;
      return { requests: subscriptions.changeMode(known, asked), fewest };
    }),
    fc.constant<Act>(() => 'reconnect'),
  );

  function fewestRequests(now: ReadonlyMap<number, Mode>, wanted: ReadonlyMap<number, Mode>): number {
    const entries = [...wanted];
    const changed = entries
      .filter(([token, to]) => to !== (now.get(token) ?? Mode.Quote))
      .map(([, to]) => to);
    return (entries.some(([token]) => !now.has(token)) ? 1 : 0) + new Set(changed).size;
  }

  test('the server ends up with the wanted subscriptions, by the fewest requests', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const subscriptions = new Subscriptions();
        let server = new ServerBook();
        for (const step of acts) {
          const done = step(subscriptions);
          if (done === 'reconnect') {
            server = new ServerBook();
            const requests = subscriptions.replay();
            expect(requests).toHaveLength(fewestRequests(new Map(), subscriptions.modes));
            server.take(requests);
          } else {
            expect(done.requests).toHaveLength(done.fewest);
            server.take(done.requests);
          }
          expect(new Map(server.modes)).toEqual(new Map(subscriptions.modes));
        }
      }),
    );
  });
});
