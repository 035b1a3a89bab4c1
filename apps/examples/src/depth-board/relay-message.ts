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
 * What the relay tells a page in text. Binary messages between are Kite's frames as they came; those that follow a
 * `history` are older, and the times in it are theirs, one for each. All times are Unix milliseconds on the relay's clock.
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
  /** The watch list is another one: a page has asked for it. */
  | { readonly type: 'instruments'; readonly instruments: readonly Listed[] }
  /** What this page has asked for cannot be, and why. */
  | { readonly type: 'refused'; readonly reason: string }
  | FeedStateMessage
  /** Nothing was received in this time; before the first frame after it. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number; readonly reason: string }
  /** Frames that the relay itself has lost, because it could not keep up. */
  | { readonly type: 'lagged'; readonly dropped: number }
  /** Kite refused a request; the stream goes on. */
  | { readonly type: 'error'; readonly message: string };

/** How the connection to Kite is, and why. */
export interface FeedStateMessage {
  readonly type: 'state';
  readonly state: FeedState;
  readonly reason?: string;
}

/** What a page asks of the relay: one instrument more, by a name such as `NSE:INFY` or a part of one, or one less. */
export type PageMessage =
  | { readonly type: 'add'; readonly name: string }
  | { readonly type: 'remove'; readonly instrumentToken: number };

/** What a page has sent; undefined where it is nothing that a page asks. */
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
