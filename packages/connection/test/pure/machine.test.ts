import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/connection';
import type { TickerState } from '@kite/protocol';

import {
  type AttemptEnd,
  type AttemptOutcome,
  INITIAL_STATE,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from '../../src/socket/machine.js';

const POLICY: MachinePolicy = {
  reconnectDelayMs: 1000,
  maxReconnectDelayMs: 8000,
  maxReconnectAttempts: Infinity,
  stableAfterMs: 5000,
  rateLimitDelayMs: 61_000,
  unauthorizedRetryDelayMs: 62_000,
};

const cause = new KiteError('KITE_CONNECTION_LOST', 'gone');

const STATES: Record<TickerState, MachineState> = {
  idle: INITIAL_STATE,
  connecting: { name: 'connecting', attempt: 7, failures: 2 },
  open: { name: 'open', attempt: 7, failures: 2, delivered: false, upLongEnough: false },
  waiting: { name: 'waiting', attempt: 7, failures: 2, outcome: 'lost', error: cause },
  closing: { name: 'closing', attempt: 7 },
  closed: { name: 'closed', attempt: 7 },
  failed: { name: 'failed', attempt: 7, error: cause },
};

const NAMES = Object.keys(STATES) as TickerState[];
const QUIET = { next: 'same' as const, effects: [] };

function end(outcome: AttemptOutcome, rejectedAgoMs?: number): AttemptEnd {
  return { outcome, error: cause, ...(rejectedAgoMs !== undefined && { rejectedAgoMs }) };
}

function ended(
  outcome: AttemptOutcome,
  { chance = 0.5, rejectedAgoMs = undefined as number | undefined } = {},
) {
  return { type: 'ended', attempt: 7, end: end(outcome, rejectedAgoMs), chance } as const;
}

function run(state: MachineState, events: readonly MachineEvent[], policy = POLICY) {
  let effects: readonly MachineEffect[] = [];
  for (const event of events) ({ state, effects } = transition(state, event, policy));
  return { state, effects };
}

interface Row {
  next: TickerState | 'same';
  effects: MachineEffect[];
}

/** What every event does in every state: nothing may be left to chance. */
const TABLE: Record<string, { event: (attempt: number) => MachineEvent } & Record<TickerState, Row>> = {
  connect: {
    event: () => ({ type: 'connect' }),
    idle: { next: 'connecting', effects: [{ type: 'attempt', attempt: 1 }] },
    connecting: QUIET,
    open: QUIET,
    waiting: QUIET,
    closing: QUIET,
    closed: { next: 'connecting', effects: [{ type: 'attempt', attempt: 8 }] },
    failed: { next: 'connecting', effects: [{ type: 'attempt', attempt: 8 }] },
  },
  close: {
    event: () => ({ type: 'close' }),
    idle: { next: 'closed', effects: [] },
    connecting: { next: 'closed', effects: [{ type: 'abandon' }] },
    open: { next: 'closing', effects: [{ type: 'close-socket' }] },
    waiting: { next: 'closed', effects: [{ type: 'stop-waiting' }] },
    closing: QUIET,
    closed: QUIET,
    failed: { next: 'closed', effects: [] },
  },
  credentials: {
    event: () => ({ type: 'credentials', chance: 0.5 }),
    idle: QUIET,
    connecting: QUIET,
    open: QUIET,
    waiting: QUIET,
    closing: QUIET,
    closed: QUIET,
    failed: { next: 'connecting', effects: [{ type: 'attempt', attempt: 8 }] },
  },
  retry: {
    event: () => ({ type: 'retry' }),
    idle: QUIET,
    connecting: QUIET,
    open: QUIET,
    waiting: { next: 'connecting', effects: [{ type: 'attempt', attempt: 8 }] },
    closing: QUIET,
    closed: QUIET,
    failed: QUIET,
  },
  opened: {
    event: (attempt) => ({ type: 'opened', attempt }),
    idle: QUIET,
    connecting: { next: 'open', effects: [{ type: 'settle-in' }] },
    open: QUIET,
    waiting: QUIET,
    closing: QUIET,
    closed: QUIET,
    failed: QUIET,
  },
  'ended (lost)': {
    event: (attempt) => ({ type: 'ended', attempt, end: end('lost'), chance: 0.5 }),
    idle: QUIET,
    connecting: { next: 'waiting', effects: [{ type: 'wait', delayMs: 4500 }] },
    open: { next: 'waiting', effects: [{ type: 'wait', delayMs: 4500 }] },
    waiting: QUIET,
    closing: { next: 'closed', effects: [] },
    closed: QUIET,
    failed: QUIET,
  },
  'ended (rejected)': {
    event: (attempt) => ({ type: 'ended', attempt, end: end('rejected'), chance: 0.5 }),
    idle: QUIET,
    connecting: { next: 'failed', effects: [] },
    open: { next: 'failed', effects: [] },
    waiting: QUIET,
    closing: { next: 'closed', effects: [] },
    closed: QUIET,
    failed: QUIET,
  },
};

describe.each(Object.entries(TABLE))('%s', (_name, { event, ...rows }) => {
  test.each(NAMES)('in %s', (name) => {
    const before = STATES[name];
    const { next, effects } = rows[name];
    const after = transition(before, event(before.attempt), POLICY);
    expect(after.effects).toEqual(effects);
    if (next === 'same') expect(after.state).toEqual(before);
    else expect(after.state.name).toBe(next);
  });
});

describe('an attempt has an identity', () => {
  const late: MachineEvent[] = [
    { type: 'opened', attempt: 6 },
    { type: 'delivered', attempt: 6 },
    { type: 'up-long-enough', attempt: 6 },
    { type: 'ended', attempt: 6, end: end('rejected'), chance: 0 },
  ];

  test.each(late.flatMap((event) => NAMES.map((name) => ({ event, name, type: event.type }))))(
    'a late "$type" of an older one does nothing in $name',
    ({ event, name }) => {
      expect(transition(STATES[name], event, POLICY)).toEqual({ state: STATES[name], effects: [] });
    },
  );
});

describe('every close is paced', () => {
  test('by reconnectDelayMs at least', () => {
    const { effects } = run(STATES.open, [ended('lost', { chance: 0 })]);
    expect(effects).toEqual([{ type: 'wait', delayMs: POLICY.reconnectDelayMs }]);
  });

  test('accept and close, again and again: the delay grows although each attempt opens', () => {
    let state = run(INITIAL_STATE, [{ type: 'connect' }]).state;
    const delays: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const { attempt } = state;
      state = run(state, [{ type: 'opened', attempt }]).state;
      const lost = run(state, [{ type: 'ended', attempt, end: end('lost'), chance: 0.999_999 }]);
      const [wait] = lost.effects;
      if (wait?.type === 'wait') delays.push(Math.round(wait.delayMs));
      state = run(lost.state, [{ type: 'retry' }]).state;
    }
    expect(delays).toEqual([2000, 4000, 8000, 8000, 8000, 8000]);
  });
});

describe('failures are forgiven', () => {
  const delivered = { type: 'delivered', attempt: 7 } as const;
  const upLongEnough = { type: 'up-long-enough', attempt: 7 } as const;

  test.each([
    { after: 'a frame alone', events: [delivered], failures: 2 },
    { after: 'time alone', events: [upLongEnough], failures: 2 },
    { after: 'many frames', events: [delivered, delivered, delivered], failures: 2 },
    { after: 'a frame and time', events: [delivered, upLongEnough], failures: 0 },
    { after: 'time and a frame', events: [upLongEnough, delivered], failures: 0 },
  ])('after $after: $failures are left', ({ events, failures }) => {
    expect(run(STATES.open, events).state).toMatchObject({ name: 'open', failures });
  });

  test('and not carried over from the connection before', () => {
    const first = run(STATES.open, [delivered, ended('lost'), { type: 'retry' }]).state;
    const second = run(first, [
      { type: 'opened', attempt: 8 },
      { type: 'up-long-enough', attempt: 8 },
    ]).state;
    expect(second).toMatchObject({ name: 'open', failures: 3 });
  });

  test.each(['closed', 'failed'] as const)('by connect() from %s', (name) => {
    expect(run(STATES[name], [{ type: 'connect' }]).state).toMatchObject({ failures: 0 });
  });

  test('by new credentials for a failed connection', () => {
    expect(run(STATES.failed, [{ type: 'credentials', chance: 0 }]).state).toMatchObject({ failures: 0 });
  });
});

describe('how an attempt ends decides what follows', () => {
  test.each([
    { outcome: 'rejected' as const, why: '403 with a fixed token' },
    { outcome: 'hopeless' as const, why: '400' },
  ])('$why fails at once, and keeps the error', ({ outcome }) => {
    expect(run(STATES.connecting, [ended(outcome)])).toEqual({
      state: { name: 'failed', attempt: 7, error: cause },
      effects: [],
    });
  });

  test('429 waits for exactly rateLimitDelayMs, whatever chance says', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const { effects } = run(STATES.connecting, [ended('rate-limited', { chance })]);
      expect(effects).toEqual([{ type: 'wait', delayMs: POLICY.rateLimitDelayMs }]);
    }
  });

  test('403 with a provider asks again at the normal pace', () => {
    const { state, effects } = run(STATES.connecting, [ended('rejected-renewable')]);
    expect(effects).toEqual([{ type: 'wait', delayMs: 4500 }]);
    expect(state).toMatchObject({ name: 'waiting', failures: 3 });
  });

  test('403 with a provider never waits for longer than the same token would', () => {
    const policy = { ...POLICY, unauthorizedRetryDelayMs: 50 };
    expect(run(STATES.connecting, [ended('rejected-renewable')], policy).effects).toEqual([
      { type: 'wait', delayMs: 50 },
    ]);
  });

  test.each([
    { ago: 0, delayMs: 62_000 },
    { ago: 2000, delayMs: 60_000 },
    { ago: 62_000, delayMs: 0 },
    { ago: 90_000, delayMs: 0 },
    { ago: undefined, delayMs: 62_000 },
  ])('the same token, rejected $ago ms ago, waits for the rest: $delayMs ms', ({ ago, delayMs }) => {
    const { effects } = run(STATES.connecting, [ended('token-unchanged', { rejectedAgoMs: ago })]);
    expect(effects).toEqual([{ type: 'wait', delayMs }]);
  });

  test('the same token is no failure: nothing was dialled', () => {
    const policy = { ...POLICY, maxReconnectAttempts: 2 };
    const { state } = run(STATES.connecting, [ended('token-unchanged')], policy);
    expect(state).toMatchObject({ name: 'waiting', failures: 2 });
  });
});

describe('attempts run out', () => {
  test.each([
    { max: 0, attempts: 1, told: '1 attempt has failed' },
    { max: 1, attempts: 2, told: '2 attempts in a row have failed' },
    { max: 5, attempts: 6, told: '6 attempts in a row have failed' },
  ])('with maxReconnectAttempts $max the $attempts. failure in a row ends it', ({ max, attempts, told }) => {
    const policy = { ...POLICY, maxReconnectAttempts: max };
    let state = run(INITIAL_STATE, [{ type: 'connect' }]).state;
    let made = 0;
    while (state.name === 'connecting') {
      made++;
      state = run(
        state,
        [{ type: 'ended', attempt: state.attempt, end: end('lost'), chance: 0 }],
        policy,
      ).state;
      if (state.name === 'waiting') state = run(state, [{ type: 'retry' }], policy).state;
    }
    expect(made).toBe(attempts);
    const message = `${told}; the last one: ${cause.message}`;
    expect(state).toMatchObject({
      name: 'failed',
      error: { code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED', message, attempts, cause },
    });
  });

  test.each(['lost', 'rate-limited', 'rejected-renewable'] as const)('%s counts', (outcome) => {
    const policy = { ...POLICY, maxReconnectAttempts: 2 };
    expect(run(STATES.connecting, [ended(outcome)], policy).state.name).toBe('failed');
  });

  test('a proven connection that is lost begins to count anew', () => {
    const policy = { ...POLICY, maxReconnectAttempts: 2 };
    const { state } = run(
      STATES.open,
      [{ type: 'delivered', attempt: 7 }, { type: 'up-long-enough', attempt: 7 }, ended('lost')],
      policy,
    );
    expect(state).toMatchObject({ name: 'waiting', failures: 1 });
  });

  test('never, by default: a network that is merely down is waited for', () => {
    let state: MachineState = STATES.connecting;
    for (let turn = 0; turn < 10_000; turn++) {
      const { attempt } = state;
      const lost = run(state, [{ type: 'ended', attempt, end: end('lost'), chance: 1 }]);
      expect(lost.state.name).toBe('waiting');
      state = run(lost.state, [{ type: 'retry' }]).state;
    }
    expect(state).toMatchObject({ name: 'connecting', failures: 10_002 });
  });
});

describe('new credentials end what waited for them, and only that', () => {
  test.each([
    ['token-unchanged', true],
    ['rejected-renewable', true],
    ['rate-limited', false],
    ['lost', false],
  ] as const)('waiting after %s: %s', (outcome, isEnded) => {
    const state: MachineState = { ...STATES.waiting, name: 'waiting', failures: 2, outcome, error: cause };
    const after = run(state, [{ type: 'credentials', chance: 0 }]);
    expect(after.state).toEqual(state);
    expect(after.effects).toEqual(isEnded ? [{ type: 'wait', delayMs: POLICY.reconnectDelayMs }] : []);
  });
});
