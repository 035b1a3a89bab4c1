import { expect, test } from 'vitest';
import { publishFeed, type PublishOptions } from '@kite/nats';
import { isKiteError } from '@kite/protocol';

import { FakeFeed } from '../support/fake-feed.js';

const feed = new FakeFeed().asFeed;
const good = { feed, publisher: 'a', servers: 'localhost' };

test.each<[string, object, string]>([
  ['no feed', { ...good, feed: undefined }, 'feed'],
  ['a feed that cannot be read', { ...good, feed: {} }, 'feed'],
  ['no name', { ...good, publisher: undefined }, 'publisher'],
  ['a name that would be two parts of a subject', { ...good, publisher: 'a.b' }, 'publisher'],
  ['neither servers nor nats', { ...good, servers: undefined }, 'servers'],
  ['no server in the list', { ...good, servers: [] }, 'servers'],
  ['something that is no connection', { ...good, servers: undefined, nats: {} }, 'nats'],
  ['no shard', { ...good, shards: 0 }, 'shards'],
  ['a prefix with a wildcard', { ...good, prefix: '*' }, 'prefix'],
  ['an age that is none', { ...good, stream: { maxAge: -1 } }, 'maxAge'],
  ['a storage that is none', { ...good, stream: { storage: 'disk' } }, 'storage'],
  ['an unknown option', { ...good, server: 'localhost' }, 'server'],
])('publishFeed refuses %s, and names it', async (_, options, field) => {
  const error: unknown = await publishFeed(options as PublishOptions).catch((e: unknown) => e);
  expect(isKiteError(error, 'KITE_NATS_INVALID_OPTION')).toBe(true);
  expect(error).toMatchObject({ field });
});

test('a refused address is not shown: it may hold a password', async () => {
  const error: unknown = await publishFeed({ ...good, servers: ['nats://u:s3cret@h', ''] }).catch(
    (e: unknown) => e,
  );
  expect(JSON.stringify(error)).not.toContain('s3cret');
});
