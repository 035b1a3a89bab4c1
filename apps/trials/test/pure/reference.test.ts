import { expect, test } from 'vitest';

import { Reference } from '../../src/oracle/reference.js';
import type { SentState } from '../../src/oracle/sent-states.js';
import { recordOf, ticks, TOKEN } from '../support/streams.js';

const stateOf = (connectionId: number, bytes: number): SentState =>
  ({ token: TOKEN, connectionId, packet: new Uint8Array(bytes) }) as SentState;

test.each([
  { of: 'the same connection', next: stateOf(1, 184), isNext: true },
  { of: 'another connection in the same mode', next: stateOf(2, 8), isNext: true },
  { of: 'another connection in another mode', next: stateOf(2, 184), isNext: false },
])('what comes of $of takes the place of what came before: $isNext', ({ next, isNext }) => {
  const first = stateOf(1, 8);
  const deliveries = [first, next].map((state, position) => ({ state, position, at: position }));
  const record = recordOf([
    [0, ticks(0, [101])],
    [1, ticks(1, [102])],
  ]);
  const none = new Set<SentState>();
  const nothing = { gaps: [], lost: [], unowed: none, movedAway: none, failures: [] };
  const reference = new Reference([{ record, deliveries, ...nothing }]);
  expect(reference.nextOf(first)?.at).toBe(isNext ? 1 : undefined);
});
