import assert from 'node:assert/strict';
import { KiteError } from '@kite/connection';
import type { FuzzTarget } from '@kite/testkit';

import {
  INITIAL_STATE,
  type MachineEvent,
  type MachinePolicy,
  transition,
} from '../../src/socket/machine.js';
import { LiveAttempt, MACHINE_RULES, OUTCOMES } from '../support/machine-rules.js';

const GONE = new KiteError('KITE_CONNECTION_LOST', 'gone');
const ASKED = ['open', 'close', 'retry', 'credentials'] as const;
const TOLD = ['opened', 'delivered', 'up-long-enough'] as const;

/** The life of a connection, four bytes of policy and then two for each event: every rule of the machine holds at every one. */
export const target: FuzzTarget = {
  seeds: [
    [8, 20, 3, 9, 0, 0, 4, 0, 5, 0, 6, 0, 7, 0, 2, 0, 4, 0],
    [0, 0, 0, 0, 0, 0, 7, 3, 2, 0, 7, 3, 3, 0, 4, 0, 1, 0, 7, 0, 0, 0],
    [200, 1, 255, 1, 0, 0, 4, 0, 7, 2, 2, 0, 7, 2, 2, 0, 7, 2],
  ].map((bytes) => Uint8Array.from(bytes)),
  maxLength: 404,
  run(input) {
    const policy = policyOf(input);
    const attempts = new LiveAttempt();
    let before = INITIAL_STATE;
    for (let at = 4; at + 1 < input.length; at += 2) {
      const event = eventOf(input[at]!, input[at + 1]!, before.attempt);
      const { state: after, effects } = transition(before, event, policy);
      const seen = { before, event, after, effects };
      for (const { title, holds } of MACHINE_RULES) assert.ok(holds(seen, policy), title);
      assert.ok(attempts.holdsAfter(seen), 'two attempts live');
      before = after;
    }
  },
};

function policyOf([delay = 0, longer = 0, attempts = 0, others = 0]: Uint8Array): MachinePolicy {
  const reconnectDelayMs = 1 + delay * 100;
  return {
    reconnectDelayMs,
    maxReconnectDelayMs: reconnectDelayMs + longer * longer,
    maxReconnectAttempts: attempts === 255 ? Infinity : attempts,
    stableAfterMs: 1 + others * 1000,
    rateLimitDelayMs: 1 + others * 700,
    unauthorizedRetryDelayMs: 1 + others * 300,
  };
}

/** `detail` says of which attempt it comes; of an end also how it came, and what the account has been through. */
function eventOf(kind: number, detail: number, newest: number): MachineEvent {
  const asked = ASKED[kind % 8];
  if (asked) return { type: asked };
  const told = TOLD[(kind % 8) - 4];
  if (told) return { type: told, attempt: newest - (detail % 3) };
  const bit = (place: number): boolean => ((kind >> place) & 1) === 1;
  return {
    type: 'ended',
    attempt: newest - (detail >> 6 === 3 ? 1 : 0),
    end: {
      outcome: OUTCOMES[detail % OUTCOMES.length]!,
      error: GONE,
      ...(bit(3) && { rejectedAgoMs: detail * 1000 }),
      ...(bit(4) && { retryAfterMs: detail * detail * 100 }),
    },
    chance: (detail % 16) / 16,
    account: { hasOpened: bit(5), credentialsOpened: bit(6), mayHaveGhost: bit(7) },
  };
}
