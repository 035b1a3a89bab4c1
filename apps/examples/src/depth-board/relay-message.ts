/** The path of the relay's WebSocket. */
export const FEED_PATH = '/feed';

/** The life of the connection to Kite: the states of a `KiteTicker`. */
type FeedState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closing' | 'closed' | 'failed';

/** An instrument of the watch list. */
export interface Listed {
  readonly instrumentToken: number;
  readonly symbol: string;
}

/**
 * The relay's text messages to a page. The binary messages between them are Kite's frames, unchanged. Those after a
 * `history` are older, and it has a time for each. All times are Unix milliseconds on the relay's clock.
 */
export type RelayMessage =
  /** The first message. */
  | {
      readonly type: 'hello';
      /** Where the ticks come from, for people. */
      readonly feed: string;
      readonly now: number;
      readonly instruments: readonly Listed[];
    }
  | { readonly type: 'history'; readonly receivedAt: readonly number[] }
  /** The watch list has changed, at a page's request. */
  | { readonly type: 'instruments'; readonly instruments: readonly Listed[] }
  /** This page's request is not possible, and why. */
  | { readonly type: 'refused'; readonly reason: string }
  | FeedStateMessage
  /** Nothing was received in this time; sent before the first frame after it. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number; readonly reason: string }
  /** Frames that the relay itself dropped, because it could not keep up. */
  | { readonly type: 'lagged'; readonly dropped: number }
  /** Kite refused a request; the stream goes on. */
  | { readonly type: 'error'; readonly message: string };

/** The state of the connection to Kite, and why. */
export interface FeedStateMessage {
  readonly type: 'state';
  readonly state: FeedState;
  readonly reason?: string;
}

/** A page's request to the relay: add an instrument, by a name such as `NSE:INFY` or a part of one, or remove one. */
export type PageMessage =
  | { readonly type: 'add'; readonly name: string }
  | { readonly type: 'remove'; readonly instrumentToken: number };

/** Parses a page's message; undefined if it is no valid request. */
export function parsePageMessage(text: string): PageMessage | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { type, name, instrumentToken } = (said ?? {}) as Record<string, unknown>;
  if (type === 'add' && typeof name === 'string' && name.trim() !== '') return { type, name: name.trim() };
  if (type === 'remove' && typeof instrumentToken === 'number') return { type, instrumentToken };
  return undefined;
}
