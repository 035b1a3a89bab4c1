export type { Channel, ChannelOptions, LazyTickBatch, RawChannelOptions } from './channel/channel.js';
export { systemClock } from './clock.js';
export { CONNECTION_ERRORS } from './error-codes.js';
export type { Feed, OnceOptions } from './feed.js';
export { ChannelId } from './feed/channel-id.js';
export type { DiagnosticEvents } from './feed/diagnostics.js';
export type { RawTick } from './feed/message.js';
export type { ConnectionStats } from './feed/stats.js';
export { KiteFeed } from './kite-feed.js';
export type { ConnectionConfig, CredentialOptions, TickerOptions } from './options.js';
export type { RandomSource } from './random.js';
export { connectionSeam } from './seam.js';
export type { AccessToken } from './socket/credentials.js';
export type { NetworkOptions, TlsOptions } from './socket/network.js';
export type {
  SocketEnd,
  SocketListener,
  Transport,
  TransportRequest,
  TransportSocket,
} from './socket/transport.js';
export { wsTransport } from './socket/ws-transport.js';
export { KiteTicker } from './ticker.js';
export {
  type Clock,
  decodeFrame,
  type Depth,
  type DepthLevel,
  encodeFrame,
  type EventName,
  type EventOf,
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
  type LtpTick,
  Mode,
  type Ohlc,
  type OrderUpdate,
  type QuoteTick,
  type RawFrame,
  type Received,
  Segment,
  segmentName,
  segmentOf,
  type Tick,
  type TickBatch,
  type TickerMessage,
  type TickerState,
  type TickSource,
} from '@kite/protocol';
export {
  asIndexQuote32,
  asInstHeader64,
  asTickRaw,
  decodeLazy,
  FrameCursor,
  LazyDecoder,
  type LazyTick,
  packets,
  TickColumns,
  type TickRaw,
} from '@kite/raw';
