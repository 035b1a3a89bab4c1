export { counted } from './counted.js';
export { decodeFrame, FrameDecoder, type DecodeOptions } from './decode.js';
export { encodeFrame, encodePacket, type EncodeOptions } from './encode.js';
export { PROTOCOL_ERRORS, type ErrorCodeEntry } from './error-codes.js';
export { isKiteError, KiteError, KiteInputError, type KiteErrorFields } from './error.js';
export type {
  FrameIssue,
  TrailingBytesIssue,
  TruncatedIssue,
  UnknownLengthIssue,
  UnknownSegmentIssue,
} from './frame-issue.js';
export { FrameWalker, type WalkOptions } from './frame-walker.js';
export { isInstrumentToken, MAX_INSTRUMENT_TOKEN, parseInstrumentTokens } from './instrument-token.js';
export { DEPTH, FRAME, offsetsOf, PACKETS, type Offsets, type WireField, type WireType } from './layout.js';
export { MAX_CONNECTIONS_PER_KEY, MAX_INSTRUMENTS_PER_CONNECTION } from './limits.js';
export { assertMode, isMode, Mode, SERVER_DEFAULT_MODE } from './mode.js';
export { checkOptions, nearestName, oneOf, optionRules, withMethods, type OptionRule } from './options.js';
export type { OrderStatus, OrderUpdate } from './order.js';
export { decodeDepth, decodePacket, type KnownLength } from './packet.js';
export { modeRequests, subscribeRequests, unsubscribeRequests } from './request.js';
export {
  DEFAULT_PRICE_DIVISOR,
  divisorTable,
  isTradable,
  priceDivisor,
  Segment,
  segmentName,
  segmentOf,
  type PriceDivisors,
} from './segment.js';
export { parseTextMessage, type TextMessage } from './text.js';
export { textOf } from './thrown.js';
export type {
  Depth,
  DepthLevel,
  DepthLevels,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
  Ohlc,
  QuoteTick,
  Tick,
} from './tick.js';
