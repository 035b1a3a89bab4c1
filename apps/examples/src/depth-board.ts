/**
 * A page with a live watch list, and the order book and chart of the chosen instrument, from Kite if there are
 * credentials, else from a simulator.
 *
 * Browsers cannot hold Kite's credentials, so a relay does (`depth-board/relay`): it passes raw frames, undecoded, to
 * the page (`depth-board/page`), which decodes them.
 */

import { type Arguments, parseArguments } from './depth-board/arguments.js';
import { serveBoard } from './depth-board/relay/board-server.js';
import { pageAssets } from './depth-board/relay/page-assets.js';
import { Relay } from './depth-board/relay/relay.js';
import { openFeed } from './kit/feed.js';
import { Lifetime } from './kit/lifetime.js';
import { program } from './kit/program.js';
import { WELL_KNOWN_TOKENS } from './kit/watch-list.js';
import { counted } from './live-market/describe.js';

await program(() => main(parseArguments(process.argv.slice(2))));

async function main({ seconds, port, tokens = WELL_KNOWN_TOKENS, url }: Arguments): Promise<void> {
  using lifetime = new Lifetime(seconds);
  await using feed = await openFeed({ tokens, url });
  await using relay = new Relay(feed);
  await using server = await serveBoard({
    assets: await pageAssets(),
    port,
    join: (page) => relay.join(page),
  });
  console.log(`${feed.name}, ${counted(feed.watched.length, 'instrument')}: open ${server.url}`);
  await relay.run(lifetime.signal);
}
