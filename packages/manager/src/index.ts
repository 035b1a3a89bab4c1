export type { Distribution } from './distribution.js';
export { MANAGER_ERRORS } from './error-codes.js';
export type { ManagerEvents } from './events.js';
export type { HealthSummary } from './health.js';
export type { LastTick } from './last-ticks.js';
export { KiteTickerManager, type KiteTickerManagerBuilder } from './manager.js';
export type { OptionBuilder } from './option-builder.js';
export type { ManagerConfig, ManagerOptions } from './options.js';
export { presets } from './presets.js';
export type { ProcessorStats } from './processor-stats.js';
export { managerSeam } from './seam.js';
export type { ManagerStats } from './stats.js';
export type { Subscriber, SubscriberOptions } from './subscribers/subscriber.js';
export {
  type AccessToken,
  asIndexQuote32,
  asInstHeader64,
  asTickRaw,
  type Channel,
  ChannelId,
  type ChannelOptions,
  type Clock,
  CONNECTION_ERRORS,
  type ConnectionConfig,
  type ConnectionStats,
  type CredentialOptions,
  decodeFrame,
  decodeLazy,
  type Depth,
  type DepthLevel,
  encodeFrame,
  type EventName,
  type EventOf,
  type Feed,
  FrameCursor,
  FrameDecoder,
  type FrameIssue,
  type FullTick,
  type Gap,
  type IndexFullTick,
  type IndexQuoteTick,
  isKiteError,
  KiteError,
  type KiteErrorCode,
  KiteInputError,
  KiteTicker,
  LazyDecoder,
  type LazyTick,
  type LazyTickBatch,
  type LtpTick,
  Mode,
  type Ohlc,
  type OnceOptions,
  type OrderUpdate,
  packets,
  type QuoteTick,
  type RandomSource,
  type RawChannelOptions,
  type RawFrame,
  type RawTick,
  type Received,
  Segment,
  segmentName,
  segmentOf,
  systemClock,
  type Tick,
  type TickBatch,
  TickColumns,
  type TickerMessage,
  type TickerState,
  type TickRaw,
  type TickSource,
  type Transport,
} from '@kite/connection';
