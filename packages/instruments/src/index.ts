export { INSTRUMENTS_ERRORS } from './error-codes.js';
export type { Instrument } from './instrument.js';
export { Instruments, type ParseOptions, type WatchOptions } from './instruments.js';
export type { ListIssue } from './list/list-issue.js';
export type { LoadOptions } from './load/load-options.js';
export type { ChainRow, FutureMonth } from './query/derivatives.js';
export type { ChangedInstrument, InstrumentField, InstrumentsDiff } from './query/diff.js';
export type { SearchOptions } from './query/search-query.js';
export type { RandomSource } from './random.js';
export type {
  AbortSignalLike,
  ByteReader,
  ByteStream,
  FetchList,
  ListResponse,
  RequestSignal,
} from './runtime.js';
export { isKiteError, KiteError, KiteInputError } from '@kite/protocol';
