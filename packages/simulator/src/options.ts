import { checkOptions, oneOf, type OptionRule, optionRules, withMethods } from '@kite/kit';
import {
  type Clock,
  isInstrumentToken,
  KiteInputError,
  MAX_INSTRUMENTS_PER_CONNECTION,
  priceDivisor,
} from '@kite/protocol';

import { argumentRules } from './argument.js';
import type { UnlistedTokens } from './market/catalogue.js';
import type { InstrumentDefinition } from './market/instrument.js';
import { checkRequired, inside } from './nested-options.js';
import type { RandomSource } from './random.js';
import type { ReplayOptions } from './recording/replay.js';
import type { AccountOptions } from './server/account.js';

/** How a simulator is set up. Everything is optional. */
export interface SimulatorOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** The address to listen on. Default `127.0.0.1`. */
  host?: string | undefined;
  /** PEM key and certificate: the simulator then speaks `wss:`. Default: plain `ws:`. */
  tls?: { key: string | Uint8Array; cert: string | Uint8Array } | undefined;
  /** The same seed makes the same market. Default 1. */
  seed?: number | undefined;
  /** How many instruments to list over all segments, or which ones. Default 10 000. */
  instruments?: number | readonly InstrumentDefinition[] | undefined;
  /**
   * Unlisted tokens: `live` gives them a market too; `silent` accepts subscriptions but never sends ticks, as the
   * command does. Default `live`.
   */
  unlistedTokens?: UnlistedTokens | undefined;
  /** Tokens without an instrument, such as an expired contract's: accepted, but no ticks are sent. Default: none. */
  silentTokens?: readonly number[] | undefined;
  /**
   * Changes a second over all subscribed instruments together, busy ones more often; 0 stops the market.
   * Default: each instrument at its own pace, at most 4 a second.
   */
  ticksPerSecond?: number | undefined;
  /** Milliseconds between two steps of the market; the changes of a step travel in one frame. Default 50, with `ticksPerSecond` 10. */
  stepIntervalMs?: number | undefined;
  /** A frame holds at most this many ticks. Default 3000. */
  maxTicksPerFrame?: number | undefined;
  /** Who may connect. Default: any non-empty key with any non-empty token. */
  accounts?: readonly AccountOptions[] | undefined;
  /** A heartbeat is sent after this long without a frame. Default 1000. */
  heartbeatIntervalMs?: number | undefined;
  /** Interval of WebSocket pings; a connection's `counters` show how many were answered. Default: none. */
  pingIntervalMs?: number | undefined;
  /** Delay before a handshake is answered; `Infinity`: never. Default 0. */
  handshakeDelayMs?: number | undefined;
  /** A connection with this many unread bytes gets no frames until it has read them. Default 16 MiB. */
  maxBufferedBytes?: number | undefined;
  /** Logs every tick sent in `simulator.sent`: true for about the last million, or a number. Default false. */
  recordSent?: boolean | number | undefined;
  /** Replays a recording instead of the made-up market. */
  replay?: ReplayOptions | undefined;
  /** Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Decides which frames are damaged and how. Default: drawn from the seed. The market always draws from the seed. */
  random?: RandomSource | undefined;
}

const CODE = 'KITE_SIMULATOR_INVALID_OPTION';

const nonNegative: OptionRule = {
  allowed: 'a finite number from 0',
  accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};
const text: OptionRule = {
  allowed: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};
const pem: OptionRule = {
  allowed: 'PEM text or bytes',
  accepts: (value) => typeof value === 'string' || value instanceof Uint8Array,
  secret: true,
};
const array: OptionRule = { allowed: 'an array', accepts: Array.isArray };

const RULES: Readonly<Record<keyof SimulatorOptions, OptionRule>> = {
  silentTokens: argumentRules.tokens,
  unlistedTokens: oneOf('live', 'silent'),
  port: {
    allowed: 'an integer from 0 to 65535',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
  },
  host: text,
  tls: { ...optionRules.object, secret: true },
  seed: { allowed: 'a safe integer', accepts: Number.isSafeInteger },
  instruments: {
    allowed: 'how many, from 0 to 1 000 000, or an array of instrument definitions',
    accepts: (value) =>
      Array.isArray(value) ||
      (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000),
  },
  ticksPerSecond: nonNegative,
  stepIntervalMs: optionRules.durationMs,
  maxTicksPerFrame: {
    allowed: `an integer from 1 to ${MAX_INSTRUMENTS_PER_CONNECTION}`,
    accepts: (value) =>
      Number.isInteger(value) &&
      (value as number) >= 1 &&
      (value as number) <= MAX_INSTRUMENTS_PER_CONNECTION,
  },
  accounts: { ...array, secret: true },
  heartbeatIntervalMs: optionRules.durationMs,
  pingIntervalMs: optionRules.durationMs,
  handshakeDelayMs: {
    allowed: 'a number of milliseconds from 0, or Infinity',
    accepts: (value) => typeof value === 'number' && value >= 0,
  },
  maxBufferedBytes: optionRules.positiveInteger,
  recordSent: {
    allowed: 'true, false or a positive integer',
    accepts: (value) => optionRules.boolean.accepts(value) || optionRules.positiveInteger.accepts(value),
  },
  replay: optionRules.object,
  clock: withMethods('now', 'monotonic', 'setTimeout', 'clearTimeout'),
  random: optionRules.function,
};

const ACCOUNT_RULES: Readonly<Record<keyof AccountOptions, OptionRule>> = {
  apiKey: text,
  accessToken: optionRules.secret,
  userId: text,
  sampling: optionRules.object,
  delayMs: nonNegative,
};

const INSTRUMENT_RULES: Readonly<Record<keyof InstrumentDefinition, OptionRule>> = {
  instrumentToken: {
    allowed: 'an instrument token: an integer from 1 to 4294967295',
    accepts: isInstrumentToken,
  },
  tradingsymbol: text,
  name: text,
  exchange: text,
  tickSize: { allowed: 'a positive number of rupees', accepts: optionRules.durationMs.accepts },
  lotSize: {
    allowed: 'an integer from 1 to 50000: quantities are u32 on the wire',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 50_000,
  },
  lastPrice: { allowed: 'a positive number of rupees', accepts: optionRules.durationMs.accepts },
  activity: nonNegative,
  volatility: nonNegative,
  volume: nonNegative,
  expiry: {
    allowed: 'a date YYYY-MM-DD, or null',
    accepts: (value) => value === null || (typeof value === 'string' && isDate(value)),
  },
  strike: nonNegative,
  instrumentType: oneOf('EQ', 'FUT', 'CE', 'PE'),
};

const REPLAY_RULES: Readonly<Record<keyof ReplayOptions, OptionRule>> = {
  source: {
    allowed: 'a path, or an async iterable of bytes',
    accepts: (value) => text.accepts(value) || withMethods().accepts(value),
  },
  speed: {
    allowed: 'a positive number, or Infinity',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  verbatim: optionRules.boolean,
  gaps: oneOf('drop', 'silence'),
  immediately: optionRules.boolean,
};

/** @throws KiteInputError `KITE_SIMULATOR_INVALID_OPTION` */
export function checkSimulatorOptions(options: SimulatorOptions): void {
  checkOptions(KiteInputError, CODE, options, RULES);
  const { tls, accounts, instruments, replay } = options;
  if (tls) inside('tls', () => checkRequired(CODE, tls, { key: pem, cert: pem }, ['key', 'cert']));
  if (replay) inside('replay', () => checkRequired(CODE, replay, REPLAY_RULES, ['source']));
  accounts?.forEach((account, index) => inside(`accounts[${index}]`, () => checkAccount(account)));
  if (typeof instruments !== 'object') return;
  instruments.forEach((instrument, index) =>
    inside(`instruments[${index}]`, () => checkInstrument(instrument)),
  );
}

function checkInstrument(instrument: InstrumentDefinition): void {
  checkRequired(CODE, instrument, INSTRUMENT_RULES, ['instrumentToken']);
  const { instrumentToken, lastPrice = 0 } = instrument;
  const highest = 0x7fff_ffff / priceDivisor(instrumentToken);
  if (lastPrice <= highest) return;
  throw new KiteInputError(CODE, {
    field: 'lastPrice',
    value: lastPrice,
    allowed: `at most ${highest} rupees: a price is a signed 32-bit integer on the wire once scaled by its segment`,
  });
}

function checkAccount(account: AccountOptions): void {
  // checkOptions would print the value, perhaps `key:token`.
  if (typeof account !== 'object')
    throw new KiteInputError(CODE, {
      field: 'options',
      value: '(not shown)',
      allowed: '{ apiKey, accessToken }',
    });
  checkRequired(CODE, account, ACCOUNT_RULES, ['apiKey', 'accessToken']);
  const { sampling } = account;
  if (sampling === undefined) return;
  const { every, offset } = { offset: 0, ...sampling };
  if (Number.isInteger(every) && every >= 1 && Number.isInteger(offset) && offset >= 0 && offset < every)
    return;
  throw new KiteInputError(CODE, {
    field: 'sampling',
    value: sampling,
    allowed: '{ every, offset } with an integer every from 1 and an integer offset from 0 to every − 1',
  });
}

function isDate(text: string): boolean {
  const date = /^\d{4}-\d\d-\d\d$/u.test(text) ? new Date(`${text}T00:00Z`) : undefined;
  return date !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
