import { openBus } from './bus/open-bus.js';
import { streamPlans } from './bus/stream-plan.js';
import { systemRandom } from './connection-parts.js';
import { FeedPublisher } from './publish/feed-publisher.js';
import { checkPublishOptions, type PublishOptions } from './publish/options.js';
import { Subjects } from './wire/subjects.js';

/**
 * Publishes a feed on NATS: its packets, gaps, states and orders. Resolves when the server is connected and the streams
 * exist; from then on it publishes until `close()` and recovers by itself.
 *
 * Ticks are not acknowledged one by one. While the server is slow or gone, the publisher keeps the newest packet of
 * each instrument and counts the rest; the packet numbers show a subscriber what is missing.
 *
 * Rejects with `KITE_NATS_INVALID_OPTION`, `KITE_NATS_UNREACHABLE`, `KITE_NATS_CLOSED`, `KITE_NATS_SERVER_TOO_OLD`,
 * `KITE_NATS_NO_JETSTREAM`, `KITE_NATS_STREAM_MISMATCH` or `KITE_NATS_STREAM_FAILED`; then nothing is left open.
 */
export async function publishFeed(options: PublishOptions): Promise<FeedPublisher> {
  checkPublishOptions(options);
  const { feed, publisher, stream, frames, onIssue } = options;
  const subjects = new Subjects(options.prefix, options.shards);
  const bus = await openBus(options, `kite publisher ${publisher}`);
  try {
    const ensure = () => bus.ensure(streamPlans(subjects, stream ?? {}));
    await ensure();
    const parts = { feed, bus, subjects, publisher, frames, ensure, onIssue };
    return new FeedPublisher({ ...parts, random: systemRandom });
  } catch (error) {
    await bus.close();
    throw error;
  }
}
