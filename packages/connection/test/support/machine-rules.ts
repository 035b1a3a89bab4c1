import { KiteError } from '@kite/connection';

import type { MachineEffect, MachineEvent, MachinePolicy, MachineState } from '../../src/socket/machine.js';
import type { AttemptOutcome } from '../../src/socket/retry.js';

/** How an attempt can end. */
export const OUTCOMES: AttemptOutcome[] = [
  'lost',
  'lost-uncleanly',
  'rate-limited',
  'rejected',
  'rejected-renewable',
  'token-unchanged',
  'bad-request',
];

/** One event in the life of a connection, and what the machine made of it. */
export interface Seen {
  before: MachineState;
  event: MachineEvent;
  after: MachineState;
  effects: readonly MachineEffect[];
}

/** What is true of every event of every life. */
export const MACHINE_RULES: readonly {
  title: string;
  holds: (seen: Seen, policy: MachinePolicy) => boolean;
}[] = [
  {
    title: 'the attempt number never falls, and grows only with an attempt, by one',
    holds: ({ before, after, effects }) => {
      const attempts = effects.filter((effect) => effect.type === 'attempt');
      if (attempts.length === 0) return after.attempt === before.attempt;
      return (
        attempts.length === 1 &&
        attempts[0]?.attempt === before.attempt + 1 &&
        after.attempt === before.attempt + 1
      );
    },
  },
  {
    title:
      'a connection that begins to wait has a wait to end it, and one that stops does so by retry, close or credentials',
    holds: ({ before, event, after, effects }) => {
      const waits = effects.filter((effect) => effect.type === 'wait');
      if (after.name === 'waiting' && before.name !== 'waiting') return waits.length === 1;
      if (before.name === 'waiting' && after.name !== 'waiting') {
        const isStopped = effects.some((effect) => effect.type === 'stop-waiting');
        return (
          event.type === 'retry' || ((event.type === 'close' || event.type === 'credentials') && isStopped)
        );
      }
      return waits.length === 0 || after.name === 'waiting';
    },
  },
  {
    title: 'every delay is a finite number of milliseconds, 0 or more',
    holds: ({ effects }) =>
      effects.every(
        (effect) => effect.type !== 'wait' || (Number.isFinite(effect.delayMs) && effect.delayMs >= 0),
      ),
  },
  {
    title: 'a lost connection waits between reconnectDelayMs and maxReconnectDelayMs',
    holds: ({ event, effects }, { reconnectDelayMs, maxReconnectDelayMs }) => {
      if (event.type !== 'ended' || !event.end.outcome.startsWith('lost')) return true;
      return effects.every(
        (effect) =>
          effect.type !== 'wait' ||
          (effect.delayMs >= reconnectDelayMs && effect.delayMs <= maxReconnectDelayMs),
      );
    },
  },
  {
    title: 'closed is left by open alone, failed by credentials and close',
    holds: ({ before, event, after }) => {
      if (after.name === before.name) return true;
      if (before.name === 'closed') return event.type === 'open';
      if (before.name === 'failed') return ['credentials', 'close'].includes(event.type);
      return true;
    },
  },
  {
    title: 'closing ends only in closed, and only open goes there',
    holds: ({ before, after }) => {
      if (after.name === before.name) return true;
      if (before.name === 'closing') return after.name === 'closed';
      return after.name !== 'closing' || before.name === 'open';
    },
  },
  {
    title: 'close() always leads to rest: nothing dials after it by itself',
    holds: ({ event, after, effects }) => {
      if (event.type !== 'close') return true;
      const isAtRest = after.name === 'closing' || after.name === 'closed';
      return isAtRest && effects.every((effect) => effect.type !== 'attempt' && effect.type !== 'wait');
    },
  },
  {
    title: 'failures in a row never exceed maxReconnectAttempts without failing',
    holds: ({ after }, { maxReconnectAttempts }) =>
      !('failures' in after) || after.failures <= maxReconnectAttempts,
  },
  {
    title: 'no attempt goes on with credentials that were replaced',
    holds: ({ before, event, after, effects }) => {
      if (event.type !== 'credentials' || before.name !== 'connecting') return true;
      return after.attempt === before.attempt + 1 && effects[0]?.type === 'abandon';
    },
  },
  {
    title: 'credentials that never opened are dialled once, a token provider’s aside',
    holds: ({ before, event, after }) => {
      if (event.type !== 'ended' || event.end.outcome !== 'rejected' || before.name !== 'connecting')
        return true;
      if (event.attempt !== before.attempt) return true;
      return before.memory.credentialsOpened || event.account.credentialsOpened || after.name === 'failed';
    },
  },
  {
    title: 'nothing waits for longer than the longest delay of the policy, five times that of 429 included',
    holds: ({ effects }, policy) => {
      const { maxReconnectDelayMs, rateLimitDelayMs, unauthorizedRetryDelayMs } = policy;
      const longestMs = Math.max(maxReconnectDelayMs, 5 * rateLimitDelayMs, unauthorizedRetryDelayMs);
      return effects.every((effect) => effect.type !== 'wait' || effect.delayMs <= longestMs);
    },
  },
  {
    title: 'waiting and failed say why',
    holds: ({ after }) =>
      (after.name !== 'waiting' && after.name !== 'failed') || after.error instanceof KiteError,
  },
];

/** Never do two attempts live: a new one starts only where the last has ended or was abandoned. */
export class LiveAttempt {
  #live: number | undefined;

  /** Whether that is still so after this event. */
  holdsAfter({ event, effects }: Seen): boolean {
    if (event.type === 'ended' && event.attempt === this.#live) this.#live = undefined;
    for (const effect of effects) {
      if (effect.type === 'abandon') this.#live = undefined;
      if (effect.type !== 'attempt') continue;
      if (this.#live !== undefined) return false;
      this.#live = effect.attempt;
    }
    return true;
  }
}
