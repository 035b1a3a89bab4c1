export type { BusOptions, OpenNats } from './bus/open-bus.js';
export type { StreamOptions } from './bus/stream-plan.js';
export {
  type DemandManager,
  DemandServer,
  type DemandShare,
  type DemandStats,
} from './demand/demand-server.js';
export { NATS_ERRORS } from './error-codes.js';
export { type BusFeedOptions, openBusFeed } from './open-bus-feed.js';
export { FeedPublisher, type PublisherStats } from './publish/feed-publisher.js';
export type { PublishOptions } from './publish/options.js';
export { publishFeed } from './publish-feed.js';
export { serveDemand, type ServeDemandOptions } from './serve-demand.js';
export { type BusChannelOptions, BusFeed } from './subscribe/bus-feed.js';
export type { BusFeedStats } from './subscribe/bus-feed-stats.js';
export { natsSeam } from './subscribe/seam.js';
export { decodeFrameMessage, type FrameMessage } from './wire/frame-message.js';
export {
  decodeTickMessage,
  encodeTickMessage,
  type NotATickMessage,
  TICK_HEAD,
  type TickHead,
  type TickMessage,
} from './wire/head.js';
export type { Beat, Report, ReportOrigin } from './wire/report.js';
export { shardOf } from './wire/shard.js';
export { Subjects } from './wire/subjects.js';
export { isKiteError } from '@kite/protocol';
