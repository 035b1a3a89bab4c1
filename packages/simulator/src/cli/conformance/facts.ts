/** One thing a client has to do. */
export interface Fact {
  /** Its number in the README's list. */
  readonly id: number;
  readonly title: string;
  /** A client that fails it shows wrong prices, loses the stream or gets its key locked out. */
  readonly required: boolean;
}

const required = (id: number, title: string): Fact => ({ id, title, required: true });
const optional = (id: number, title: string): Fact => ({ id, title, required: false });

/** The README's list, in its order. Numbers never change their meaning: add new facts at the end. */
export const FACTS: readonly Fact[] = [
  required(1, 'connects at / with its key and its token'),
  required(2, 'subscribes to the tokens as numbers'),
  required(3, 'asks for the modes'),
  required(4, 'reads an ltp packet (8 bytes)'),
  required(5, 'reads a quote packet (44 bytes)'),
  required(6, 'reads a full packet (184 bytes), with both sides of the depth'),
  required(7, 'reads an index quote packet (28 bytes: high, low, open, close)'),
  required(8, 'reads an index full packet (32 bytes), with its time'),
  required(9, 'divides prices of CDS by 10 000 000'),
  required(10, 'divides prices of BCD by 10 000'),
  required(11, 'divides prices of NCO by 10 000'),
  required(12, 'reads prices as signed: one below zero'),
  required(13, 'reads volumes as unsigned: 3 000 000 000'),
  required(14, 'reads tokens as unsigned: one from 2³¹ on'),
  optional(15, 'takes a time of 0 as absent'),
  optional(16, 'computes the change in percent of quote and full'),
  required(17, 'reads all packets of a frame'),
  required(18, 'skips a packet of unknown length, and reads the rest of its frame'),
  optional(19, 'reads the whole packets of a frame that is cut short'),
  optional(20, 'ignores bytes after the last packet'),
  required(21, 'makes no tick of a heartbeat, and stays connected on heartbeats alone'),
  required(22, 'survives texts that nobody documents: without data, of unknown types, not JSON'),
  required(23, 'stays connected after an error text'),
  optional(24, 'hands on an order update'),
  required(25, 'reads the largest legal frame: 3000 full packets, 558 002 bytes'),
  required(26, 'reads a message that comes in WebSocket fragments'),
  required(27, 'connects again after a reset'),
  required(28, 'subscribes again after a reset, in the same modes'),
  required(29, 'connects again after a closing handshake'),
  required(30, 'connects again when nothing comes any more although the socket is open'),
  required(31, 'tries again after 503'),
  required(32, 'tries again where nobody listens yet'),
  required(33, 'does not storm after 403: at most 3 attempts in 3 seconds'),
  required(34, 'does not storm after 400: at most 3 attempts in 3 seconds'),
  required(35, 'does not storm after 429: at most 3 attempts in 3 seconds'),
  optional(36, 'tells of a 403: a line of type error, a word on stderr, or an exit code'),
  optional(37, 'percent-encodes a token that has reserved characters'),
  required(38, 'comes back after one 429 that follows a lost connection'),
  required(39, 'comes back after one 403 or 400 that follows a good connection, within 90 seconds'),
  required(40, 'does not storm after a 400 without a word: at most 3 attempts in 3 seconds'),
];

/** The result of one fact. */
export interface Row extends Fact {
  readonly passed: boolean;
  /** What was seen instead; empty if it passed. */
  readonly why: string;
}
