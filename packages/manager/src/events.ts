import { type FeedEvents, TICKER_EVENTS } from './connection-parts.js';
import type { HealthSummary } from './health.js';

/** The manager's own events. */
export interface OwnEvents {
  /** The health, when its status changes, when more instruments are not streamed, or when none are any more. */
  health: HealthSummary;
  /** The unplaced instruments, on each change: their connection is down, and no other has room. */
  unplaced: readonly number[];
}

/** All events: those of the connections and the manager's own. */
export type ManagerEvents = FeedEvents & OwnEvents;

/** Every event by name. */
export const MANAGER_EVENTS: readonly string[] = [
  ...TICKER_EVENTS,
  ...Object.keys({ health: true, unplaced: true } satisfies Record<keyof OwnEvents, true>),
];
