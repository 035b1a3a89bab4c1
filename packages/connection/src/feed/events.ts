import { type EventName, type EventOf, type KiteErrorCode, KiteInputError } from '@kite/protocol';

/** What can be listened to on a feed, by name. */
export type FeedEvents = { [Type in EventName]: EventOf<Type> };

/**
 * A ticker's events by name: what the type says, for callers that have no types.
 */
export const TICKER_EVENTS: readonly string[] = Object.keys({
  ticks: true,
  order: true,
  error: true,
  message: true,
  state: true,
  gap: true,
  'instruments-meta': true,
  lagged: true,
  issue: true,
  unknown: true,
  frame: true,
} satisfies Record<EventName, true>);

/**
 * @throws KiteInputError with this code: a misspelt event would never come, and nobody would notice
 */
export function assertListener(
  code: KiteErrorCode,
  events: readonly string[],
  type: unknown,
  listener: unknown,
): void {
  if (typeof type !== 'string' || !events.includes(type)) {
    throw new KiteInputError(code, { field: 'type', value: type, allowed: events.join(', ') });
  }
  if (typeof listener !== 'function') {
    throw new KiteInputError(code, { field: 'listener', value: listener, allowed: 'a function' });
  }
}
