import { isInstrumentToken, isMode, type Mode } from '@kite/protocol';

/** A client's request, as the server understood it. */
export type ClientRequest =
  | { readonly action: 'subscribe'; readonly tokens: readonly number[] }
  | { readonly action: 'unsubscribe'; readonly tokens: readonly number[] }
  | { readonly action: 'mode'; readonly mode: Mode; readonly tokens: readonly number[] }
  /** The server answers with an `error` text. */
  | { readonly action: 'invalid'; readonly text: string };

/**
 * Reads a request. Tokens that are strings are dropped without an error, like on the real server: it accepts them but
 * never sends data. Anything else that is no token makes the whole request invalid.
 */
export function parseClientRequest(text: string): ClientRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { action: 'invalid', text };
  }
  return readRequest(json) ?? { action: 'invalid', text };
}

function readRequest(json: unknown): ClientRequest | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { a: action, v: value } = json as { a?: unknown; v?: unknown };
  if (action === 'subscribe' || action === 'unsubscribe') {
    const tokens = readTokens(value);
    return tokens && { action, tokens };
  }
  if (action === 'mode' && Array.isArray(value) && value.length === 2) {
    const [mode, list] = value as unknown[];
    const tokens = readTokens(list);
    return tokens && isMode(mode) ? { action, mode, tokens } : undefined;
  }
  return undefined;
}

function readTokens(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const tokens = new Set<number>();
  for (const token of value as unknown[]) {
    if (typeof token === 'string') continue;
    if (!isInstrumentToken(token)) return undefined;
    tokens.add(token);
  }
  return [...tokens];
}
