import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKiteError, type Mode } from '@kite/multi-api';

import { AccountPlacement, type Situation } from '../../src/accounts/account-placement.js';
import type { DistributionStrategy } from '../../src/accounts/distribution.js';
import type { AccountChange } from '../../src/accounts/placement-change.js';

/** Accounts that do as they are told: what each of them streams, and whether it is down. */
class World {
  readonly placement: AccountPlacement;
  readonly held = new Map<string, Map<number, Mode>>();
  readonly down = new Set<string>();
  readonly leaving = new Set<string>();
  readonly capacity: number;

  constructor(ids: string[], capacity = 100, replicas = 1, strategy: DistributionStrategy = 'round-robin') {
    this.placement = new AccountPlacement({ strategy, replicas, defaultMode: 'quote' });
    this.capacity = capacity;
    for (const id of ids) this.held.set(id, new Map());
  }

  get situation(): Situation {
    return {
      accounts: [...this.held].map(([id, modes]) => {
        const spare = this.capacity - modes.size;
        return { id, room: this.down.has(id) ? 0 : spare, spare, held: modes.size, weight: 1 };
      }),
      leaving: this.leaving,
      isUnplaced: (id) => this.down.has(id),
    };
  }

  /** Carries out the changes; everything is assigned before anything is released, so no account may ever be too full. */
  carryOut(changes: AccountChange[]): void {
    for (const { apiKeyId, assign } of changes) {
      const modes = this.held.get(apiKeyId)!;
      for (const [token, mode] of assign) modes.set(token, mode);
      expect(modes.size).toBeLessThanOrEqual(this.capacity);
    }
    for (const { apiKeyId, release } of changes) {
      for (const token of release) expect(this.held.get(apiKeyId)!.delete(token)).toBe(true);
    }
  }

  /** What the caller's subscriptions ask of the strategy. */
  assign(tokens: number[], mode?: Mode): AccountChange[] {
    const modes = tokens.map((token): [number, Mode] => [
      token,
      mode ?? this.placement.modeOf(token) ?? 'quote',
    ]);
    return this.placement.assign(new Map(modes), this.situation);
  }

  subscribe(tokens: number[], mode?: Mode): void {
    this.carryOut(this.assign(tokens, mode));
    if (mode !== undefined) this.carryOut(this.placement.setPinMode(tokens, mode));
  }

  unsubscribe(tokens: number[]): void {
    this.carryOut(this.placement.release(tokens));
    this.carryOut(this.placement.unpin(tokens));
  }

  pin(id: string, tokens: number[], mode?: Mode): void {
    this.carryOut(this.placement.subscribeTo(id, tokens, mode));
  }

  repair(): void {
    this.carryOut(this.placement.repair(this.situation));
  }

  leave(id: string): void {
    this.leaving.add(id);
    this.repair();
    this.held.delete(id);
    this.leaving.delete(id);
    this.down.delete(id);
    this.placement.drop(id);
    this.repair();
  }

  holders(token: number): string[] {
    return [...this.held].filter(([, modes]) => modes.has(token)).map(([id]) => id);
  }

  /** What each of them streams, in words. */
  get shown(): Record<string, string> {
    return Object.fromEntries(
      [...this.held].map(([id, modes]) => [
        id,
        [...modes].map(([token, mode]) => `${token} ${mode}`).join(', '),
      ]),
    );
  }
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (isKiteError(error)) return error.code;
    throw error;
  }
}

describe('the placement on accounts', () => {
  test('gives new instruments the default mode, and leaves that of others unless one is given', () => {
    const world = new World(['a']);
    world.subscribe([1]);
    world.subscribe([1, 2], 'full');
    world.subscribe([1, 2, 3]);
    expect(world.shown).toEqual({ a: '1 full, 2 full, 3 quote' });
  });

  test('asks nothing of an account that has it already', () => {
    const world = new World(['a', 'b']);
    world.subscribe([1, 2, 3], 'ltp');
    expect(world.assign([1, 2, 3], 'ltp')).toEqual([]);
    expect(world.assign([3])).toEqual([]);
  });

  test('says how many would fit, and has changed nothing, not even whose turn it is', () => {
    const world = new World(['a', 'b', 'c'], 1);
    world.subscribe([1]);
    expect(() => world.assign([2, 3, 4])).toThrow(
      expect.objectContaining({ code: 'KITE_MULTI_API_CAPACITY', requested: 3, available: 2 }),
    );
    expect(world.placement.size).toBe(1);
    world.subscribe([2]);
    expect(world.shown).toEqual({ a: '1 quote', b: '2 quote', c: '' });
  });

  test('counts what fits in copies', () => {
    const world = new World(['a', 'b', 'c'], 2, 2);
    expect(() => world.assign([1, 2, 3, 4])).toThrow(/room for 3 on 2 accounts/);
    world.subscribe([1, 2, 3]);
    for (const token of [1, 2, 3]) expect(world.holders(token)).toHaveLength(2);
  });

  test('refuses to choose an account under the strategy manual, and names what to call', () => {
    const world = new World(['a'], 9, 1, 'manual');
    expect(() => world.subscribe([1])).toThrow(/subscribeSymbolsToApi/);
    world.pin('a', [1]);
    expect(world.shown).toEqual({ a: '1 quote' });
  });

  test('keeps a mode for each account where the caller chose it, the higher one where the strategy chose it too', () => {
    const world = new World(['a', 'b']);
    world.subscribe([1], 'quote');
    world.pin('a', [1], 'ltp');
    world.pin('b', [1], 'ltp');
    expect(world.shown).toEqual({ a: '1 quote', b: '1 ltp' });
    world.pin('a', [1], 'full');
    expect(world.shown).toEqual({ a: '1 full', b: '1 ltp' });
    world.subscribe([1], 'quote');
    expect(world.shown).toEqual({ a: '1 quote', b: '1 quote' });
  });

  test('moves what the strategy placed from an account that is down to others, and leaves what the caller placed', () => {
    const world = new World(['a', 'b']);
    world.pin('a', [9], 'full');
    world.subscribe([1, 2], 'ltp');
    world.down.add('a');
    world.repair();
    expect(world.shown).toEqual({ a: '9 full', b: '2 ltp, 1 ltp' });
    expect(world.placement.unplaced(world.situation)).toEqual([9]);
    world.down.delete('a');
    world.repair();
    expect(world.shown).toEqual({ a: '9 full', b: '2 ltp, 1 ltp' });
  });

  test('leaves with an account that is down what fits nowhere else, and moves it when there is room', () => {
    const world = new World(['a', 'b'], 2);
    world.subscribe([1, 2, 3, 4]);
    world.down.add('a');
    world.repair();
    expect(world.placement.unplaced(world.situation)).toEqual([1, 3]);
    world.unsubscribe([2]);
    world.repair();
    expect(world.placement.unplaced(world.situation)).toHaveLength(1);
  });

  test('moves everything from an account that leaves, in the mode that it had there, before it goes', () => {
    const world = new World(['a', 'b']);
    world.subscribe([1, 2], 'ltp');
    world.pin('a', [9], 'quote');
    world.pin('a', [9], 'full');
    world.leaving.add('a');
    const changes = world.placement.repair(world.situation);
    expect(changes.map(({ apiKeyId }) => apiKeyId)).toEqual(['b']);
    expect(changes[0]!.release).toEqual([]);
    world.carryOut(changes);
    expect(world.shown).toEqual({ a: '1 ltp, 9 full', b: '2 ltp, 1 ltp, 9 full' });
    expect(world.placement.copiesOf(1)).toEqual(['a', 'b']);
    world.leave('a');
    expect(world.shown).toEqual({ b: '2 ltp, 1 ltp, 9 full' });
  });

  test('keeps where the caller chose it what the strategy does not want any more, in the mode chosen there, and the other way round', () => {
    const world = new World(['a', 'b'], 9, 2);
    world.subscribe([1, 2], 'full');
    world.pin('a', [1], 'ltp');
    world.carryOut(world.placement.release([1, 2]));
    expect(world.shown).toEqual({ a: '1 ltp', b: '' });
    world.subscribe([1], 'quote');
    world.repair();
    world.carryOut(world.placement.unpin([1]));
    expect(world.shown).toEqual({ a: '1 quote', b: '1 quote' });
    world.carryOut(world.placement.release([1]));
    expect(world.placement.size).toBe(0);
  });

  test('counts as free what is released first', () => {
    const world = new World(['a', 'b'], 2, 2);
    world.subscribe([1, 2]);
    const { situation } = world;
    expect(codeOf(() => world.placement.assertRoom([3, 4], [1], situation))).toBe('KITE_MULTI_API_CAPACITY');
    expect(codeOf(() => world.placement.assertRoom([3, 4], [1, 2], situation))).toBeUndefined();
    world.pin('a', [1]);
    expect(codeOf(() => world.placement.assertRoom([3, 4], [1, 2], situation))).toBe(
      'KITE_MULTI_API_CAPACITY',
    );
  });

  test('hands what the caller chose over to the strategy when its account goes, and says so', () => {
    const adopted: [number, Mode][] = [];
    const placement = new AccountPlacement(
      { strategy: 'round-robin', replicas: 1, defaultMode: 'quote' },
      (...what) => adopted.push(what),
    );
    placement.subscribeTo('a', [1], 'full');
    placement.drop('a');
    placement.drop('a');
    expect(adopted).toEqual([[1, 'full']]);
  });

  test('places nothing new on an account that leaves', () => {
    const world = new World(['a', 'b'], 3);
    world.leaving.add('a');
    world.subscribe([1, 2, 3]);
    expect(world.shown).toEqual({ a: '', b: '1 quote, 2 quote, 3 quote' });
    expect(codeOf(() => world.subscribe([4]))).toBe('KITE_MULTI_API_CAPACITY');
  });

  test('keeps the wish when the last account has gone, with its mode, for one that comes', () => {
    const world = new World(['a']);
    world.pin('a', [7], 'ltp');
    world.pin('a', [7], 'full');
    world.subscribe([1], 'ltp');
    world.leave('a');
    expect(world.placement.unplaced(world.situation).sort()).toEqual([1, 7]);
    world.held.set('b', new Map());
    world.repair();
    expect(world.shown).toEqual({ b: '7 full, 1 ltp' });
  });

  test('brings replicas back to their number when an account recovers or joins', () => {
    const world = new World(['a', 'b'], 100, 2);
    world.subscribe([1, 2]);
    world.down.add('b');
    world.repair();
    expect(world.holders(1)).toEqual(['a', 'b']);
    world.held.set('c', new Map());
    world.repair();
    expect(world.holders(1)).toEqual(['a', 'c']);
    expect(world.placement.copiesOf(1)).toEqual(['a', 'c']);
  });

  test('never takes an instrument from an account and gives it back to it in one step', () => {
    const world = new World(['a', 'b', 'c'], 100, 2);
    world.subscribe([1]);
    expect(world.holders(1)).toEqual(['a', 'b']);
    // Both have another connection with room.
    const isUnplaced = (id: string): boolean => id !== 'c';
    world.carryOut(world.placement.repair({ ...world.situation, isUnplaced }));
    expect(world.holders(1)).toEqual([...world.placement.holdersOf(1).keys()].sort());
    expect(world.holders(1)).toEqual(['a', 'c']);
    world.repair();
    expect(world.holders(1)).toEqual(['a', 'c']);
  });

  test('takes streams that the caller alone chose for no copies of the others', () => {
    const world = new World(['a', 'b', 'c'], 9, 2);
    world.subscribe([1]);
    expect(world.placement.copiesOf(1)).toEqual(['a', 'b']);
    world.pin('c', [1, 2]);
    world.pin('a', [1]);
    expect(world.placement.copiesOf(1)).toEqual(['a', 'b']);
    expect(world.placement.copiesOf(2)).toEqual([]);
    // From here on the strategy may use it.
    world.subscribe([2]);
    world.repair();
    expect(world.placement.copiesOf(2)[0]).toBe('c');
    expect(world.placement.copiesOf(2)).toHaveLength(2);
  });
});

type Step = (world: World, wishes: Wishes) => void;

/** What was asked for, by the rules of the API alone. */
class Wishes {
  readonly automatic = new Set<number>();
  readonly pinned = new Map<string, Set<number>>();

  get all(): Set<number> {
    return new Set([...this.automatic, ...[...this.pinned.values()].flatMap((tokens) => [...tokens])]);
  }
}

const CAPACITY = 6;
const tokens = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
const mode = fc.constantFrom<Mode>('ltp', 'quote', 'full');
const optionalMode = fc.option(mode, { nil: undefined });
const account = fc.constantFrom('a', 'b', 'c', 'd');

function pinnedOf(wishes: Wishes, id: string): Set<number> {
  let pinned = wishes.pinned.get(id);
  if (!pinned) wishes.pinned.set(id, (pinned = new Set()));
  return pinned;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(tokens, optionalMode).map(([list, wanted]): Step => (world, wishes) => {
    const before = world.shown;
    if (codeOf(() => world.subscribe(list, wanted)) === undefined) {
      for (const token of list) {
        wishes.automatic.add(token);
        if (wanted !== undefined)
          for (const id of world.holders(token)) expect(world.held.get(id)!.get(token)).toBe(wanted);
      }
    } else expect(world.shown).toEqual(before);
  }),
  fc.tuple(account, tokens, optionalMode).map(([id, list, wanted]): Step => (world, wishes) => {
    const modes = world.held.get(id);
    if (!modes) return;
    const added = list.filter((token) => !modes.has(token)).length;
    if (modes.size + added > CAPACITY) return;
    world.pin(id, list, wanted);
    for (const token of list) {
      pinnedOf(wishes, id).add(token);
      expect(modes.has(token)).toBe(true);
    }
  }),
  tokens.map((list): Step => (world, wishes) => {
    world.unsubscribe(list);
    for (const token of list) {
      wishes.automatic.delete(token);
      for (const pinned of wishes.pinned.values()) pinned.delete(token);
      expect(world.holders(token)).toEqual([]);
    }
    world.repair();
  }),
  tokens.map((list): Step => (world, wishes) => {
    world.carryOut(world.placement.release(list));
    for (const token of list) {
      wishes.automatic.delete(token);
      const pinned = [...wishes.pinned].filter(([, held]) => held.has(token)).map(([id]) => id);
      expect(world.holders(token).sort()).toEqual(pinned.sort());
    }
    world.repair();
  }),
  account.map((id): Step => (world) => {
    if (world.held.has(id)) world.down.add(id);
    world.repair();
  }),
  account.map((id): Step => (world) => {
    world.down.delete(id);
    world.repair();
  }),
  account.map((id): Step => (world, wishes) => {
    if (!world.held.has(id)) {
      world.held.set(id, new Map());
      world.repair();
      return;
    }
    world.leave(id);
    for (const token of wishes.pinned.get(id) ?? []) {
      const isPinnedElsewhere = [...wishes.pinned].some(
        ([other, pinned]) => other !== id && pinned.has(token),
      );
      if (!isPinnedElsewhere) wishes.automatic.add(token);
    }
    wishes.pinned.delete(id);
  }),
);

describe('any sequence of requests, of accounts that come and go, fail and recover', () => {
  test('leaves on each account what was asked for, copies on accounts that differ, none too full, as much on healthy ones as fits', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom<DistributionStrategy>('round-robin', 'least-loaded', 'weighted'),
        (sequence, replicas, strategy) => {
          const world = new World(['a', 'b', 'c'], CAPACITY, replicas, strategy);
          const wishes = new Wishes();
          for (const step of sequence) {
            step(world, wishes);
            expect(world.placement.size).toBe(wishes.all.size);
            for (const token of wishes.all) {
              expect([...world.placement.holdersOf(token)]).toEqual(
                expect.arrayContaining(
                  world.holders(token).map((id) => [id, world.held.get(id)!.get(token)]),
                ),
              );
              expect(world.placement.holdersOf(token).size).toBe(world.holders(token).length);
            }
            for (const [id, pinned] of wishes.pinned)
              for (const token of pinned) expect(world.held.get(id)!.has(token)).toBe(true);
          }
          world.repair();
          const { accounts } = world.situation;
          for (const token of wishes.automatic) {
            const healthy = world.holders(token).filter((id) => !world.down.has(id));
            const couldTake = accounts.filter(
              ({ id, room }) => room > 0 && !world.holders(token).includes(id),
            );
            if (healthy.length < Math.min(replicas, accounts.length)) expect(couldTake).toEqual([]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
