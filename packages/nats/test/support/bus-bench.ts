import { BusFeed, FeedPublisher, Subjects } from '@kite/nats';
import type { TickerMessage } from '@kite/protocol';
import { collect } from '@kite/testkit';

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
  readonly reader = this.read('reader', this.readerBus);
  #epochs = 0;

  /** A program that reads, with a connection of its own. */
  read(name: string, bus = new MemoryBus(this.server)): BusFeed {
    const reader = new BusReader(bus, new Subjects(), this.clock);
    return new BusFeed(name, reader, reader.demandAs(`${name}.1`));
  }

  /** A publisher of the feed, or of another one in the same time, with a connection of its own. */
  readonly publish = (publisher = 'a', feed = this.feed): { bus: MemoryBus; publisher: FeedPublisher } => {
    const bus = new MemoryBus(this.server);
    const parts = {
      feed: feed.asFeed,
      bus,
      subjects: new Subjects(),
      publisher,
      ensure: () => bus.ensure(),
      onIssue: () => undefined,
    };
    return { bus, publisher: new FeedPublisher({ ...parts, random: () => ++this.#epochs / 1000 }) };
  };
}

/** Everything that a feed says from now on. */
export function read(feed: BusFeed): TickerMessage[] {
  return collect(feed.messages());
}

/** What came, in short: prices, and the other messages by their type. */
export function shown(messages: readonly TickerMessage[]): (number | string)[] {
  return messages.flatMap<number | string>((message) =>
    message.type === 'ticks' ? message.ticks.map(({ lastPrice }) => lastPrice) : [message.type],
  );
}
