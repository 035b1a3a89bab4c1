import type { RawFrame, TickerMessage } from '@kite/protocol';

import type { MultiApiHealth } from './health.js';
import { TICKER_EVENTS } from './parts.js';

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

/** Every event by name. */
export const MULTI_API_EVENTS: readonly string[] = [
  ...TICKER_EVENTS,
  ...Object.keys({ health: true } satisfies Record<keyof OwnEvents, true>),
];
