import { parseInstrumentTokens } from './instrument-token.js';
import { MAX_INSTRUMENTS_PER_CONNECTION } from './limits.js';
import { assertMode, type Mode } from './mode.js';

/**
 * The text messages that subscribe to these instruments, in chunks of at most 3000 tokens; none for no tokens.
 * The server acknowledges nothing, and streams in quote mode until a mode request says otherwise.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN`
 */
export function subscribeRequests(tokens: Iterable<number>): string[] {
  return chunk(parseInstrumentTokens(tokens)).map((v) => JSON.stringify({ a: 'subscribe', v }));
}

/**
 * The text messages that unsubscribe from these instruments, in chunks of at most 3000 tokens.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN`
 */
export function unsubscribeRequests(tokens: Iterable<number>): string[] {
  return chunk(parseInstrumentTokens(tokens)).map((v) => JSON.stringify({ a: 'unsubscribe', v }));
}

/**
 * The text messages that set the mode of subscribed instruments, in chunks of at most 3000 tokens.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_PROTOCOL_INVALID_MODE`
 */
export function modeRequests(mode: Mode, tokens: Iterable<number>): string[] {
  assertMode(mode);
  return chunk(parseInstrumentTokens(tokens)).map((v) => JSON.stringify({ a: 'mode', v: [mode, v] }));
}

function chunk(tokens: readonly number[]): (readonly number[])[] {
  const chunks: (readonly number[])[] = [];
  for (let from = 0; from < tokens.length; from += MAX_INSTRUMENTS_PER_CONNECTION) {
    chunks.push(tokens.slice(from, from + MAX_INSTRUMENTS_PER_CONNECTION));
  }
  return chunks;
}
