import type { KiteError } from '@kite/protocol';

import { backoffDelay, type BackoffOptions } from './backoff.js';

/** How an attempt ended, before or after it had opened. */
export type AttemptOutcome =
  /** It may work next time: the network, the server, a silent peer, a token provider that failed. */
  | 'lost'
  /** As `lost`, but without a goodbye: the server may still count the connection. */
  | 'lost-uncleanly'
  /** 429. */
  | 'rate-limited'
  /** The server refused the credentials, and the token is a fixed one. */
  | 'rejected'
  /** The server refused the credentials, but the token provider may have others. */
  | 'rejected-renewable'
  /** Nothing was dialled: the token is still the one that was refused. */
  | 'token-unchanged'
  /** 400, and not because of the credentials. */
  | 'bad-request';

/** An attempt's end. */
export interface AttemptEnd {
  /** What that means for the next one. */
  outcome: AttemptOutcome;
  /** Why it ended, for people and programs. */
  error: KiteError;
  /** With `token-unchanged`: how long ago that token was rejected. */
  rejectedAgoMs?: number;
  /** With `rate-limited`: when the server wants to be asked again. */
  retryAfterMs?: number;
}

/** What a connection, or an account, has been through: it decides what a refusal means. */
export interface Experience {
  /** The server has let it in before, so the URL is right. */
  readonly hasOpened: boolean;
  /** The server has let it in with these credentials. */
  readonly credentialsOpened: boolean;
  /** A connection was lost uncleanly and has not opened again: the server may still count the old one. */
  readonly mayHaveGhost: boolean;
}

/** Nothing has happened yet. */
export const NO_EXPERIENCE: Experience = { hasOpened: false, credentialsOpened: false, mayHaveGhost: false };

/** What a connection remembers from attempt to attempt. */
export interface Memory extends Experience {
  /** How often in a row the server has refused these credentials. */
  readonly rejections: number;
  /** How often in a row the server has answered 429. */
  readonly limits: number;
}

/** How the next attempt is paced. */
export interface RetryPolicy extends BackoffOptions {
  /** The wait after a 429, in milliseconds. */
  rateLimitDelayMs: number;
  /** The wait between two attempts with a refused token, in milliseconds. */
  unauthorizedRetryDelayMs: number;
}

/** How often to try refused credentials again that were good before: gateways err, too. */
const MORE_TRIES = 2;
/** A server's `Retry-After` is obeyed up to this many times `rateLimitDelayMs`. */
const LONGEST_RETRY_AFTER = 5;
/** The most that a wait after a 429 grows, as a fraction, so that connections do not come back all at once. */
const RATE_LIMIT_JITTER = 0.2;

/** The memory after an attempt has ended like this. */
export function remembered(memory: Memory, { outcome }: AttemptEnd, wasOpen: boolean): Memory {
  switch (outcome) {
    case 'lost-uncleanly':
      return wasOpen ? { ...memory, mayHaveGhost: true } : memory;
    case 'rate-limited':
      return { ...memory, limits: memory.limits + 1 };
    case 'rejected':
    case 'rejected-renewable':
      return { ...memory, rejections: memory.rejections + 1 };
    default:
      return memory;
  }
}

/**
 * How long to wait after an attempt has ended like this, in milliseconds; undefined: no further attempt.
 *
 * @param failures failures in a row, from 1
 * @param memory of the connection, this end included
 * @param account what its account has been through
 * @param chance from 0 up to 1
 */
export function delayAfter(
  end: AttemptEnd,
  failures: number,
  memory: Memory,
  account: Experience,
  chance: number,
  policy: RetryPolicy,
): number | undefined {
  const { unauthorizedRetryDelayMs } = policy;
  const backoff = backoffDelay(failures, chance, policy);
  switch (end.outcome) {
    case 'lost':
    case 'lost-uncleanly':
      return backoff;
    case 'rate-limited':
      return rateLimitDelay(end, memory, account, chance, policy);
    case 'rejected':
      return (memory.credentialsOpened || account.credentialsOpened) && memory.rejections <= MORE_TRIES
        ? unauthorizedRetryDelayMs
        : undefined;
    case 'rejected-renewable':
      return Math.min(backoff, unauthorizedRetryDelayMs);
    case 'token-unchanged':
      return Math.max(0, unauthorizedRetryDelayMs - (end.rejectedAgoMs ?? 0));
    case 'bad-request':
      return memory.hasOpened || account.hasOpened ? backoff : undefined;
  }
}

/**
 * A 429 has one of two reasons: others use the key, which lasts; or the server still counts a dead connection of ours,
 * which passes soon.
 */
function rateLimitDelay(
  { retryAfterMs }: AttemptEnd,
  { limits, mayHaveGhost }: Memory,
  account: Experience,
  chance: number,
  policy: RetryPolicy,
): number {
  const { reconnectDelayMs, rateLimitDelayMs } = policy;
  const longestMs = LONGEST_RETRY_AFTER * rateLimitDelayMs;
  const jitter = 1 + chance * RATE_LIMIT_JITTER;
  if (retryAfterMs !== undefined)
    return Math.min(longestMs, Math.max(reconnectDelayMs, retryAfterMs) * jitter);
  if (!mayHaveGhost && !account.mayHaveGhost) return rateLimitDelayMs * jitter;
  const shortest = reconnectDelayMs * 2 ** (limits - 1);
  return Math.min(rateLimitDelayMs, shortest * (1 + chance));
}
