import { KiteInputError } from '@kite/protocol';

import type { RawFrame, TickerMessage } from './message.js';

/** What can be listened to: each kind of message, and the undecoded frame. */
export type TickerEvents = { [Type in TickerMessage['type']]: Extract<TickerMessage, { type: Type }> } & {
  frame: RawFrame;
};

/**
 * A ticker's events by name: what the type says, for callers that have no types.
 *
 * @internal
 */
export const TICKER_EVENTS: readonly string[] = Object.keys({
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
} satisfies Record<keyof TickerEvents, true>);

/**
 * @throws KiteInputError with this code: a misspelt event would never come, and nobody would notice
 *
 * @internal
 */
export function assertListener(
  code: string,
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
