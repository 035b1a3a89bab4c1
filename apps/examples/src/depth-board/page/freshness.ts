import type { FeedStateMessage } from '../relay-message.js';

/** The feed sends at least a heartbeat every second; after this much silence, prices cannot be trusted. */
const SILENT_AFTER_MS = 3000;

/** The state of the page's connection to the relay. */
export type LinkState = 'connecting' | 'open' | 'down';

/** Everything that decides whether the shown prices are current. Times are Unix milliseconds. */
export interface Sources {
  readonly link: LinkState;
  readonly feed: FeedStateMessage;
  /** When the last frame came, heartbeats included; null before the first. */
  readonly lastFrameAt: number | null;
  readonly now: number;
}

/** Whether the shown prices are current, and if not, since when and why. */
export type Freshness =
  | { readonly kind: 'live' }
  /** There is nothing to show yet. */
  | { readonly kind: 'starting'; readonly reason: string }
  /** The shown prices were true at `since` (Unix milliseconds). */
  | { readonly kind: 'stale'; readonly since: number; readonly reason: string };

/** Judges the sources. */
export function freshnessOf({ link, feed, lastFrameAt, now }: Sources): Freshness {
  const reason = troubleOf(link, feed) ?? silenceOf(lastFrameAt, now);
  if (lastFrameAt === null) return { kind: 'starting', reason: reason ?? 'waiting for the first tick' };
  return reason === undefined ? { kind: 'live' } : { kind: 'stale', since: lastFrameAt, reason };
}

function troubleOf(link: LinkState, { state, reason }: FeedStateMessage): string | undefined {
  // The relay ends after this, so this is its last message.
  if (state === 'failed') return reason ?? 'the feed has failed';
  if (link === 'connecting') return 'connecting to the relay';
  if (link === 'down') return 'the relay does not answer; trying again';
  switch (state) {
    case 'open':
      return undefined;
    case 'idle':
    case 'connecting':
      return 'connecting to the feed';
    case 'waiting':
      return `${reason ?? 'the feed is down'}; connecting again`;
    case 'closing':
    case 'closed':
      return 'the feed was closed';
  }
}

function silenceOf(lastFrameAt: number | null, now: number): string | undefined {
  const silent = lastFrameAt !== null && now - lastFrameAt > SILENT_AFTER_MS;
  return silent ? 'the feed is silent: not even heartbeats come' : undefined;
}
