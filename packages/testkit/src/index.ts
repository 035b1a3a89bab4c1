export { chromiumOptions, chromiumPath, noChromium, postedByWorker } from './chromium.js';
export { collect } from './collect.js';
export { connectionOptions } from './connection-options.js';
export { ACCESS_TOKEN, API_KEY } from './credentials.js';
export { DAY_OF_TWO, DayBench, NOTHING_PENDING, ONE_RECONNECT } from './day-bench.js';
export { errorCodeSuite } from './error-codes.js';
export { FAST_DELAYS } from './fast-delays.js';
export { fullFrame, HEARTBEAT, ltpFrame } from './frames.js';
export { fuzzSuite } from './fuzz-suite.js';
export { bytesOfText, type FuzzTarget, MAX_FUZZ_LENGTH, textOfBytes } from './fuzz-target.js';
export { ofType } from './message-types.js';
export { Mutator, type MutatorOptions } from './mutator.js';
export { hasNoNatsServer, NatsServer } from './nats-server.js';
export { type Outcome, Program, type ProgramOptions } from './program.js';
export { ProxyProcess, type ProxySettings, type TunnelRequest } from './proxy-process.js';
export { publicSurface, publicSurfaceSuite } from './public-surface.js';
export { Readme } from './readme.js';
export { reentrantCallsSuite } from './reentrant-calls.js';
export { codeOf } from './refusals.js';
export { requestsOf } from './requests.js';
export { everyRendering, spellings } from './secrets.js';
export { SELF_SIGNED } from './self-signed.js';
export { settled } from './settled.js';
export { SocketBench } from './socket-bench.js';
export { STILL_MARKET } from './still-market.js';
export { sorted, streamed } from './streamed.js';
export { subjectFilter } from './subject-filter.js';
export { fullTick, indexTick, ltpTick, quoteTick } from './ticks.js';
export { INFY, instruments, NIFTY, RELIANCE } from './tokens.js';
export {
  FRAME_OF_EACH_KIND,
  NIFTY_FULL,
  NSE_FULL,
  NSE_QUOTE,
  TICKS_OF_EACH_KIND,
  VECTOR_FRAME,
  VECTOR_TICKS,
  VECTORS,
} from './vectors.js';
export { VirtualClock } from './virtual-clock.js';
export { aWhile, eventually, reached, standing } from './waiting.js';
export { WAYS } from './ways.js';
export {
  embed,
  frameOf,
  fromHex,
  fullBody,
  type FullWire,
  indexFullBody,
  indexQuoteBody,
  type IndexWire,
  type LevelWire,
  ltpBody,
  type LtpWire,
  quoteBody,
  type QuoteWire,
} from './wire.js';
