import fc from 'fast-check';
import { describe, test } from 'vitest';
import { KiteError } from '@kite/connection';

import {
  INITIAL_STATE,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from '../../src/socket/machine.js';
import type { Experience } from '../../src/socket/retry.js';
import { LiveAttempt, MACHINE_RULES, OUTCOMES, type Seen } from '../support/machine-rules.js';

const error = new KiteError('KITE_CONNECTION_LOST', 'gone');

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const durationMs = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

const policies: fc.Arbitrary<MachinePolicy> = fc
  .record({
    reconnectDelayMs: durationMs,
    longer: fc.double({ min: 0, max: 1e6, noNaN: true }),
    maxReconnectAttempts: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(Infinity)),
    stableAfterMs: durationMs,
    rateLimitDelayMs: durationMs,
    unauthorizedRetryDelayMs: durationMs,
  })
  .map(({ longer, ...policy }) => ({ ...policy, maxReconnectDelayMs: policy.reconnectDelayMs + longer }));

const experiences: fc.Arbitrary<Experience> = fc.record({
  hasOpened: fc.boolean(),
  credentialsOpened: fc.boolean(),
  mayHaveGhost: fc.boolean(),
});

/** Of the newest attempt, or of one before it. */
const age = fc.constantFrom(0, 0, 0, 1, 2);

type Step = (state: MachineState) => MachineEvent;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>(
    () => ({ type: 'open' }),
    () => ({ type: 'close' }),
    () => ({ type: 'retry' }),
    () => ({ type: 'credentials' }),
  ),
  fc
    .tuple(fc.constantFrom('opened' as const, 'delivered' as const, 'up-long-enough' as const), age)
    .map(([type, old]): Step => ({ attempt }) => ({ type, attempt: attempt - old })),
  fc
    .tuple(
      fc.constantFrom(...OUTCOMES),
      age,
      chance,
      fc.option(durationMs),
      fc.option(durationMs),
      experiences,
    )
    .map(([outcome, old, value, ago, after, account]): Step => ({ attempt }) => ({
      type: 'ended',
      attempt: attempt - old,
      end: {
        ...{ outcome, error },
        ...(ago !== null && { rejectedAgoMs: ago }),
        ...(after !== null && { retryAfterMs: after }),
      },
      chance: value,
      account,
    })),
);

/** Whether `holds` is true of every transition of every life. */
function always(begin: () => (seen: Seen, policy: MachinePolicy) => boolean): void {
  fc.assert(
    fc.property(policies, fc.array(steps, { maxLength: 60 }), (policy, life) => {
      const holds = begin();
      let before = INITIAL_STATE;
      return life.every((step) => {
        const event = step(before);
        const { state: after, effects } = transition(before, event, policy);
        const isRight = holds({ before, event, after, effects }, policy);
        before = after;
        return isRight;
      });
    }),
  );
}

describe('in every life of a connection', () => {
  test.each(MACHINE_RULES)('$title', ({ holds }) => {
    always(() => holds);
  });

  test('never do two attempts live: a new one starts only where the last has ended or was abandoned', () => {
    always(() => {
      const attempts = new LiveAttempt();
      return (seen) => attempts.holdsAfter(seen);
    });
  });
});
