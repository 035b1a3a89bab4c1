import { counted } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import {
  type AttemptEnd,
  delayAfter,
  type Experience,
  type Memory,
  NO_EXPERIENCE,
  remembered,
  type RetryPolicy,
} from './retry.js';

/** The rules that a connection's life follows. */
export interface MachinePolicy extends RetryPolicy {
  /** The connection fails after more failures in a row than this. */
  maxReconnectAttempts: number;
  /** How long a connection must stay open, and deliver, before its failures are forgiven, in milliseconds. */
  stableAfterMs: number;
}

interface Common {
  /** The identity of the newest attempt; what comes from an older one is ignored. */
  attempt: number;
  memory: Memory;
}

/** The machine's state, with what each one needs to know. */
export type MachineState = Common &
  (
    | { name: 'idle' }
    /** `isFirst`: no attempt has ended since the connection was asked to open. */
    | { name: 'connecting'; failures: number; isFirst: boolean }
    | { name: 'open'; failures: number; delivered: boolean; upLongEnough: boolean }
    | { name: 'waiting'; failures: number; error: KiteError }
    | { name: 'closing' }
    | { name: 'closed' }
    | { name: 'failed'; error: KiteError }
  );

/** What happens to a connection. `chance` is a random number from 0 up to 1, since the machine itself has none. */
export type MachineEvent =
  /** It is wanted open. */
  | { type: 'open' }
  /** It is wanted closed. */
  | { type: 'close' }
  /** New credentials are wanted, or the same ones again. */
  | { type: 'credentials' }
  | { type: 'retry' }
  | { type: 'opened'; attempt: number }
  | { type: 'delivered'; attempt: number }
  | { type: 'up-long-enough'; attempt: number }
  /** `account`: what the connections of its account have been through, as far as it is known here. */
  | { type: 'ended'; attempt: number; end: AttemptEnd; chance: number; account: Experience };

/** What to do next. */
export type MachineEffect =
  /** Ask for the token and dial. */
  | { type: 'attempt'; attempt: number }
  /** Send `retry` after this long; replaces an earlier wait. */
  | { type: 'wait'; delayMs: number }
  | { type: 'stop-waiting' }
  /** Drop the attempt at once, whatever it is doing. */
  | { type: 'abandon' }
  /** Close the open socket politely, and report its end. */
  | { type: 'close-socket' }
  /** Tell the new socket what is subscribed, and send `up-long-enough` after `stableAfterMs`. */
  | { type: 'settle-in' };

/** The new state and what to do, in order. */
export interface Transition {
  /** Where it is now. */
  state: MachineState;
  /** What its owner has to do, in this order. */
  effects: readonly MachineEffect[];
}

/** Every connection begins here. */
export const INITIAL_STATE: MachineState = {
  name: 'idle',
  attempt: 0,
  memory: { ...NO_EXPERIENCE, rejections: 0, limits: 0 },
};

/** The whole life of a connection as a pure function. An event that does not apply changes nothing. */
export function transition(state: MachineState, event: MachineEvent, policy: MachinePolicy): Transition {
  if ('attempt' in event && event.attempt !== state.attempt) return stay(state);
  switch (event.type) {
    case 'open':
      return state.name === 'idle' || state.name === 'closed' ? dial(state, 0, true) : stay(state);
    case 'retry':
      return state.name === 'waiting' ? dial(state, state.failures, false) : stay(state);
    case 'credentials':
      return renewed(state);
    case 'opened':
      return opened(state);
    case 'delivered':
      return state.name === 'open' ? settled({ ...state, delivered: true }) : stay(state);
    case 'up-long-enough':
      return state.name === 'open' ? settled({ ...state, upLongEnough: true }) : stay(state);
    case 'ended':
      return ended(state, event, policy);
    case 'close':
      return close(state);
  }
}

function stay(state: MachineState): Transition {
  return { state, effects: [] };
}

function dial({ attempt: before, memory }: Common, failures: number, isFirst: boolean): Transition {
  const attempt = before + 1;
  return {
    state: { name: 'connecting', attempt, memory, failures, isFirst },
    effects: [{ type: 'attempt', attempt }],
  };
}

function opened(state: MachineState): Transition {
  if (state.name !== 'connecting') return stay(state);
  const { attempt, failures } = state;
  const memory: Memory = {
    hasOpened: true,
    credentialsOpened: true,
    mayHaveGhost: false,
    rejections: 0,
    limits: 0,
  };
  return {
    state: { name: 'open', attempt, memory, failures, delivered: false, upLongEnough: false },
    effects: [{ type: 'settle-in' }],
  };
}

/** Failures are forgiven only once the connection has proved itself: opening alone proves nothing. */
function settled(state: MachineState & { name: 'open' }): Transition {
  return stay(state.delivered && state.upLongEnough ? { ...state, failures: 0 } : state);
}

function ended(
  state: MachineState,
  { end, chance, account }: MachineEvent & { type: 'ended' },
  policy: MachinePolicy,
): Transition {
  const { name, attempt } = state;
  if (name !== 'connecting' && name !== 'open' && name !== 'closing') return stay(state);
  const memory = remembered(state.memory, end, name !== 'connecting');
  if (name === 'closing') return stay({ name: 'closed', attempt, memory });

  const { error } = end;
  const failures = end.outcome === 'token-unchanged' ? state.failures : state.failures + 1;
  const delayMs = delayAfter(end, failures, memory, account, chance, policy);
  if (delayMs === undefined) return stay({ name: 'failed', attempt, memory, error });
  if (failures > policy.maxReconnectAttempts)
    return stay({ name: 'failed', attempt, memory, error: exhausted(failures, error) });
  return {
    state: { name: 'waiting', attempt, memory, failures, error },
    effects: [{ type: 'wait', delayMs }],
  };
}

function exhausted(attempts: number, cause: KiteError): KiteError {
  return new KiteError(
    'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
    `${counted(attempts, 'attempt has', 'attempts in a row have')} failed; the last one: ${cause.message}`,
    { attempts, cause },
  );
}

/** An open socket goes on: new credentials apply to the next one. Everything else starts anew with them. */
function renewed(before: MachineState): Transition {
  const memory: Memory = { ...before.memory, credentialsOpened: false, rejections: 0 };
  const state: MachineState = { ...before, memory };
  switch (state.name) {
    case 'connecting':
      return afterwards({ type: 'abandon' }, dial(state, 0, state.isFirst));
    case 'waiting':
      return afterwards({ type: 'stop-waiting' }, dial(state, 0, false));
    case 'failed':
      return dial(state, 0, false);
    default:
      return stay(state);
  }
}

function afterwards(first: MachineEffect, { state, effects }: Transition): Transition {
  return { state, effects: [first, ...effects] };
}

function close(state: MachineState): Transition {
  const { attempt, memory } = state;
  switch (state.name) {
    case 'open':
      return { state: { name: 'closing', attempt, memory }, effects: [{ type: 'close-socket' }] };
    case 'connecting':
      return { state: { name: 'closed', attempt, memory }, effects: [{ type: 'abandon' }] };
    case 'waiting':
      return { state: { name: 'closed', attempt, memory }, effects: [{ type: 'stop-waiting' }] };
    case 'idle':
    case 'failed':
      return stay({ name: 'closed', attempt, memory });
    case 'closing':
    case 'closed':
      return stay(state);
  }
}
