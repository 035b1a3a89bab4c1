import { describe, expect, test } from 'vitest';
import type { TickerState } from '@kite/protocol';

import type { Item } from '../../src/client/client.js';
import { judgeStates } from '../../src/oracle/judge-states.js';
import { recordOf, socketLog } from '../support/streams.js';

/** The rules that the states of one connection break, each told at its time. */
function broken(
  states: readonly (readonly [at: number, state: TickerState, code?: string])[],
  {
    openedAt = [] as readonly number[],
    blocked = false,
    logIns = [] as readonly number[],
    to = undefined as number | undefined,
  } = {},
): string[] {
  const items = states.map(([at, state, code]) => {
    const item: Item = {
      type: 'state',
      state,
      code,
      receivedAt: at,
      value: state,
      from: { account: 'one', channelId: 0 },
    };
    return [at, item] as const;
  });
  return judgeStates(recordOf(items, { to }), {
    sockets: openedAt.map((at) => socketLog({ openedAt: at, openedWall: at })),
    accountOf: () => 'one',
    wasBlocked: () => blocked,
    reconnectDelayMs: 2000,
    maxReconnectDelayMs: 10_000,
    logIns,
    faultsEndAt: 1_000_000,
  }).map(({ rule }) => rule);
}

describe('states are sound', () => {
  test('where each follows from the one before, and each socket is told', () => {
    const day = [
      [10, 'connecting'],
      [20, 'open'],
      [500, 'waiting'],
      [4000, 'connecting'],
      [4010, 'open'],
      [9000, 'closing'],
      [9001, 'closed'],
    ] as const;
    expect(broken(day, { openedAt: [20, 4010] })).toEqual([]);
  });

  test('where a refusal is waited out', () => {
    expect(
      broken([
        [0, 'waiting', 'KITE_CONNECTION_RATE_LIMITED'],
        [60_000, 'connecting'],
      ]),
    ).toEqual([]);
  });

  test('where a connection that waits is dialled as soon as it has other credentials', () => {
    const states = [
      [0, 'waiting'],
      [1500, 'connecting'],
    ] as const;
    expect(broken(states, { logIns: [1500] })).toEqual([]);
  });

  test('where an attempt is begun anew with other credentials', () => {
    const states = [
      [0, 'connecting'],
      [300, 'connecting'],
    ] as const;
    expect(broken(states, { logIns: [300] })).toEqual([]);
    expect(broken(states)).toEqual(['state-wrong']);
    // The I/O worker had to hear of it first.
    expect(
      broken(
        states.map(([at, state]) => [at + 900, state] as const),
        { logIns: [0] },
      ),
    ).toEqual([]);
    expect(
      broken(
        states.map(([at, state]) => [at + 1100, state] as const),
        { logIns: [0] },
      ),
    ).toEqual(['state-wrong']);
  });

  test('where a thread was blocked while it should have acted', () => {
    expect(
      broken(
        [
          [0, 'waiting'],
          [30_000, 'connecting'],
        ],
        { blocked: true },
      ),
    ).toEqual([]);
  });
});

describe('states break a rule', () => {
  test('where one is told again, or without what leads there', () => {
    expect(
      broken(
        [
          [0, 'connecting'],
          [5, 'open'],
          [6, 'open'],
        ],
        { openedAt: [5, 6] },
      ),
    ).toEqual(['state-wrong']);
    expect(
      broken(
        [
          [0, 'waiting'],
          [5, 'open'],
        ],
        { openedAt: [5] },
      ),
    ).toEqual(['state-wrong']);
  });

  test('where a connection is told to be open that is not, or the other way round', () => {
    expect(
      broken([
        [0, 'connecting'],
        [5, 'open'],
      ]),
    ).toEqual(['state-wrong']);
    expect(
      broken(
        [
          [0, 'connecting'],
          [5, 'open'],
        ],
        { openedAt: [9] },
      ),
    ).toEqual(['state-wrong']);
    expect(broken([[0, 'connecting']], { openedAt: [5] })).toEqual(['state-wrong']);
  });

  test('where a lost connection is dialled too early or too late', () => {
    expect(
      broken([
        [0, 'waiting'],
        [1500, 'connecting'],
      ]),
    ).toEqual(['reconnect-unpaced']);
    expect(
      broken([
        [0, 'waiting'],
        [12_000, 'connecting'],
      ]),
    ).toEqual(['reconnect-unpaced']);
  });
});
