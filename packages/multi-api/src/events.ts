import type { MultiApiHealth } from './health.js';
import { type FeedEvents, TICKER_EVENTS } from './parts.js';

/** What the manager of many accounts says itself. */
export interface OwnEvents {
  /** The health, when its status changes. */
  health: MultiApiHealth;
  /** The instruments that are unplaced now, when they change: no account that streams has room for them. */
  unplaced: readonly number[];
}

/** What can be listened to: everything that a connection of an account has to say, with its account, and what the manager says itself. */
export type MultiApiEvents = FeedEvents & OwnEvents;

/** Every event by name. */
export const MULTI_API_EVENTS: readonly string[] = [
  ...TICKER_EVENTS,
  ...Object.keys({ health: true, unplaced: true } satisfies Record<keyof OwnEvents, true>),
];
