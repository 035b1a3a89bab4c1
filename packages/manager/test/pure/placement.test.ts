import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelId, isKiteError, type Mode } from '@kite/manager';

import { type Move, Placement, type PlacementChange, type PlacementOptions } from '../../src/placement.js';

const CHANNELS: readonly ChannelId[] = [0, 1, 2];

/** Connections that say what a test makes them say. */
class Connections {
  readonly down = new Set<ChannelId>();
  readonly starting = new Set<ChannelId>();
  readonly givenUp = new Set<ChannelId>();

  statusOf(channelId: ChannelId): 'starting' | 'streaming' | 'down' {
    if (this.down.has(channelId)) return 'down';
    return this.starting.has(channelId) ? 'starting' : 'streaming';
  }

  hasGivenUp(channelId: ChannelId): boolean {
    return this.givenUp.has(channelId);
  }

  /** Down for too long. */
  giveUp(...channelIds: ChannelId[]): void {
    for (const channelId of channelIds) {
      this.down.add(channelId);
      this.givenUp.add(channelId);
    }
  }

  stream(channelId: ChannelId): void {
    this.down.delete(channelId);
    this.givenUp.delete(channelId);
  }
}

function make(options: Partial<PlacementOptions> = {}): Placement {
  return new Placement({
    ...{
      channelIds: CHANNELS,
      maxSymbolsPerConnection: 2,
      distribution: 'round-robin',
      standing: new Connections(),
    },
    ...options,
  });
}

/** These instruments in one mode. */
function assign(to: Placement, list: readonly number[], as: Mode = 'quote'): PlacementChange[] {
  return to.assign(new Map(list.map((each) => [each, as])));
}

/** What each connection holds. */
function homes(of: Placement): number[][] {
  return CHANNELS.map((channelId) => [...of.heldBy(channelId)]);
}

/** The code and figures of what is thrown. */
function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (!isKiteError(error)) throw error;
    const { code, requested, available, message } = error;
    // Anyone who has too much for one account is told where there is more room.
    expect(message).toContain('@kite/multi-api');
    return { code, requested, available };
  }
  return undefined;
}

describe('a placement', () => {
  test('over capacity takes nothing, and says how much fits', () => {
    const placement = make();
    assign(placement, [1, 2, 3, 4]);
    const before = homes(placement);
    const full = { code: 'KITE_MANAGER_CAPACITY', requested: 3, available: 2 };
    expect(refusal(() => assign(placement, [5, 6, 7], 'full'))).toEqual(full);
    expect(homes(placement)).toEqual(before);
    expect([...placement.modes.values()]).toEqual(['quote', 'quote', 'quote', 'quote']);
  });

  test('over capacity leaves the modes of those that are held as they were', () => {
    const placement = make();
    assign(placement, [1, 2]);
    expect(refusal(() => assign(placement, [1, 5, 6, 7, 8, 9], 'full'))).toMatchObject({ requested: 5 });
    expect(placement.modes.get(1)).toBe('quote');
  });

  test('does not count what is held already towards capacity', () => {
    const placement = make();
    assign(placement, [1, 2, 3, 4, 5, 6]);
    expect(assign(placement, [6, 5, 4])).toEqual([]);
  });

  test('asks for one assignment for each connection that has to change, and none for what stays', () => {
    const placement = make();
    assign(placement, [1, 2], 'full');
    expect(assign(placement, [1, 2, 3], 'full')).toEqual([
      { channelId: 2, release: [], assign: new Map([[3, 'full']]) },
    ]);
  });

  test('uses room again that was given back', () => {
    const placement = make();
    assign(placement, [1, 2, 3, 4, 5, 6]);
    placement.unsubscribe([2, 4, 77]);
    expect(assign(placement, [7, 8])).not.toEqual([]);
    expect(homes(placement).map((held) => held.length)).toEqual([2, 2, 2]);
  });
});

describe('a connection that has given up', () => {
  test('gives what it holds to those that stream, as far as they have room', () => {
    const standing = new Connections();
    const placement = make({ standing });
    assign(placement, [1, 2, 3, 4]); // 0: 1, 4 — 1: 2 — 2: 3
    standing.giveUp(0);
    expect(placement.unplaced).toEqual([1, 4]);
    const moves = placement.moveAway();
    expect(placement.changesOf(moves)[0]).toMatchObject({ channelId: 0, release: [1, 4] });
    expect([placement.unplaced, placement.dark]).toEqual([[], []]);
    expect(homes(placement).map((held) => held.length)).toEqual([0, 2, 2]);
  });

  test('keeps what fits nowhere else, until there is room', () => {
    const standing = new Connections();
    const placement = make({ standing });
    assign(placement, [1, 2, 3, 4, 5, 6]);
    standing.giveUp(0);
    expect(placement.moveAway()).toEqual([]);
    expect([placement.unplaced, placement.dark]).toEqual([
      [1, 4],
      [1, 4],
    ]);
    placement.unsubscribe([2]);
    expect(placement.moveAway()).toEqual([{ token: 1, from: 0, to: 1 }]);
    expect(placement.unplaced).toEqual([4]);
  });

  test('gets nothing back without need', () => {
    const standing = new Connections();
    const placement = make({ standing });
    assign(placement, [1, 2, 3]);
    standing.giveUp(0);
    placement.moveAway();
    const before = homes(placement);
    standing.stream(0);
    expect([...placement.moveAway(), ...placement.moveBack([0])]).toEqual([]);
    expect(homes(placement)).toEqual(before);
  });

  test('gives nothing to one that is down, whether that has given up or not', () => {
    const standing = new Connections();
    const placement = make({ standing });
    assign(placement, [1, 2, 3]);
    standing.giveUp(0);
    standing.down.add(1);
    standing.down.add(2);
    expect(placement.moveAway()).toEqual([]);
    expect(placement.unplaced).toEqual([1]);
    expect(placement.dark).toEqual([1, 2, 3]);
    standing.stream(2);
    expect(placement.moveAway()).toEqual([{ token: 1, from: 0, to: 2 }]);
  });

  test('gives as much to one that starts as to one that streams', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 10 });
    assign(placement, [1, 2, 3, 4, 5, 6]);
    standing.starting.add(1);
    standing.giveUp(0);
    placement.moveAway();
    expect(homes(placement).map((held) => held.length)).toEqual([0, 3, 3]);
  });
});

describe('a connection that is down', () => {
  test('gets new instruments only when those that stream or start are full', () => {
    const standing = new Connections();
    const placement = make({ standing });
    standing.down.add(1);
    standing.starting.add(2);
    assign(placement, [1, 2, 3, 4, 5]);
    expect(homes(placement)).toEqual([[1, 3], [5], [2, 4]]);
    expect([placement.unplaced, placement.room]).toEqual([[], 0]);
  });
});

describe('an outage of every connection', () => {
  test('leaves the load spread as before: what moved to the first that came back goes home', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 10 });
    assign(placement, [1, 2, 3, 4, 5, 6]);
    const before = homes(placement);
    standing.giveUp(0, 1, 2);
    placement.noteOutageOfAll();
    standing.stream(1);
    placement.moveAway();
    expect(homes(placement).map((held) => held.length)).toEqual([0, 6, 0]);
    for (const channelId of [0, 2] as const) {
      standing.stream(channelId);
      placement.moveBack([channelId]);
    }
    expect(homes(placement).map((held) => held.sort())).toEqual(before);
  });

  test('spreads what had gathered before it: a connection with less than half of its share gets the rest', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 10 });
    assign(placement, [1, 2, 3, 4, 5, 6]);
    standing.giveUp(0);
    placement.moveAway();
    standing.stream(0);
    expect(placement.moveBack([0])).toEqual([]);
    standing.giveUp(0, 1, 2);
    placement.noteOutageOfAll();
    const moves = CHANNELS.flatMap((channelId) => {
      standing.stream(channelId);
      return placement.moveBack([channelId]);
    });
    expect(moves.map(({ to }) => to)).toEqual([0, 0]);
    expect(homes(placement).map((held) => held.length)).toEqual([2, 2, 2]);
  });

  test('counts a share that is no whole number: six of 38 on three connections are less than half of one', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 16 });
    standing.down.add(2);
    assign(
      placement,
      Array.from({ length: 38 }, (_, token) => token),
    );
    expect(homes(placement).map((held) => held.length)).toEqual([16, 16, 6]);
    placement.noteOutageOfAll();
    standing.stream(2);
    placement.moveBack([2]);
    expect(homes(placement).map((held) => held.length)).toEqual([12, 14, 12]);
  });

  test('moves an instrument once, and none back to where it is', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 10 });
    assign(placement, [1, 2, 3, 4, 5, 6]);
    standing.giveUp(0, 1);
    placement.moveAway();
    for (const channelId of [0, 1] as const) standing.stream(channelId);
    standing.giveUp(0, 1, 2);
    placement.noteOutageOfAll();
    standing.stream(0);
    const first = placement.moveAway();
    expect(first.map(({ to }) => to)).toEqual([0, 0, 0, 0, 0, 0]);
    standing.stream(1);
    expect(placement.moveBack([1])).toEqual([]);
    standing.stream(2);
    const moves = placement.moveBack([2]);
    expect(new Set(moves.map(({ token }) => token)).size).toBe(moves.length);
    expect(homes(placement).map((held) => held.length)).toEqual([2, 2, 2]);
  });

  test('is over when every connection streams: a later failover is no outage of all', () => {
    const standing = new Connections();
    const placement = make({ standing, maxSymbolsPerConnection: 10 });
    assign(placement, [1, 2, 3]);
    standing.giveUp(0, 1, 2);
    placement.noteOutageOfAll();
    for (const channelId of CHANNELS) {
      standing.stream(channelId);
      placement.moveBack([channelId]);
    }
    standing.giveUp(0);
    placement.moveAway();
    standing.stream(0);
    expect(placement.moveBack([0])).toEqual([]);
  });

  test('brings nothing back that was unsubscribed, or that has no room', () => {
    const standing = new Connections();
    const placement = make({ standing, channelIds: [0, 1], maxSymbolsPerConnection: 3 });
    assign(placement, [1, 2, 3]); // 0: 1, 3 — 1: 2
    standing.giveUp(0, 1);
    placement.noteOutageOfAll();
    standing.stream(1);
    placement.moveAway();
    placement.unsubscribe([1]);
    standing.stream(0);
    expect(placement.moveBack([0])).toEqual([{ token: 3, from: 1, to: 0 }]);
  });
});

test('a start spreads what an earlier run has left on a few connections', () => {
  const standing = new Connections();
  const placement = make({ standing, maxSymbolsPerConnection: 10 });
  assign(placement, [1, 2, 3, 4, 5, 6]);
  standing.giveUp(0);
  placement.moveAway();
  placement.forgetMoves();
  placement.starting();
  expect(homes(placement).map((held) => held.length)).toEqual([2, 2, 2]);
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

type Step = (placement: Placement, modes: Map<number, Mode>, standing: Connections) => PlacementChange[];

const moved = (placement: Placement, moves: readonly Move[]): PlacementChange[] => placement.changesOf(moves);

const subscribe = fc.tuple(tokens, mode).map(([list, wanted]): Step => {
  return (placement, modes) => {
    const added = list.filter((each) => !modes.has(each));
    if (modes.size + added.length > 3 * CAPACITY) {
      const available = 3 * CAPACITY - modes.size;
      expect(refusal(() => assign(placement, list, wanted))).toMatchObject({
        requested: added.length,
        available,
      });
      return [];
    }
    for (const each of list) modes.set(each, wanted);
    return assign(placement, list, wanted);
  };
});
const unsubscribe = tokens.map((list): Step => {
  return (placement, modes) => {
    for (const each of list) modes.delete(each);
    return placement.unsubscribe(list);
  };
});
const giveUp = channelId.map((id): Step => (placement, _, standing) => {
  standing.giveUp(id);
  if (standing.down.size === CHANNELS.length) placement.noteOutageOfAll();
  return moved(placement, placement.moveAway());
});
const stream = channelId.map((id): Step => (placement, _, standing) => {
  standing.stream(id);
  return [...moved(placement, placement.moveBack([id])), ...moved(placement, placement.moveAway())];
});
const moveAway = fc.constant<Step>((placement) => moved(placement, placement.moveAway()));

describe.each(['round-robin', 'least-loaded'] as const)('whatever happens, with %s', (distribution) => {
  test('each instrument has one home, none is overfull, and the changes add up to it', () => {
    const step = fc.oneof(subscribe, unsubscribe, giveUp, stream, moveAway);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const standing = new Connections();
        const placement = make({ maxSymbolsPerConnection: CAPACITY, distribution, standing });
        const modes = new Map<number, Mode>();
        const told = new Told();
        for (const act of steps) {
          told.apply(act(placement, modes, standing));
          expect(new Map(placement.modes)).toEqual(modes);
          expect(homes(placement).flat().sort()).toEqual([...modes.keys()].sort());
          for (const id of CHANNELS) {
            expect(placement.heldBy(id).size).toBeLessThanOrEqual(CAPACITY);
            for (const each of placement.heldBy(id)) expect(placement.homeOf(each)).toBe(id);
            expect(told.held.get(id)).toEqual(placement.modesOf(id));
          }
          const givenUp = CHANNELS.filter((id) => standing.hasGivenUp(id));
          expect(placement.unplaced).toEqual(givenUp.flatMap((id) => [...placement.heldBy(id)]));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('after placing, nothing is unplaced while a connection that streams has room', () => {
    const step = fc.oneof(subscribe, unsubscribe, giveUp, stream);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const standing = new Connections();
        const placement = make({ maxSymbolsPerConnection: CAPACITY, distribution, standing });
        for (const act of steps) act(placement, new Map(placement.modes), standing);
        placement.moveAway();
        const room = CHANNELS.filter((id) => !standing.down.has(id) && placement.heldBy(id).size < CAPACITY);
        if (room.length > 0) expect(placement.unplaced).toEqual([]);
      }),
    );
  });
});

test('the modes are a view: nobody else can change them', () => {
  const placement = make();
  const modes = placement.modes as Map<number, Mode>;
  expect(() => modes.set(2, 'full')).toThrow(TypeError);
  expect(placement.modes.size).toBe(0);
});
