import { counted } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import { backoffDelay, type BackoffOptions } from './backoff.js';

/** The rules that a connection's life follows. */
export interface MachinePolicy extends BackoffOptions {
  /** One failure in a row more than this, and the connection has failed. */
  maxReconnectAttempts: number;
  /** A connection that has delivered and stayed open for so long has its failures forgiven. In milliseconds. */
  stableAfterMs: number;
  /** The wait after a 429, in milliseconds. */
  rateLimitDelayMs: number;
  /** The longest wait after a 403 where the next token may be another, in milliseconds. */
  unauthorizedRetryDelayMs: number;
}

/** How an attempt ended, before or after it had opened. */
export type AttemptOutcome =
  /** It may work next time: the network, the server, a silent peer, a token provider that failed. */
  | 'lost'
  /** 429. */
  | 'rate-limited'
  /** 403, and there is no other token to try. */
  | 'rejected'
  /** 403, but the next attempt may have another token. */
  | 'rejected-renewable'
  /** Nothing was dialled: the token is still the one that got 403. */
  | 'token-unchanged'
  /** It can never work: 400. */
  | 'hopeless';

/** An attempt's end. */
export interface AttemptEnd {
  /** What that means for the next one. */
  outcome: AttemptOutcome;
  /** Why it ended, for people and programs. */
  error: KiteError;
  /** With `token-unchanged`: how long ago that token was rejected. */
  rejectedAgoMs?: number;
}

interface Common {
  /** The identity of the newest attempt; what comes from an older one is ignored. */
  attempt: number;
}

/** The machine's state, with what each one needs to know. */
export type MachineState = Common &
  (
    | { name: 'idle' }
    | { name: 'connecting'; failures: number }
    | { name: 'open'; failures: number; delivered: boolean; upLongEnough: boolean }
    | { name: 'waiting'; failures: number; outcome: AttemptOutcome; error: KiteError }
    | { name: 'closing' }
    | { name: 'closed' }
    | { name: 'failed'; error: KiteError }
  );

/** What happens to a connection. `chance` is a random number from 0 up to 1, since the machine itself has none. */
export type MachineEvent =
  | { type: 'connect' }
  | { type: 'close' }
  | { type: 'credentials'; chance: number }
  | { type: 'retry' }
  | { type: 'opened'; attempt: number }
  | { type: 'delivered'; attempt: number }
  | { type: 'up-long-enough'; attempt: number }
  | { type: 'ended'; attempt: number; end: AttemptEnd; chance: number };

/** What is to be done. */
export type MachineEffect =
  /** Ask for the token and dial. */
  | { type: 'attempt'; attempt: number }
  /** Send `retry` after so long; replaces an earlier wait. */
  | { type: 'wait'; delayMs: number }
  | { type: 'stop-waiting' }
  /** Drop the attempt at once, whatever it is doing. */
  | { type: 'abandon' }
  /** Close the open socket politely, and report its end. */
  | { type: 'close-socket' }
  /** Tell the new socket what is subscribed, and send `up-long-enough` after `stableAfterMs`. */
  | { type: 'settle-in' };

/** The new state and what is to be done, in order. */
export interface Transition {
  /** Where it is now. */
  state: MachineState;
  /** What its owner has to do, in this order. */
  effects: readonly MachineEffect[];
}

/** Every connection begins here. */
export const INITIAL_STATE: MachineState = { name: 'idle', attempt: 0 };

/** The whole life of a connection as a pure function. An event that does not apply changes nothing. */
export function transition(state: MachineState, event: MachineEvent, policy: MachinePolicy): Transition {
  if ('attempt' in event && event.attempt !== state.attempt) return stay(state);
  switch (event.type) {
    case 'connect':
      return state.name === 'idle' || state.name === 'closed' || state.name === 'failed'
        ? dial(state, 0)
        : stay(state);
    case 'retry':
      return state.name === 'waiting' ? dial(state, state.failures) : stay(state);
    case 'credentials':
      return renewed(state, event.chance, policy);
    case 'opened':
      return opened(state);
    case 'delivered':
      return state.name === 'open' ? settled({ ...state, delivered: true }) : stay(state);
    case 'up-long-enough':
      return state.name === 'open' ? settled({ ...state, upLongEnough: true }) : stay(state);
    case 'ended':
      return ended(state, event.end, event.chance, policy);
    case 'close':
      return close(state);
  }
}

function stay(state: MachineState): Transition {
  return { state, effects: [] };
}

function dial(state: MachineState, failures: number): Transition {
  const attempt = state.attempt + 1;
  return { state: { name: 'connecting', attempt, failures }, effects: [{ type: 'attempt', attempt }] };
}

function opened(state: MachineState): Transition {
  if (state.name !== 'connecting') return stay(state);
  const { attempt, failures } = state;
  return {
    state: { name: 'open', attempt, failures, delivered: false, upLongEnough: false },
    effects: [{ type: 'settle-in' }],
  };
}

/** Failures are forgiven only once the connection has proved itself: opening alone proves nothing. */
function settled(state: MachineState & { name: 'open' }): Transition {
  return stay(state.delivered && state.upLongEnough ? { ...state, failures: 0 } : state);
}

function ended(state: MachineState, end: AttemptEnd, chance: number, policy: MachinePolicy): Transition {
  if (state.name === 'closing') return stay({ name: 'closed', attempt: state.attempt });
  if (state.name !== 'connecting' && state.name !== 'open') return stay(state);

  const { attempt } = state;
  const { outcome, error } = end;
  if (outcome === 'rejected' || outcome === 'hopeless') return stay({ name: 'failed', attempt, error });

  const failures = outcome === 'token-unchanged' ? state.failures : state.failures + 1;
  if (failures > policy.maxReconnectAttempts) {
    return stay({ name: 'failed', attempt, error: exhausted(failures, error) });
  }
  return {
    state: { name: 'waiting', attempt, failures, outcome, error },
    effects: [{ type: 'wait', delayMs: retryDelay(end, failures, chance, policy) }],
  };
}

function retryDelay(end: AttemptEnd, failures: number, chance: number, policy: MachinePolicy): number {
  const { rateLimitDelayMs, unauthorizedRetryDelayMs } = policy;
  const backoff = backoffDelay(failures, chance, policy);
  switch (end.outcome) {
    case 'rate-limited':
      return rateLimitDelayMs;
    case 'token-unchanged':
      return Math.max(0, unauthorizedRetryDelayMs - (end.rejectedAgoMs ?? 0));
    case 'rejected-renewable':
      return Math.min(backoff, unauthorizedRetryDelayMs);
    default:
      return backoff;
  }
}

function exhausted(attempts: number, cause: KiteError): KiteError {
  return new KiteError(
    'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
    `${counted(attempts, 'attempt has', 'attempts in a row have')} failed; the last one: ${cause.message}`,
    { attempts, cause },
  );
}

/** New credentials end what waited for them, and only that. */
function renewed(state: MachineState, chance: number, policy: MachinePolicy): Transition {
  if (state.name === 'failed') return dial(state, 0);
  if (
    state.name !== 'waiting' ||
    (state.outcome !== 'token-unchanged' && state.outcome !== 'rejected-renewable')
  ) {
    return stay(state);
  }
  return { state, effects: [{ type: 'wait', delayMs: backoffDelay(1, chance, policy) }] };
}

function close(state: MachineState): Transition {
  const { attempt } = state;
  switch (state.name) {
    case 'open':
      return { state: { name: 'closing', attempt }, effects: [{ type: 'close-socket' }] };
    case 'connecting':
      return { state: { name: 'closed', attempt }, effects: [{ type: 'abandon' }] };
    case 'waiting':
      return { state: { name: 'closed', attempt }, effects: [{ type: 'stop-waiting' }] };
    case 'idle':
    case 'failed':
      return stay({ name: 'closed', attempt });
    case 'closing':
    case 'closed':
      return stay(state);
  }
}
