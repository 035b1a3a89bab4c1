import { KiteInputError, type RawFrame, type TickerMessage } from '@kite/manager';

import type { MultiApiHealth } from './health.js';

/** What can be listened to, over all accounts: each kind of message with its account. */
export type UnifiedEvents = {
  [Type in TickerMessage['type']]: { apiKeyId: string; message: Extract<TickerMessage, { type: Type }> };
} & {
  /** The undecoded frame, of each connection that brings it: copies of replicas too. */
  frame: { apiKeyId: string; frame: RawFrame };
};

/** What the manager of many accounts says itself. */
export interface OwnEvents {
  /** The health, when its status changes. */
  health: MultiApiHealth;
}

/** What can be listened to: everything that a connection of an account has to say, and the health. */
export type MultiApiEvents = UnifiedEvents & OwnEvents;

/** Every event by name: what the type says, for callers that have no types. */
const EVENT_TYPES = Object.keys({
  ticks: true,
  order: true,
  error: true,
  message: true,
  state: true,
  gap: true,
  lagged: true,
  issue: true,
  unknown: true,
  frame: true,
  health: true,
} satisfies Record<keyof MultiApiEvents, true>);

/** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION`: a misspelt event would never come, and nobody would notice */
export function assertListener(type: unknown, listener: unknown): void {
  const code = 'KITE_MULTI_API_INVALID_OPTION';
  if (typeof type !== 'string' || !EVENT_TYPES.includes(type)) {
    throw new KiteInputError(code, { field: 'type', value: type, allowed: EVENT_TYPES.join(', ') });
  }
  if (typeof listener !== 'function') {
    throw new KiteInputError(code, { field: 'listener', value: listener, allowed: 'a function' });
  }
}
