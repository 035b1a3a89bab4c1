import { describeValue, nearestName } from '@kite/kit';
import { type EventName, type EventOf, type KiteErrorCode, KiteInputError } from '@kite/protocol';

/** What can be listened to on a feed, by name. */
export type FeedEvents = { [Type in EventName]: EventOf<Type> };

/** A ticker's events by name: the keys of the type, for callers without types. */
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

/** @throws KiteInputError with this code: a misspelt event would never come, and go unnoticed */
export function assertListener(
  code: KiteErrorCode,
  events: readonly string[],
  type: unknown,
  listener: unknown,
): void {
  if (typeof type !== 'string' || !events.includes(type)) throw unknownEvent(code, events, type);
  if (typeof listener !== 'function') {
    throw new KiteInputError(code, { field: 'listener', value: listener, allowed: 'a function' });
  }
}

/** What others call these events: the official client, and most clients that people have used before. */
const OTHER_NAMES: Readonly<Record<string, EventName>> = {
  connect: 'state',
  open: 'state',
  disconnect: 'state',
  close: 'state',
  reconnect: 'state',
  noreconnect: 'state',
  order_update: 'order',
  orderUpdate: 'order',
  tick: 'ticks',
};

function unknownEvent(code: KiteErrorCode, events: readonly string[], type: unknown): KiteInputError {
  const allowed = events.join(', ');
  const refused = { field: 'type', value: type, allowed };
  if (typeof type !== 'string') return new KiteInputError(code, refused);
  const meant = Object.hasOwn(OTHER_NAMES, type) ? OTHER_NAMES[type] : nearestName(type, events);
  if (meant === undefined) return new KiteInputError(code, refused);
  const message = `type is ${describeValue(type)}; did you mean ${meant}? Allowed: ${allowed}`;
  return new KiteInputError(code, refused, message);
}
