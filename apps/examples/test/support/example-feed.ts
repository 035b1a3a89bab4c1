import type { ManagerConfig } from '@kite/manager';

import { type FeedOptions, openFeed } from '../../src/kit/feed.js';
import { LiveMarket } from '../../src/live-market/live-market.js';

/** A market that streams from a simulator, and reconnects at once, so that no test has to wait for it. */
export interface StreamingMarket extends AsyncDisposable {
  readonly market: LiveMarket;
  readonly signal: AbortSignal;
  end(): void;
}

/** Starts one; it ends when it is disposed. */
export async function streamingMarket(
  options: FeedOptions = {},
  config: ManagerConfig = {},
): Promise<StreamingMarket> {
  const feed = await openFeed({ env: {}, ...options });
  const market = new LiveMarket(feed, {
    reconnectDelayMs: 1,
    maxReconnectDelayMs: 1,
    maxConnections: Math.min(3, feed.watched.length),
    ...config,
  });
  const lifetime = new AbortController();
  const running = market.run(lifetime.signal);
  return {
    market,
    signal: lifetime.signal,
    end: () => lifetime.abort(),
    async [Symbol.asyncDispose]() {
      lifetime.abort();
      await running;
      await feed[Symbol.asyncDispose]();
    },
  };
}
