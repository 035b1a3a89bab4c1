import type { Simulator } from '@kite/simulator';

import { serveBoard } from '../../src/depth-board/relay/board-server.js';
import { type Asset, pageAssets } from '../../src/depth-board/relay/page-assets.js';
import { Relay } from '../../src/depth-board/relay/relay.js';
import { type FeedOptions, openFeed } from '../../src/kit/feed.js';

/** A board that is served from a simulator, with a relay that reconnects at once, so that no test has to wait for it. */
export interface ServedBoard extends AsyncDisposable {
  readonly url: string;
  readonly relay: Relay;
  readonly simulator: Simulator | undefined;
  /** Stops serving the page, and serves it again at the same place. */
  restart(): Promise<void>;
}

/** What is served. */
export interface ServedBoardOptions extends FeedOptions {
  /** Default: the page, bundled. */
  assets?: ReadonlyMap<string, Asset>;
}

/** Serves one; it ends when it is disposed. */
export async function serveTestBoard({ assets, ...options }: ServedBoardOptions = {}): Promise<ServedBoard> {
  const served = assets ?? (await pageAssets());
  const feed = await openFeed({ env: {}, ...options });
  const relay = new Relay(feed, { reconnectDelayMs: 1, maxReconnectDelayMs: 1 });
  const lifetime = new AbortController();
  const running = relay.run(lifetime.signal);
  const serve = (port: number) => serveBoard({ assets: served, port, join: (page) => relay.join(page) });
  let server = await serve(0);
  const { url } = server;
  return {
    url,
    relay,
    simulator: feed.simulator,
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await serve(Number(new URL(url).port));
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort();
      await running;
      await server[Symbol.asyncDispose]();
      await feed[Symbol.asyncDispose]();
    },
  };
}
