export type { Clock } from './clock.js';
export { decodeFrame, type DecodeOptions, FrameDecoder } from './decode.js';
export { encodeFrame, type EncodeOptions, encodePacket } from './encode.js';
export { isKiteError, KiteError, type KiteErrorFields, KiteInputError } from './error.js';
export { type KiteErrorCode, type KiteErrorCodes, PROTOCOL_ERRORS } from './error-codes.js';
export type { FrameIssue } from './frame-issue.js';
export { FrameWalker } from './frame-walker.js';
export { isInstrumentToken, parseInstrumentTokens } from './instrument-token.js';
export type {
  ChannelId,
  EventName,
  EventOf,
  Gap,
  RawFrame,
  Received,
  TickBatch,
  TickerMessage,
  TickerState,
} from './item.js';
export { DEPTH, FRAME, PACKETS } from './layout.js';
export { MAX_CONNECTIONS_PER_KEY, MAX_INSTRUMENTS_PER_CONNECTION } from './limits.js';
export { assertMode, isMode, Mode, SERVER_DEFAULT_MODE } from './mode.js';
export type { OrderUpdate } from './order.js';
export { decodeDepth, decodePacket } from './packet.js';
export { modeRequests, subscribeRequests, unsubscribeRequests } from './request.js';
export { isTradable, priceDivisor, type PriceDivisors, Segment, segmentName, segmentOf } from './segment.js';
export { parseTextMessage, type TextMessage } from './text.js';
export type {
  Depth,
  DepthLevel,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
  Ohlc,
  QuoteTick,
  Tick,
} from './tick.js';
export type { TickSource } from './tick-source.js';
