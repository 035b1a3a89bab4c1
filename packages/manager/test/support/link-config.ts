import type { Mode } from '@kite/protocol';
import { FAST_DELAYS } from '@kite/testkit';

import { CONNECTION_DEFAULTS } from '../../src/connection-parts.js';
import type { PlainConnectionConfig } from '../../src/threads/wire/messages.js';

/** The options of a connection, with fast delays. */
export const FAST: PlainConnectionConfig = {
  ...FAST_DELAYS,
  url: CONNECTION_DEFAULTS.url,
  allowInsecure: false,
  connectionTimeoutMs: 10_000,
  heartbeatLivenessThresholdMs: 10_000,
  maxReconnectAttempts: Infinity,
  stableAfterMs: 50,
  maxPayloadBytes: 1024 * 1024,
  startingForMs: 15_000,
};

/** These instruments, all in one mode. */
export function modes(tokens: Iterable<number>, mode: Mode): Map<number, Mode> {
  return new Map([...tokens].map((token) => [token, mode]));
}
