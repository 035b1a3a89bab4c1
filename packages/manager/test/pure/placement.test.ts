import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelId, isKiteError, type Mode } from '@kite/manager';

import { Placement, type PlacementChange, type PlacementOptions } from '../../src/placement.js';

const CHANNELS: readonly ChannelId[] = [0, 1, 2];

function make(options: Partial<PlacementOptions> = {}): Placement {
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

describe('a placement', () => {
  test('over capacity takes nothing, and says how much fits', () => {
    const placement = make();
    placement.subscribe([1, 2, 3, 4], undefined);
    const before = homes(placement);
    const full = { code: 'KITE_MANAGER_CAPACITY', requested: 3, available: 2, tokens: undefined };
    expect(refusal(() => placement.subscribe([5, 6, 7], 'full'))).toEqual(full);
    expect(homes(placement)).toEqual(before);
    expect([...placement.modes.values()]).toEqual(['quote', 'quote', 'quote', 'quote']);
  });

  test('over capacity leaves the modes of those that are held as they were', () => {
    const placement = make();
    placement.subscribe([1, 2], undefined);
    expect(refusal(() => placement.subscribe([1, 5, 6, 7, 8, 9], 'full'))).toMatchObject({ requested: 5 });
    expect(placement.modes.get(1)).toBe('quote');
  });

  test('does not count what is held already towards capacity', () => {
    const placement = make();
    placement.subscribe([1, 2, 3, 4, 5, 6], undefined);
    expect(placement.subscribe([6, 5, 4], undefined)).toEqual([]);
  });

  test('keeps the mode of what is held when none is given', () => {
    const placement = make();
    placement.subscribe([1], 'ltp');
    expect(placement.subscribe([1], undefined)).toEqual([]);
    expect(placement.modes.get(1)).toBe('ltp');
  });

  test('asks for one assignment for each connection that has to change, and none for what stays', () => {
    const placement = make();
    placement.subscribe([1, 2], 'full');
    expect(placement.subscribe([1, 2, 3], 'full')).toEqual([
      { channelId: 2, release: [], assign: new Map([[3, 'full']]) },
    ]);
  });

  test('leaves everything as it was when one of the instruments to change is not held, and lists those', () => {
    const placement = make();
    placement.subscribe([1, 2], undefined);
    expect(refusal(() => placement.changeMode([1, 8, 9], 'full'))).toMatchObject({
      code: 'KITE_MANAGER_NOT_SUBSCRIBED',
      tokens: [8, 9],
    });
    expect(placement.modes.get(1)).toBe('quote');
  });

  test('uses room again that was given back', () => {
    const placement = make();
    placement.subscribe([1, 2, 3, 4, 5, 6], undefined);
    placement.unsubscribe([2, 4, 77]);
    expect(placement.subscribe([7, 8], undefined)).not.toEqual([]);
    expect(homes(placement).map((held) => held.length)).toEqual([2, 2, 2]);
  });
});

describe('a connection that is down', () => {
  test('gives what it holds to the others, as far as they have room', () => {
    const placement = make();
    placement.subscribe([1, 2, 3, 4], undefined); // 0: 1, 4 — 1: 2 — 2: 3
    placement.takeOut(0);
    expect(placement.unplaced).toEqual([1, 4]);
    const changes = placement.placeUnplaced(nobody);
    expect(changes[0]).toMatchObject({ channelId: 0, release: [1, 4] });
    expect(placement.unplaced).toEqual([]);
    expect(homes(placement).map((held) => held.length)).toEqual([0, 2, 2]);
  });

  test('keeps what fits nowhere else, until there is room', () => {
    const placement = make();
    placement.subscribe([1, 2, 3, 4, 5, 6], undefined);
    placement.takeOut(0);
    expect(placement.placeUnplaced(nobody)).toEqual([]);
    expect(placement.unplaced).toEqual([1, 4]);
    placement.unsubscribe([2]);
    expect(placement.placeUnplaced(nobody)).toEqual([
      { channelId: 0, release: [1], assign: new Map() },
      { channelId: 1, release: [], assign: new Map([[1, 'quote']]) },
    ]);
    expect(placement.unplaced).toEqual([4]);
  });

  test('gets new instruments only when nobody else has room, and then they are unplaced', () => {
    const placement = make();
    placement.takeOut(1);
    placement.subscribe([1, 2, 3, 4, 5], undefined);
    expect(homes(placement)).toEqual([[1, 3], [5], [2, 4]]);
    expect(placement.unplaced).toEqual([5]);
  });

  test('gets nothing back for its own sake', () => {
    const placement = make();
    placement.subscribe([1, 2, 3], undefined);
    placement.takeOut(0);
    placement.placeUnplaced(nobody);
    const before = homes(placement);
    placement.restore(0);
    expect(placement.placeUnplaced(nobody)).toEqual([]);
    expect(homes(placement)).toEqual(before);
  });

  test('gives nothing to another that is down itself', () => {
    const placement = make();
    placement.subscribe([1, 2, 3], undefined);
    placement.takeOut(0);
    expect(placement.placeUnplaced((channelId) => channelId === 1)).toMatchObject([
      { channelId: 0, release: [1] },
      { channelId: 2, assign: new Map([[1, 'quote']]) },
    ]);
    placement.takeOut(2);
    expect(placement.placeUnplaced(() => true)).toEqual([]);
    expect(placement.unplaced).toEqual([3, 1]);
  });

  test('has its instruments taken by another that comes back first', () => {
    const placement = make({ channelIds: [0, 1] });
    placement.subscribe([1, 2], undefined);
    placement.takeOut(0);
    placement.takeOut(1);
    expect(placement.placeUnplaced(nobody)).toEqual([]);
    placement.restore(1);
    placement.placeUnplaced(nobody);
    expect(homes(placement)).toEqual([[], [2, 1], []]);
  });
});

/** What connections were told to hold: the changes, applied. */
class Told {
  readonly held = new Map<ChannelId, Map<number, Mode>>(CHANNELS.map((channelId) => [channelId, new Map()]));

  apply(changes: readonly PlacementChange[]): void {
    for (const { channelId, release, assign } of changes) {
      const held = this.held.get(channelId)!;
      for (const token of release) expect(held.delete(token)).toBe(true);
      for (const [token, mode] of assign) held.set(token, mode);
    }
  }
}

const CAPACITY = 5;
const token = fc.integer({ min: 1, max: 20 });
const tokens = fc.uniqueArray(token, { maxLength: 8 });
const mode = fc.constantFrom<Mode>('ltp', 'quote', 'full');
const channelId = fc.constantFrom(...CHANNELS);

type Step = (placement: Placement, modes: Map<number, Mode>, out: Set<ChannelId>) => PlacementChange[];

const subscribe = fc.tuple(tokens, fc.option(mode, { nil: undefined })).map(([list, wanted]): Step => {
  return (placement, modes) => {
    const added = list.filter((each) => !modes.has(each));
    if (modes.size + added.length > 3 * CAPACITY) {
      const available = 3 * CAPACITY - modes.size;
      expect(refusal(() => placement.subscribe(list, wanted))).toMatchObject({
        requested: added.length,
        available,
      });
      return [];
    }
    for (const each of list) modes.set(each, wanted ?? modes.get(each) ?? 'quote');
    return placement.subscribe(list, wanted);
  };
});
const unsubscribe = tokens.map((list): Step => {
  return (placement, modes) => {
    for (const each of list) modes.delete(each);
    return placement.unsubscribe(list);
  };
});
const changeMode = fc.tuple(tokens, mode).map(([list, wanted]): Step => {
  return (placement, modes) => {
    const unknown = list.filter((each) => !modes.has(each));
    if (unknown.length > 0) {
      expect(refusal(() => placement.changeMode(list, wanted))).toMatchObject({ tokens: unknown });
      return [];
    }
    for (const each of list) modes.set(each, wanted);
    return placement.changeMode(list, wanted);
  };
});
const takeOut = channelId.map((id): Step => (placement, _, out) => {
  placement.takeOut(id);
  out.add(id);
  return placement.placeUnplaced(nobody);
});
const restore = channelId.map((id): Step => (placement, _, out) => {
  placement.restore(id);
  out.delete(id);
  return placement.placeUnplaced(nobody);
});
const place = fc.constant<Step>((placement) => placement.placeUnplaced(nobody));

describe.each(['round-robin', 'least-loaded'] as const)('whatever happens, with %s', (distribution) => {
  test('each instrument has one home, none is overfull, and the changes add up to it', () => {
    const step = fc.oneof(subscribe, unsubscribe, changeMode, takeOut, restore, place);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const placement = make({ maxSymbolsPerConnection: CAPACITY, distribution });
        const modes = new Map<number, Mode>();
        const out = new Set<ChannelId>();
        const told = new Told();
        for (const act of steps) {
          told.apply(act(placement, modes, out));
          expect(new Map(placement.modes)).toEqual(modes);
          expect(homes(placement).flat().sort()).toEqual([...modes.keys()].sort());
          for (const id of CHANNELS) {
            expect(placement.heldBy(id).size).toBeLessThanOrEqual(CAPACITY);
            for (const each of placement.heldBy(id)) expect(placement.homeOf(each)).toBe(id);
            expect(told.held.get(id)).toEqual(placement.modesOf(id));
          }
          expect(placement.unplaced).toEqual([...out].flatMap((id) => [...placement.heldBy(id)]));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('after placing, nothing is unplaced while a connection that is not down has room', () => {
    const step = fc.oneof(subscribe, unsubscribe, takeOut, restore);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const placement = make({ maxSymbolsPerConnection: CAPACITY, distribution });
        const out = new Set<ChannelId>();
        for (const act of steps) act(placement, new Map(placement.modes), out);
        placement.placeUnplaced(nobody);
        const room = CHANNELS.filter((id) => !out.has(id) && placement.heldBy(id).size < CAPACITY);
        if (room.length > 0) expect(placement.unplaced).toEqual([]);
      }),
    );
  });
});
