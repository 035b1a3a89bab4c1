import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/connection';
import type { TickerState } from '@kite/protocol';

import {
  INITIAL_STATE,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from '../../src/socket/machine.js';
import { type AttemptEnd, type AttemptOutcome, type Memory, NO_EXPERIENCE } from '../../src/socket/retry.js';

const POLICY: MachinePolicy = {
  reconnectDelayMs: 1000,
  maxReconnectDelayMs: 8000,
  maxReconnectAttempts: Infinity,
  stableAfterMs: 5000,
  rateLimitDelayMs: 61_000,
  unauthorizedRetryDelayMs: 62_000,
};

const cause = new KiteError('KITE_CONNECTION_LOST', 'gone');

const memory = INITIAL_STATE.memory;

const STATES: Record<TickerState, MachineState> = {
  idle: INITIAL_STATE,
  connecting: { name: 'connecting', attempt: 7, memory, failures: 2, isFirst: false },
  open: { name: 'open', attempt: 7, memory, failures: 2, delivered: false, upLongEnough: false },
  waiting: { name: 'waiting', attempt: 7, memory, failures: 2, error: cause },
  closing: { name: 'closing', attempt: 7, memory },
  closed: { name: 'closed', attempt: 7, memory },
  failed: { name: 'failed', attempt: 7, memory, error: cause },
};

const NAMES = Object.keys(STATES) as TickerState[];
const QUIET = { next: 'same' as const, effects: [] };

function end(outcome: AttemptOutcome, rejectedAgoMs?: number): AttemptEnd {
  return { outcome, error: cause, ...(rejectedAgoMs !== undefined && { rejectedAgoMs }) };
}

function ended(
  outcome: AttemptOutcome,
  { chance = 0.5, rejectedAgoMs = undefined as number | undefined } = {},
): MachineEvent & { type: 'ended' } {
  return { type: 'ended', attempt: 7, end: end(outcome, rejectedAgoMs), chance, account: NO_EXPERIENCE };
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
  open: {
    event: () => ({ type: 'open' }),
    idle: { next: 'connecting', effects: [{ type: 'attempt', attempt: 1 }] },
    connecting: QUIET,
    open: QUIET,
    waiting: QUIET,
    closing: QUIET,
    closed: { next: 'connecting', effects: [{ type: 'attempt', attempt: 8 }] },
    failed: QUIET,
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
    event: () => ({ type: 'credentials' }),
    idle: QUIET,
    connecting: {
      next: 'connecting',
      effects: [{ type: 'abandon' }, { type: 'attempt', attempt: 8 }],
    },
    open: QUIET,
    waiting: { next: 'connecting', effects: [{ type: 'stop-waiting' }, { type: 'attempt', attempt: 8 }] },
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
    event: (attempt) => ({ type: 'ended', attempt, end: end('lost'), chance: 0.5, account: NO_EXPERIENCE }),
    idle: QUIET,
    connecting: { next: 'waiting', effects: [{ type: 'wait', delayMs: 4500 }] },
    open: { next: 'waiting', effects: [{ type: 'wait', delayMs: 4500 }] },
    waiting: QUIET,
    closing: { next: 'closed', effects: [] },
    closed: QUIET,
    failed: QUIET,
  },
  'ended (rejected)': {
    event: (attempt) => ({
      type: 'ended',
      attempt,
      end: end('rejected'),
      chance: 0.5,
      account: NO_EXPERIENCE,
    }),
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
    { type: 'ended', attempt: 6, end: end('rejected'), chance: 0, account: NO_EXPERIENCE },
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
    let state = run(INITIAL_STATE, [{ type: 'open' }]).state;
    const delays: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const { attempt } = state;
      state = run(state, [{ type: 'opened', attempt }]).state;
      const lost = run(state, [{ ...ended('lost', { chance: 0.999_999 }), attempt }]);
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

  test('by being opened anew', () => {
    expect(run(STATES.closed, [{ type: 'open' }]).state).toMatchObject({ failures: 0 });
  });

  test.each(['connecting', 'waiting', 'failed'] as const)('by new credentials in %s', (name) => {
    expect(run(STATES[name], [{ type: 'credentials' }]).state).toMatchObject({ failures: 0 });
  });
});

describe('the first attempt', () => {
  const opening = run(INITIAL_STATE, [{ type: 'open' }]).state;

  test('is one, and so is the one that takes its place with other credentials', () => {
    expect(opening).toMatchObject({ isFirst: true });
    expect(run(opening, [{ type: 'credentials' }]).state).toMatchObject({ attempt: 2, isFirst: true });
  });

  test('is over when it has ended', () => {
    const waiting = run(opening, [{ ...ended('lost'), attempt: 1 }]).state;
    for (const type of ['retry', 'credentials'] as const)
      expect(run(waiting, [{ type }]).state).toMatchObject({ name: 'connecting', isFirst: false });
    expect(run(STATES.failed, [{ type: 'credentials' }]).state).toMatchObject({ isFirst: false });
  });
});

describe('a connection remembers', () => {
  const rich: Memory = {
    ...{ hasOpened: true, credentialsOpened: true, mayHaveGhost: true, rejections: 2, limits: 3 },
  };
  const memoryAfter = (state: MachineState, ...events: MachineEvent[]): Memory =>
    run(state, events).state.memory;

  test('that the server has let it in, and forgets what it was refused before', () => {
    const connecting = {
      ...STATES.connecting,
      memory: { ...rich, hasOpened: false, credentialsOpened: false },
    };
    expect(memoryAfter(connecting, { type: 'opened', attempt: 7 })).toEqual({
      ...{ hasOpened: true, credentialsOpened: true, mayHaveGhost: false, rejections: 0, limits: 0 },
    });
  });

  test.each(['connecting', 'open', 'waiting', 'closed', 'failed'] as const)(
    'in %s with other credentials that it has opened and may have a ghost, and nothing of those before',
    (name) => {
      expect(memoryAfter({ ...STATES[name], memory: rich }, { type: 'credentials' })).toEqual({
        ...rich,
        ...{ credentialsOpened: false, rejections: 0 },
      });
    },
  );

  test('a loss without a goodbye of an open connection, or of one that was closing', () => {
    for (const name of ['open', 'closing'] as const) {
      expect(memoryAfter(STATES[name], ended('lost-uncleanly'))).toEqual({ ...memory, mayHaveGhost: true });
      expect(memoryAfter(STATES[name], ended('lost'))).toEqual(memory);
    }
    expect(memoryAfter(STATES.connecting, ended('lost-uncleanly'))).toEqual(memory);
  });

  test.each([
    ['rejected-renewable', 'rejections'],
    ['rate-limited', 'limits'],
  ] as const)('how often in a row it was %s', (outcome, count) => {
    const once = run(STATES.connecting, [ended(outcome), { type: 'retry' }]).state;
    expect(once.memory[count]).toBe(1);
    expect(memoryAfter(once, { ...ended(outcome), attempt: 8 })).toMatchObject({ [count]: 2 });
  });
});

describe('where no other attempt follows', () => {
  test.each(['rejected', 'bad-request'] as const)('%s fails at once, and keeps the error', (outcome) => {
    expect(run(STATES.connecting, [ended(outcome)])).toMatchObject({
      state: { name: 'failed', attempt: 7, error: cause },
      effects: [],
    });
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
    let state = run(INITIAL_STATE, [{ type: 'open' }]).state;
    let made = 0;
    while (state.name === 'connecting') {
      made++;
      state = run(state, [{ ...ended('lost', { chance: 0 }), attempt: state.attempt }], policy).state;
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
      const lost = run(state, [{ ...ended('lost', { chance: 1 }), attempt }]);
      expect(lost.state.name).toBe('waiting');
      state = run(lost.state, [{ type: 'retry' }]).state;
    }
    expect(state).toMatchObject({ name: 'connecting', failures: 10_002 });
  });
});
