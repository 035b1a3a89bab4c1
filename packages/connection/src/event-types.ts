import { KiteInputError } from '@kite/protocol';

import type { TickerEvents } from './hub.js';

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
} satisfies Record<keyof TickerEvents, true>);

/** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION`: a misspelt event would never come, and nobody would notice */
export function assertListener(type: unknown, listener: unknown): void {
  const code = 'KITE_CONNECTION_INVALID_OPTION';
  if (typeof type !== 'string' || !EVENT_TYPES.includes(type)) {
    throw new KiteInputError(code, { field: 'type', value: type, allowed: EVENT_TYPES.join(', ') });
  }
  if (typeof listener !== 'function') {
    throw new KiteInputError(code, { field: 'listener', value: listener, allowed: 'a function' });
  }
}
