import { type FeedEvents, TICKER_EVENTS } from './connection-parts.js';
import type { HealthSummary } from './health.js';

/** What the manager says itself. */
export interface OwnEvents {
  /** The health, when its status changes. */
  health: HealthSummary;
  /** The instruments that are unplaced now, when they change: their connection is down, and no other has room. */
  unplaced: readonly number[];
}

/** What can be listened to: everything that a connection has to say, and what the manager says itself. */
export type ManagerEvents = FeedEvents & OwnEvents;

/** Every event by name. */
export const MANAGER_EVENTS: readonly string[] = [
  ...TICKER_EVENTS,
  ...Object.keys({ health: true, unplaced: true } satisfies Record<keyof OwnEvents, true>),
];
