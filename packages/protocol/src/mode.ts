import { KiteInputError } from './error.js';

/**
 * How much of an instrument the server streams: only the last traded price, the quote, or the quote with market depth,
 * open interest and timestamps.
 */
export type Mode = 'ltp' | 'quote' | 'full';

/** The three modes under their usual names; `QUOTE` and `FULL` as well, because JavaScript users type those. */
export const Mode = {
  LTP: 'ltp',
  Quote: 'quote',
  Full: 'full',
  QUOTE: 'quote',
  FULL: 'full',
} as const satisfies Record<string, Mode>;

/** The server's mode after a subscribe, until a mode request. */
export const SERVER_DEFAULT_MODE: Mode = Mode.Quote;

const MODES: ReadonlySet<unknown> = new Set(Object.values(Mode));

/** Whether `value` is a mode. */
export function isMode(value: unknown): value is Mode {
  return MODES.has(value);
}

/** @throws KiteInputError `KITE_PROTOCOL_INVALID_MODE` unless `value` is a mode. */
export function assertMode(value: unknown, field = 'mode'): asserts value is Mode {
  if (isMode(value)) return;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_MODE', {
    field,
    value,
    allowed: "'ltp', 'quote' or 'full'",
  });
}
