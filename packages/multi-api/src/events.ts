import type { MultiApiHealth } from './health.js';
import { type FeedEvents, TICKER_EVENTS } from './parts.js';

/** The multi-account manager's own events. */
export interface OwnEvents {
  /** The health, when its status changes, when more instruments are not streamed, or when none are any more. */
  health: MultiApiHealth;
  /** The unplaced instruments, on each change: no streaming account has room for them. */
  unplaced: readonly number[];
}

/** All events: those of each account's connections, with the account, and the manager's own. */
export type MultiApiEvents = FeedEvents & OwnEvents;

/** Every event by name. */
export const MULTI_API_EVENTS: readonly string[] = [
  ...TICKER_EVENTS,
  ...Object.keys({ health: true, unplaced: true } satisfies Record<keyof OwnEvents, true>),
];
