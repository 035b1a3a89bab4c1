export { decodeLazy, LazyDecoder } from './decode-lazy.js';
export type { DepthEntryFields, DepthEntryRaw, DepthRaw, DepthSideRaw } from './depth-raw.js';
export { RAW_ERRORS } from './error-codes.js';
export { FrameCursor } from './frame-cursor.js';
export { asIndexQuote32, INDEX_QUOTE_SIZE, type IndexQuote32, type IndexQuoteFields } from './index-quote.js';
export { asInstHeader64, INST_HEADER_SIZE, type InstHeader64, type InstHeaderFields } from './inst-header.js';
export type {
  LazyFullTick,
  LazyIndexFullTick,
  LazyIndexQuoteTick,
  LazyLtpTick,
  LazyQuoteTick,
  LazyTick,
} from './lazy-tick.js';
export type { LoadedTick } from './loaded-tick.js';
export { packets } from './packets.js';
export { TickColumns, type TickColumnsOptions } from './tick-columns.js';
export { asTickRaw, TICK_FULL_SIZE, type TickRaw, type TickRawFields } from './tick-raw.js';
