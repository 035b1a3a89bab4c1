import { BusFeed, FeedPublisher, Subjects } from '@kite/nats';

import { BusReader } from '../../src/subscribe/bus-reader.js';
import { FakeFeed } from './fake-feed.js';
import { MemoryBus, MemoryServer } from './memory-bus.js';

/** A publisher and a reader on one server in memory, in virtual time. */
export class BusBench {
  readonly feed = new FakeFeed();
  readonly clock = this.feed.clock;
  readonly server = new MemoryServer(() => this.clock.now());
  /** The reader's connection to the server. */
  readonly readerBus = new MemoryBus(this.server);
  readonly reader = new BusFeed('reader', new BusReader(this.readerBus, new Subjects(), this.clock));
  #epochs = 0;

  /** A publisher of the feed, with a connection of its own. */
  readonly publish = (publisher = 'a'): { bus: MemoryBus; publisher: FeedPublisher } => {
    const bus = new MemoryBus(this.server);
    const parts = {
      feed: this.feed.asFeed,
      bus,
      subjects: new Subjects(),
      publisher,
      onIssue: () => undefined,
    };
    return { bus, publisher: new FeedPublisher({ ...parts, random: () => ++this.#epochs / 1000 }) };
  };
}
