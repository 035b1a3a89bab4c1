import { describe, expect, test } from 'vitest';

import type { PlacedConnection } from '../../src/client/client.js';
import { PlacementWatch } from '../../src/oracle/placement-watch.js';

const TOKEN = 408065;
type State = PlacedConnection['state'];

/** A connection of its own account, which holds the instrument or not. */
const connection = (account: string, state: State, holds: boolean): PlacedConnection => ({
  account,
  channelId: 0,
  state,
  tokens: holds ? [TOKEN] : [],
});

/** At which seconds the watch finds fault, with one look a second; instruments have to move after two seconds. */
function found(looks: readonly (readonly PlacedConnection[])[], blocked: readonly number[] = []): number[] {
  const watch = new PlacementWatch({ failoverAfterMs: 2000, maxSymbolsPerConnection: 1 });
  for (const [second, placed] of looks.entries()) watch.look(second * 1000, placed, blocked.includes(second));
  return watch.failures.map(({ at }) => at / 1000);
}

const times = (count: number, ...placed: readonly PlacedConnection[]) =>
  Array.from({ length: count }, () => placed);

const well = times(2, connection('a', 'open', true), connection('b', 'open', false));

describe('an instrument may be on a connection that is down', () => {
  test('for as long as it takes to give it up', () => {
    const away = times(3, connection('a', 'waiting', true), connection('b', 'open', false));
    const moved = times(9, connection('a', 'waiting', false), connection('b', 'open', true));
    expect(found([...well, ...away, ...moved])).toEqual([]);
  });

  test('where no other one is open, has room, or does without a copy of it', () => {
    const down = connection('a', 'waiting', true);
    expect(found([...well, ...times(9, down, connection('b', 'waiting', false))])).toEqual([]);
    const full = { ...connection('b', 'open', false), tokens: [1] };
    expect(found([...well, ...times(9, down, full)])).toEqual([]);
    expect(found([...well, ...times(9, down, connection('b', 'open', true))])).toEqual([]);
  });

  test('while that one is in its first attempt', () => {
    const starting = times(3, connection('a', 'connecting', true), connection('b', 'open', false));
    expect(found(starting)).toEqual([]);
  });

  test('for as long, where it was put there while no other one was open', () => {
    const watch = new PlacementWatch({ failoverAfterMs: 4000, maxSymbolsPerConnection: 1 });
    const [away, put] = [connection('a', 'waiting', false), connection('a', 'waiting', true)];
    const [down, open] = [connection('b', 'waiting', false), connection('b', 'open', false)];
    const looks = [...well, [away, down], [put, down], [put, open], [put, open]];
    for (const [second, placed] of looks.entries()) watch.look(second * 1000, placed, false);
    expect(watch.failures).toEqual([]);
  });

  test('for as long, where it was put there while all that were open had copies of it', () => {
    const watch = new PlacementWatch({ failoverAfterMs: 6000, maxSymbolsPerConnection: 2 });
    const own = (state: State): PlacedConnection => ({ ...connection('a', state, false), channelId: 1 });
    const [away, put] = [connection('a', 'waiting', false), connection('a', 'waiting', true)];
    const copy = connection('b', 'open', true);
    const before = times(3, away, own('waiting'), copy);
    const looks = [...before, ...times(2, put, own('waiting'), copy), ...times(2, put, own('open'), copy)];
    for (const [second, placed] of looks.entries()) watch.look(second * 1000, placed, false);
    expect(watch.failures).toEqual([]);
  });

  test('where a start has put it there, whatever was open before', () => {
    const watch = new PlacementWatch({ failoverAfterMs: 4000, maxSymbolsPerConnection: 1 });
    const b = connection('b', 'open', false);
    for (const now of [0, 1000]) watch.look(now, [connection('a', 'waiting', false), b], false);
    for (const now of [2000, 3000, 4000]) watch.look(now, [connection('a', 'waiting', true), b], false, 1100);
    expect(watch.failures).toEqual([]);
  });

  test('where all that is open is dead, and nobody knows yet', () => {
    const looks = [...well, ...times(9, connection('a', 'failed', true), connection('b', 'open', false))];
    const watch = new PlacementWatch({ failoverAfterMs: 2000, maxSymbolsPerConnection: 1 });
    for (const [second, placed] of looks.entries())
      watch.look(second * 1000, placed, false, 0, new Map(second < 7 ? [['b', 1]] : []));
    expect(watch.failures.map(({ at }) => at)).toEqual([8000]);
  });

  test('where the one that has room is dead, and others of its account are full', () => {
    const full = { ...connection('b', 'open', false), channelId: 1, tokens: [2] };
    const away = [connection('a', 'failed', true), connection('b', 'open', false), full];
    const watch = new PlacementWatch({ failoverAfterMs: 2000, maxSymbolsPerConnection: 1 });
    for (const [second, placed] of [...well, ...times(6, ...away)].entries())
      watch.look(second * 1000, placed, false, 0, new Map([['b', 1]]));
    expect(watch.failures).toEqual([]);
  });

  test('for as long, where its connection was open for a moment between two looks', () => {
    const placed = [connection('a', 'waiting', true), connection('b', 'open', false)];
    const flaps = new PlacementWatch({ failoverAfterMs: 2000, maxSymbolsPerConnection: 1 });
    const looks = [...well.map(([a]) => [{ ...a!, state: 'waiting' as const }]), ...times(6, ...placed)];
    for (const [second, seen] of looks.entries())
      flaps.look(second * 1000, seen, false, 0, undefined, new Set(second === 2 ? ['a'] : []));
    expect(flaps.failures.map(({ at }) => at)).toEqual([6000]);
  });

  test('for as long, where it was put there while its connection was open for a moment between two looks', () => {
    const looks = (flapped: readonly string[]): PlacementWatch => {
      const watch = new PlacementWatch({ failoverAfterMs: 4000, maxSymbolsPerConnection: 1 });
      const away = times(3, connection('a', 'waiting', false), connection('b', 'open', true));
      const put = times(3, connection('a', 'waiting', true), connection('b', 'open', false));
      const open = times(1, connection('a', 'waiting', false), connection('b', 'open', false));
      for (const [second, placed] of [...well, ...away, ...open, ...put].entries())
        watch.look(second * 1000, placed, false, 0, undefined, new Set(second === 6 ? flapped : []));
      return watch;
    };
    expect(looks(['a']).failures).toEqual([]);
    expect(looks(['b']).failures).toHaveLength(1);
  });

  test('while the program cannot act', () => {
    const away = times(6, connection('a', 'waiting', true), connection('b', 'open', false));
    expect(found([...well, ...away], [3, 4, 5, 6, 7])).toEqual([]);
  });

  test('for as long once more as the program could not act', () => {
    const away = times(9, connection('a', 'waiting', true), connection('b', 'open', false));
    expect(found([...well, ...away], [4])).toEqual([8]);
  });
});

describe('an instrument is in the wrong place', () => {
  test('where it stays on a connection that is down for too long', () => {
    const away = times(6, connection('a', 'waiting', true), connection('b', 'open', false));
    expect(found([...well, ...away])).toEqual([6]);
  });

  test('where it was moved to one that was down already', () => {
    const c = connection('c', 'open', false);
    const away = times(2, connection('a', 'waiting', true), connection('b', 'waiting', false), c);
    const moved = times(3, connection('a', 'waiting', false), connection('b', 'waiting', true), c);
    expect(found([...away, ...moved])).toEqual([3]);
  });

  test('where it stays on one that has failed', () => {
    const away = times(3, connection('a', 'failed', true), connection('b', 'open', false));
    expect(found([...well, ...away])).toEqual([3]);
  });
});
