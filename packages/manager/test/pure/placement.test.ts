import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelId, isKiteError, type Mode } from '@kite/manager';

import { Placement, type PlacementChange, type PlacementOptions } from '../../src/placement.js';

const CHANNELS: readonly ChannelId[] = [0, 1, 2];

function ledger(options: Partial<PlacementOptions> = {}): Placement {
  return new Placement({
    ...{
      channelIds: CHANNELS,
      maxSymbolsPerConnection: 2,
      distribution: 'round-robin',
      defaultMode: 'quote',
    },
    ...options,
  });
}

/** What each connection holds. */
function homes(of: Placement): number[][] {
  return CHANNELS.map((channelId) => [...of.heldBy(channelId)]);
}

const nobody = (): boolean => false;

/** The code and figures of what is thrown. */
function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (!isKiteError(error)) throw error;
    const { code, requested, available, tokens } = error;
    return { code, requested, available, tokens };
  }
  return undefined;
}

describe('a ledger', () => {
  test('over capacity takes nothing, and says how much fits', () => {
    const books = ledger();
    books.subscribe([1, 2, 3, 4], undefined);
    const before = homes(books);
    const full = { code: 'KITE_MANAGER_CAPACITY', requested: 3, available: 2, tokens: undefined };
    expect(refusal(() => books.subscribe([5, 6, 7], 'full'))).toEqual(full);
    expect(homes(books)).toEqual(before);
    expect([...books.modes.values()]).toEqual(['quote', 'quote', 'quote', 'quote']);
  });

  test('over capacity leaves the modes of those that are held as they were', () => {
    const books = ledger();
    books.subscribe([1, 2], undefined);
    expect(refusal(() => books.subscribe([1, 5, 6, 7, 8, 9], 'full'))).toMatchObject({ requested: 5 });
    expect(books.modes.get(1)).toBe('quote');
  });

  test('does not count what is held already towards capacity', () => {
    const books = ledger();
    books.subscribe([1, 2, 3, 4, 5, 6], undefined);
    expect(books.subscribe([6, 5, 4], undefined)).toEqual([]);
  });

  test('keeps the mode of what is held when none is given', () => {
    const books = ledger();
    books.subscribe([1], 'ltp');
    expect(books.subscribe([1], undefined)).toEqual([]);
    expect(books.modes.get(1)).toBe('ltp');
  });

  test('asks for one assignment for each connection that has to change, and none for what stays', () => {
    const books = ledger();
    books.subscribe([1, 2], 'full');
    expect(books.subscribe([1, 2, 3], 'full')).toEqual([
      { channelId: 2, release: [], assign: new Map([[3, 'full']]) },
    ]);
  });

  test('leaves everything as it was when one of the instruments to change is not held, and lists those', () => {
    const books = ledger();
    books.subscribe([1, 2], undefined);
    expect(refusal(() => books.changeMode([1, 8, 9], 'full'))).toMatchObject({
      code: 'KITE_MANAGER_NOT_SUBSCRIBED',
      tokens: [8, 9],
    });
    expect(books.modes.get(1)).toBe('quote');
  });

  test('uses room again that was given back', () => {
    const books = ledger();
    books.subscribe([1, 2, 3, 4, 5, 6], undefined);
    books.unsubscribe([2, 4, 77]);
    expect(books.subscribe([7, 8], undefined)).not.toEqual([]);
    expect(homes(books).map((held) => held.length)).toEqual([2, 2, 2]);
  });
});

describe('a connection that is out of order', () => {
  test('gives what it holds to the others, as far as they have room', () => {
    const books = ledger();
    books.subscribe([1, 2, 3, 4], undefined); // 0: 1, 4 — 1: 2 — 2: 3
    books.takeOut(0);
    expect(books.unplaced).toEqual([1, 4]);
    const changes = books.placeUnplaced(nobody);
    expect(changes[0]).toMatchObject({ channelId: 0, release: [1, 4] });
    expect(books.unplaced).toEqual([]);
    expect(homes(books).map((held) => held.length)).toEqual([0, 2, 2]);
  });

  test('keeps what fits nowhere else, until there is room', () => {
    const books = ledger();
    books.subscribe([1, 2, 3, 4, 5, 6], undefined);
    books.takeOut(0);
    expect(books.placeUnplaced(nobody)).toEqual([]);
    expect(books.unplaced).toEqual([1, 4]);
    books.unsubscribe([2]);
    expect(books.placeUnplaced(nobody)).toEqual([
      { channelId: 0, release: [1], assign: new Map() },
      { channelId: 1, release: [], assign: new Map([[1, 'quote']]) },
    ]);
    expect(books.unplaced).toEqual([4]);
  });

  test('gets new instruments only when nobody else has room, and then they are unplaced', () => {
    const books = ledger();
    books.takeOut(1);
    books.subscribe([1, 2, 3, 4, 5], undefined);
    expect(homes(books)).toEqual([[1, 3], [5], [2, 4]]);
    expect(books.unplaced).toEqual([5]);
  });

  test('gets nothing back for its own sake', () => {
    const books = ledger();
    books.subscribe([1, 2, 3], undefined);
    books.takeOut(0);
    books.placeUnplaced(nobody);
    const before = homes(books);
    books.restore(0);
    expect(books.placeUnplaced(nobody)).toEqual([]);
    expect(homes(books)).toEqual(before);
  });

  test('gives nothing to another that is away itself', () => {
    const books = ledger();
    books.subscribe([1, 2, 3], undefined);
    books.takeOut(0);
    expect(books.placeUnplaced((channelId) => channelId === 1)).toMatchObject([
      { channelId: 0, release: [1] },
      { channelId: 2, assign: new Map([[1, 'quote']]) },
    ]);
    books.takeOut(2);
    expect(books.placeUnplaced(() => true)).toEqual([]);
    expect(books.unplaced).toEqual([3, 1]);
  });

  test('has its instruments taken by another that comes back first', () => {
    const books = ledger({ channelIds: [0, 1] });
    books.subscribe([1, 2], undefined);
    books.takeOut(0);
    books.takeOut(1);
    expect(books.placeUnplaced(nobody)).toEqual([]);
    books.restore(1);
    books.placeUnplaced(nobody);
    expect(homes(books)).toEqual([[], [2, 1], []]);
  });
});

/** What connections were told to hold: the changes, applied. */
class Told {
  readonly books = new Map<ChannelId, Map<number, Mode>>(CHANNELS.map((channelId) => [channelId, new Map()]));

  apply(changes: readonly PlacementChange[]): void {
    for (const { channelId, release, assign } of changes) {
      const book = this.books.get(channelId)!;
      for (const token of release) expect(book.delete(token)).toBe(true);
      for (const [token, mode] of assign) book.set(token, mode);
    }
  }
}

const CAPACITY = 5;
const token = fc.integer({ min: 1, max: 20 });
const tokens = fc.uniqueArray(token, { maxLength: 8 });
const mode = fc.constantFrom<Mode>('ltp', 'quote', 'full');
const channelId = fc.constantFrom(...CHANNELS);

type Step = (books: Placement, modes: Map<number, Mode>, out: Set<ChannelId>) => PlacementChange[];

const subscribe = fc.tuple(tokens, fc.option(mode, { nil: undefined })).map(([list, wanted]): Step => {
  return (books, modes) => {
    const added = list.filter((each) => !modes.has(each));
    if (modes.size + added.length > 3 * CAPACITY) {
      const available = 3 * CAPACITY - modes.size;
      expect(refusal(() => books.subscribe(list, wanted))).toMatchObject({
        requested: added.length,
        available,
      });
      return [];
    }
    for (const each of list) modes.set(each, wanted ?? modes.get(each) ?? 'quote');
    return books.subscribe(list, wanted);
  };
});
const unsubscribe = tokens.map((list): Step => {
  return (books, modes) => {
    for (const each of list) modes.delete(each);
    return books.unsubscribe(list);
  };
});
const changeMode = fc.tuple(tokens, mode).map(([list, wanted]): Step => {
  return (books, modes) => {
    const unknown = list.filter((each) => !modes.has(each));
    if (unknown.length > 0) {
      expect(refusal(() => books.changeMode(list, wanted))).toMatchObject({ tokens: unknown });
      return [];
    }
    for (const each of list) modes.set(each, wanted);
    return books.changeMode(list, wanted);
  };
});
const takeOut = channelId.map((id): Step => (books, _, out) => {
  books.takeOut(id);
  out.add(id);
  return books.placeUnplaced(nobody);
});
const restore = channelId.map((id): Step => (books, _, out) => {
  books.restore(id);
  out.delete(id);
  return books.placeUnplaced(nobody);
});
const place = fc.constant<Step>((books) => books.placeUnplaced(nobody));

describe.each(['round-robin', 'least-loaded'] as const)('whatever happens, with %s', (distribution) => {
  test('each instrument has one home, none is overfull, and the changes are the books', () => {
    const step = fc.oneof(subscribe, unsubscribe, changeMode, takeOut, restore, place);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const books = ledger({ maxSymbolsPerConnection: CAPACITY, distribution });
        const modes = new Map<number, Mode>();
        const out = new Set<ChannelId>();
        const told = new Told();
        for (const act of steps) {
          told.apply(act(books, modes, out));
          expect(new Map(books.modes)).toEqual(modes);
          expect(homes(books).flat().sort()).toEqual([...modes.keys()].sort());
          for (const id of CHANNELS) {
            expect(books.heldBy(id).size).toBeLessThanOrEqual(CAPACITY);
            for (const each of books.heldBy(id)) expect(books.homeOf(each)).toBe(id);
            expect(told.books.get(id)).toEqual(books.modesOf(id));
          }
          expect(books.unplaced).toEqual([...out].flatMap((id) => [...books.heldBy(id)]));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('after placing, nothing is unplaced while a connection in order has room', () => {
    const step = fc.oneof(subscribe, unsubscribe, takeOut, restore);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const books = ledger({ maxSymbolsPerConnection: CAPACITY, distribution });
        const out = new Set<ChannelId>();
        for (const act of steps) act(books, new Map(books.modes), out);
        books.placeUnplaced(nobody);
        const room = CHANNELS.filter((id) => !out.has(id) && books.heldBy(id).size < CAPACITY);
        if (room.length > 0) expect(books.unplaced).toEqual([]);
      }),
    );
  });
});
