import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KiteError, type Mode } from '@kite/manager';

import { type Share, Shares, type ShareTarget } from '../../src/subscribers/shares.js';

const CAPACITY = 6;
const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/** Streams what it is told to, as far as there is room. */
class Market implements ShareTarget {
  readonly streamed = new Map<number, Mode>();
  readonly changes: [assign: Map<number, Mode>, release: number[]][] = [];

  after(act: () => void): void {
    act();
  }

  change(assign: ReadonlyMap<number, Mode>, release: readonly number[]): void {
    const after = new Map(this.streamed);
    for (const token of release) expect(after.delete(token)).toBe(true);
    for (const [token, mode] of assign) {
      expect(mode).not.toBe(after.get(token));
      after.set(token, mode);
    }
    if (after.size > CAPACITY) throw new KiteError('KITE_MANAGER_CAPACITY', 'full');
    this.changes.push([new Map(assign), [...release]]);
    this.streamed.clear();
    for (const [token, mode] of after) this.streamed.set(token, mode);
  }

  defaultModeOf(): Mode {
    return 'quote';
  }

  notSubscribed(tokens: readonly number[]): KiteError {
    return new KiteError('KITE_MANAGER_NOT_SUBSCRIBED', 'not subscribed', { tokens });
  }
}

function open(count: number): { market: Market; shares: Share[] } {
  const market = new Market();
  const shares = new Shares(market, () => undefined);
  return { market, shares: Array.from({ length: count }, () => shares.open()) };
}

describe('shares', () => {
  test('stream an instrument in the highest mode that any of them wants, and no longer than any wants it', () => {
    const { market, shares } = open(2);
    const [one, other] = shares as [Share, Share];
    one.subscribe([1], 'ltp');
    other.subscribe([1], 'full');
    expect(market.streamed).toEqual(new Map([[1, 'full']]));
    other.unsubscribe([1]);
    expect(market.streamed).toEqual(new Map([[1, 'ltp']]));
    one.unsubscribe([1]);
    expect(market.streamed.size).toBe(0);
  });

  test('ask for nothing where somebody else wants as much already', () => {
    const { market, shares } = open(2);
    shares[0]!.subscribe([1, 2], 'full');
    shares[1]!.subscribe([1, 2], 'quote');
    shares[1]!.changeMode([1], 'ltp');
    shares[1]!.unsubscribe([1, 2]);
    expect(market.changes).toHaveLength(1);
  });

  test('count a repeat within one share once', () => {
    const { market, shares } = open(2);
    shares[0]!.subscribe([1], 'full');
    shares[0]!.subscribe([1]);
    expect(shares[0]!.modes.get(1)).toBe('full');
    shares[0]!.unsubscribe([1]);
    expect(market.streamed.size).toBe(0);
  });

  test('keep the mode of what is held where none is given, and give a new one the default, whatever others want', () => {
    const { shares } = open(2);
    shares[0]!.subscribe([1], 'full');
    shares[1]!.subscribe([1, 2]);
    shares[1]!.changeMode([2], 'ltp');
    shares[1]!.subscribe([1, 2, 3]);
    expect(Object.fromEntries(shares[1]!.modes)).toEqual({ 1: 'quote', 2: 'ltp', 3: 'quote' });
  });

  test('refuse a change of mode within a share that does not hold all of it, and list what it does not hold', () => {
    const { market, shares } = open(2);
    shares[0]!.subscribe([8, 9], 'full');
    shares[1]!.subscribe([1]);
    expect(() => {
      shares[1]!.changeMode([1, 8, 9], 'full');
    }).toThrow(expect.objectContaining({ code: 'KITE_MANAGER_NOT_SUBSCRIBED', tokens: [8, 9] }));
    expect(shares[1]!.modes.get(1)).toBe('quote');
    expect(market.streamed.get(1)).toBe('quote');
  });

  test('replace a whole set at full capacity in one change', () => {
    const { market, shares } = open(1);
    shares[0]!.subscribe([1, 2, 3, 4, 5, 6], 'full');
    shares[0]!.replace(new Map([6, 7, 8, 9, 10, 11].map((token) => [token, 'full' as const])));
    expect(market.changes.at(-1)).toEqual([
      new Map([7, 8, 9, 10, 11].map((token) => [token, 'full'])),
      [1, 2, 3, 4, 5],
    ]);
  });

  test('are views: nobody else can change them', () => {
    const { shares } = open(1);
    expect(() => (shares[0]!.modes as Map<number, Mode>).set(1, 'full')).toThrow(TypeError);
  });
});

const token = fc.integer({ min: 1, max: 9 });
const tokens = fc.uniqueArray(token, { maxLength: 5 });
const mode = fc.constantFrom(...MODES);
const modes = fc
  .uniqueArray(fc.tuple(token, mode), { maxLength: 6, selector: ([each]) => each })
  .map((list) => new Map(list));

type Step = (share: Share) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(tokens, fc.option(mode, { nil: undefined })).map(([list, wanted]): Step => {
    return (share) => {
      share.subscribe(list, wanted);
    };
  }),
  modes.map((map): Step => {
    return (share) => {
      share.assign(map);
    };
  }),
  modes.map((map): Step => {
    return (share) => {
      share.replace(map);
    };
  }),
  tokens.map((list): Step => {
    return (share) => {
      share.unsubscribe(list);
    };
  }),
  fc.tuple(tokens, mode).map(([list, wanted]): Step => {
    return (share) => {
      share.changeMode(list, wanted);
    };
  }),
);

test('whatever happens, the market streams the union in the highest modes, and a refused call has changed nothing for anybody', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), step), { maxLength: 40 }), (steps) => {
      const { market, shares } = open(4);
      for (const [index, act] of steps) {
        const before = shares.map((share) => new Map(share.modes));
        let isRefused = false;
        try {
          act(shares[index]!);
        } catch (error) {
          if (!(error instanceof KiteError)) throw error;
          isRefused = true;
        }
        for (const [at, share] of shares.entries())
          if (isRefused || at !== index) expect(new Map(share.modes)).toEqual(before[at]);
        const union = new Map<number, Mode>();
        for (const wanted of MODES)
          for (const share of shares)
            for (const [each, held] of share.modes) if (held === wanted) union.set(each, held);
        expect(new Map([...market.streamed].sort())).toEqual(new Map([...union].sort()));
      }
    }),
  );
});
