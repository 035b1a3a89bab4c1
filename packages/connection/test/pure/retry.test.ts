import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/connection';

import {
  type AttemptEnd,
  type AttemptOutcome,
  delayAfter,
  type Experience,
  type Memory,
  NO_EXPERIENCE,
  type RetryPolicy,
} from '../../src/socket/retry.js';

const POLICY: RetryPolicy = {
  reconnectDelayMs: 2000,
  maxReconnectDelayMs: 30_000,
  rateLimitDelayMs: 60_000,
  unauthorizedRetryDelayMs: 62_000,
};
const MEMORY: Memory = { ...NO_EXPERIENCE, rejections: 0, limits: 0 };
const error = new KiteError('KITE_CONNECTION_LOST', 'gone');

/** What follows an attempt that ended like this; undefined: nothing. */
function delay(
  outcome: AttemptOutcome,
  {
    failures = 1,
    chance = 0.5,
    memory = {},
    account = {},
    end = {},
    policy = {},
  }: {
    failures?: number;
    chance?: number;
    memory?: Partial<Memory>;
    account?: Partial<Experience>;
    end?: Partial<AttemptEnd>;
    policy?: Partial<RetryPolicy>;
  } = {},
): number | undefined {
  return delayAfter(
    { outcome, error, ...end },
    failures,
    { ...MEMORY, ...memory },
    { ...NO_EXPERIENCE, ...account },
    chance,
    { ...POLICY, ...policy },
  );
}

describe('403, or 400 that names the token or the key, of a fixed token', () => {
  test('that never opened is final', () => {
    expect(delay('rejected', { memory: { rejections: 1 } })).toBeUndefined();
  });

  test.each([
    { rejections: 1, delayMs: 62_000 },
    { rejections: 2, delayMs: 62_000 },
    { rejections: 3, delayMs: undefined },
  ])(
    'that has opened before is tried twice more, unauthorizedRetryDelayMs apart: $rejections. refusal, $delayMs',
    ({ rejections, delayMs }) => {
      expect(delay('rejected', { memory: { rejections, credentialsOpened: true } })).toBe(delayMs);
      expect(delay('rejected', { memory: { rejections }, account: { credentialsOpened: true } })).toBe(
        delayMs,
      );
    },
  );
});

describe('403, or 400 that names the token or the key, with a token provider', () => {
  test('is never final: another token is tried at the normal pace', () => {
    expect(delay('rejected-renewable', { memory: { rejections: 99 } })).toBe(3000);
  });

  test('never waits for longer than the same token would', () => {
    expect(delay('rejected-renewable', { policy: { unauthorizedRetryDelayMs: 50 } })).toBe(50);
  });

  test.each([
    { ago: 0, delayMs: 62_000 },
    { ago: 2000, delayMs: 60_000 },
    { ago: 62_000, delayMs: 0 },
    { ago: 90_000, delayMs: 0 },
    { ago: undefined, delayMs: 62_000 },
  ])('the same token, refused $ago ms ago, waits for the rest: $delayMs ms', ({ ago, delayMs }) => {
    expect(delay('token-unchanged', { end: ago === undefined ? {} : { rejectedAgoMs: ago } })).toBe(delayMs);
  });
});

describe('another 400', () => {
  test('is final where the URL has never worked', () => {
    expect(delay('bad-request')).toBeUndefined();
  });

  test('is paced like a loss where this connection, or another of the account, has opened with the URL', () => {
    expect(delay('bad-request', { memory: { hasOpened: true } })).toBe(3000);
    expect(delay('bad-request', { account: { hasOpened: true }, failures: 3, chance: 1 })).toBe(16_000);
  });
});

describe('429', () => {
  test.each([
    { chance: 0, delayMs: 60_000 },
    { chance: 0.5, delayMs: 66_000 },
    { chance: 0.999, delayMs: 71_988 },
  ])('while others use the key waits for rateLimitDelayMs and up to a fifth: $chance, $delayMs', (row) => {
    for (const limits of [1, 7])
      expect(delay('rate-limited', { chance: row.chance, memory: { limits } })).toBeCloseTo(row.delayMs);
  });

  test.each([
    { limits: 1, from: 2000, to: 4000 },
    { limits: 2, from: 4000, to: 8000 },
    { limits: 3, from: 8000, to: 16_000 },
    { limits: 4, from: 16_000, to: 32_000 },
    { limits: 5, from: 32_000, to: 60_000 },
    { limits: 6, from: 60_000, to: 60_000 },
    { limits: 5000, from: 60_000, to: 60_000 },
  ])(
    'after an unclean loss begins at the normal pace and doubles up to rateLimitDelayMs: $limits., $from to $to',
    ({ limits, from, to }) => {
      for (const who of [
        { memory: { limits, mayHaveGhost: true } },
        { memory: { limits }, account: { mayHaveGhost: true } },
      ]) {
        expect(delay('rate-limited', { ...who, chance: 0 })).toBe(from);
        expect(delay('rate-limited', { ...who, chance: 1 })).toBe(to);
      }
    },
  );

  test('has a pace of its own, however long the normal one is', () => {
    const policy = { reconnectDelayMs: 100_000, maxReconnectDelayMs: 200_000, rateLimitDelayMs: 20 };
    expect(delay('rate-limited', { policy, chance: 0 })).toBe(20);
    expect(delay('rate-limited', { policy, chance: 0, memory: { limits: 1, mayHaveGhost: true } })).toBe(20);
  });

  test.each([
    { why: 'as the server wants', retryAfterMs: 5000, from: 5000, to: 6000 },
    { why: 'never faster than the normal pace', retryAfterMs: 0, from: 2000, to: 2400 },
    { why: 'up to five times rateLimitDelayMs', retryAfterMs: 3_600_000, from: 300_000, to: 300_000 },
  ])('with Retry-After comes back $why', ({ retryAfterMs, from, to }) => {
    for (const mayHaveGhost of [false, true]) {
      const row = { end: { retryAfterMs }, memory: { mayHaveGhost, limits: 1 } };
      expect(delay('rate-limited', { ...row, chance: 0 })).toBe(from);
      expect(delay('rate-limited', { ...row, chance: 1 })).toBe(to);
    }
  });
});

test.each(['lost', 'lost-uncleanly'] as const)(
  'any other end (%s) is paced by the backoff, and never final',
  (outcome) => {
    expect(delay(outcome, { chance: 0, failures: 99 })).toBe(2000);
    expect(delay(outcome, { chance: 1, failures: 2 })).toBe(8000);
    expect(delay(outcome, { chance: 1, failures: 99 })).toBe(30_000);
  },
);
