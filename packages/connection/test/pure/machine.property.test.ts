import fc from 'fast-check';
import { describe, test } from 'vitest';
import { KiteError } from '@kite/connection';

import {
  INITIAL_STATE,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from '../../src/socket/machine.js';
import type { AttemptOutcome, Experience } from '../../src/socket/retry.js';

const error = new KiteError('KITE_CONNECTION_LOST', 'gone');
const OUTCOMES: AttemptOutcome[] = [
  'lost',
  'lost-uncleanly',
  'rate-limited',
  'rejected',
  'rejected-renewable',
  'token-unchanged',
  'bad-request',
];

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

interface Seen {
  before: MachineState;
  event: MachineEvent;
  after: MachineState;
  effects: readonly MachineEffect[];
}

/** Whether `holds` is true of every transition of every life. */
function always(holds: (seen: Seen, policy: MachinePolicy) => boolean): void {
  fc.assert(
    fc.property(policies, fc.array(steps, { maxLength: 60 }), (policy, life) => {
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
  test('the attempt number never falls, and grows only with an attempt, by one', () => {
    always(({ before, after, effects }) => {
      const attempts = effects.filter((effect) => effect.type === 'attempt');
      if (attempts.length === 0) return after.attempt === before.attempt;
      return (
        attempts.length === 1 &&
        attempts[0]?.attempt === before.attempt + 1 &&
        after.attempt === before.attempt + 1
      );
    });
  });

  test('never do two attempts live: a new one starts only where the last has ended or was abandoned', () => {
    fc.assert(
      fc.property(policies, fc.array(steps, { maxLength: 60 }), (policy, life) => {
        let state = INITIAL_STATE;
        let live: number | undefined;
        return life.every((step) => {
          const event = step(state);
          if (event.type === 'ended' && event.attempt === live) live = undefined;
          const { state: after, effects } = transition(state, event, policy);
          state = after;
          for (const effect of effects) {
            if (effect.type === 'abandon') live = undefined;
            if (effect.type !== 'attempt') continue;
            if (live !== undefined) return false;
            live = effect.attempt;
          }
          return true;
        });
      }),
    );
  });

  test('whoever begins to wait has a wait to end it, and whoever stops does so by retry, close or credentials', () => {
    always(({ before, event, after, effects }) => {
      const waits = effects.filter((effect) => effect.type === 'wait');
      if (after.name === 'waiting' && before.name !== 'waiting') return waits.length === 1;
      if (before.name === 'waiting' && after.name !== 'waiting') {
        const isStopped = effects.some((effect) => effect.type === 'stop-waiting');
        return (
          event.type === 'retry' || ((event.type === 'close' || event.type === 'credentials') && isStopped)
        );
      }
      return waits.length === 0 || after.name === 'waiting';
    });
  });

  test('every delay is a finite number of milliseconds, 0 or more', () => {
    always(({ effects }) =>
      effects.every(
        (effect) => effect.type !== 'wait' || (Number.isFinite(effect.delayMs) && effect.delayMs >= 0),
      ),
    );
  });

  test('a lost connection waits between reconnectDelayMs and maxReconnectDelayMs', () => {
    always(({ event, effects }, { reconnectDelayMs, maxReconnectDelayMs }) => {
      if (event.type !== 'ended' || !event.end.outcome.startsWith('lost')) return true;
      return effects.every(
        (effect) =>
          effect.type !== 'wait' ||
          (effect.delayMs >= reconnectDelayMs && effect.delayMs <= maxReconnectDelayMs),
      );
    });
  });

  test('closed is left by open alone, failed by credentials and close', () => {
    always(({ before, event, after }) => {
      if (after.name === before.name) return true;
      if (before.name === 'closed') return event.type === 'open';
      if (before.name === 'failed') return ['credentials', 'close'].includes(event.type);
      return true;
    });
  });

  test('closing ends only in closed, and only open goes there', () => {
    always(({ before, after }) => {
      if (after.name === before.name) return true;
      if (before.name === 'closing') return after.name === 'closed';
      return after.name !== 'closing' || before.name === 'open';
    });
  });

  test('close() always leads to rest: nothing dials after it by itself', () => {
    always(({ event, after, effects }) => {
      if (event.type !== 'close') return true;
      const isAtRest = after.name === 'closing' || after.name === 'closed';
      return isAtRest && effects.every((effect) => effect.type !== 'attempt' && effect.type !== 'wait');
    });
  });

  test('failures in a row never exceed maxReconnectAttempts without failing', () => {
    always(
      ({ after }, { maxReconnectAttempts }) =>
        !('failures' in after) || after.failures <= maxReconnectAttempts,
    );
  });

  test('no attempt goes on with credentials that were replaced', () => {
    always(({ before, event, after, effects }) => {
      if (event.type !== 'credentials' || before.name !== 'connecting') return true;
      return after.attempt === before.attempt + 1 && effects[0]?.type === 'abandon';
    });
  });

  test('credentials that never opened are dialled once, a token provider’s aside', () => {
    always(({ before, event, after }) => {
      if (event.type !== 'ended' || event.end.outcome !== 'rejected' || before.name !== 'connecting')
        return true;
      if (event.attempt !== before.attempt) return true;
      return before.memory.credentialsOpened || event.account.credentialsOpened || after.name === 'failed';
    });
  });

  test('nothing waits for longer than the longest delay of the policy, five times that of 429 included', () => {
    always(({ effects }, policy) => {
      const { maxReconnectDelayMs, rateLimitDelayMs, unauthorizedRetryDelayMs } = policy;
      const longestMs = Math.max(maxReconnectDelayMs, 5 * rateLimitDelayMs, unauthorizedRetryDelayMs);
      return effects.every((effect) => effect.type !== 'wait' || effect.delayMs <= longestMs);
    });
  });

  test('waiting and failed say why', () => {
    always(
      ({ after }) =>
        (after.name !== 'waiting' && after.name !== 'failed') || after.error instanceof KiteError,
    );
  });
});
