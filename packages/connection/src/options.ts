import { checkOptions, oneOf, type OptionRule, optionRules, refusedOption, withMethods } from '@kite/kit';
import { type Clock, type KiteErrorCode, KiteInputError, Mode, type PriceDivisors } from '@kite/protocol';

import { systemClock } from './clock.js';
import { DIVISORS_RULE } from './divisors.js';
import { checkNetwork, NETWORK_RULES, ownTls } from './network-rules.js';
import { type RandomSource, systemRandom } from './random.js';
import { CREDENTIAL_FORM, flawOf } from './socket/credential-flaw.js';
import type { AccessToken } from './socket/credentials.js';
import { DEFAULT_URL } from './socket/endpoint.js';
import { processEnvironment } from './socket/environment.js';
import type { NetworkOptions } from './socket/network.js';
import type { Transport } from './socket/transport.js';
import { wsTransport } from './socket/ws-transport.js';

/** The options of every layer that opens connections, with the same meaning in each. All durations in milliseconds. */
export interface ConnectionConfig extends NetworkOptions {
  /** Where to dial. Default: `wss://ws.kite.trade/`. */
  url?: string | undefined;
  /** Allow plain `ws:` to other machines; to a loopback address it is always allowed. Default: false. */
  allowInsecure?: boolean | undefined;
  /** How long a handshake, or an answer of the token provider, may take. Default: 30 000. */
  connectionTimeoutMs?: number | undefined;
  /** How long no frame of any kind may come, heartbeats included, before a connection is replaced. Default: 10 000. */
  heartbeatLivenessThresholdMs?: number | undefined;
  /** The shortest delay before a reconnect. Default: 2000. */
  reconnectDelayMs?: number | undefined;
  /** The longest delay before a reconnect. Default: 30 000. */
  maxReconnectDelayMs?: number | undefined;
  /** How many reconnects may fail in a row before it gives up; `Infinity`: it never does. Default: Infinity. */
  maxReconnectAttempts?: number | undefined;
  /** How long a connection must be up, and deliver, to clear the count of failures. Default: 5000. */
  stableAfterMs?: number | undefined;
  /** The delay after a 429, unless a dead connection of our own explains it. Default: 60 000. */
  rateLimitDelayMs?: number | undefined;
  /** How long to wait before trying a refused token again. Default: 60 000. */
  unauthorizedRetryDelayMs?: number | undefined;
  /** The mode of instruments that are subscribed without one. Default: `quote`. */
  defaultMode?: Mode | undefined;
  /** The largest WebSocket message; a larger one ends the connection. Default: 1 MiB. */
  maxPayloadBytes?: number | undefined;
  /** Decode no ticks, and refuse requests for them. Default: false. */
  rawOnly?: boolean | undefined;
  /** The default `capacity` of raw-frame channels, in frames. Default: 5000. */
  connectionBufferSize?: number | undefined;
  /** The default `capacity` of message and tick channels, in items. Default: 10 000. */
  parserBufferSize?: number | undefined;
  /** The default `capacityTicks` of message and tick channels: the most ticks that may wait. Default: 100 000. */
  capacityTicks?: number | undefined;
  /** The default `capacityBytes` of raw-frame channels: the most memory that waiting frames hold. Default: 64 MiB. */
  capacityBytes?: number | undefined;
  /**
   * Divisors of the wire's integer prices by segment, on top of the known ones: for a segment that is new on the
   * exchange, as in `{ 13: 10000 }`. Default: none.
   */
  divisors?: PriceDivisors | undefined;
  /** Where time comes from. Default: the machine. */
  clock?: Clock | undefined;
  /** Where randomness comes from. Default: the engine. */
  random?: RandomSource | undefined;
  /** Where sockets come from. Default: the `ws` package. */
  transport?: Transport | undefined;
}

/** The credentials of one account. */
export interface CredentialOptions {
  /** The app's API key. */
  apiKey: string;
  /** A day's access token, or a function that gives one, called before every connect. */
  accessToken: AccessToken;
}

/** The options of a `KiteTicker`. */
export type TickerOptions = CredentialOptions & ConnectionConfig;

/**
 * The options with every default filled in; the network options have none.
 */
export type ResolvedConnectionConfig = {
  [Name in Exclude<keyof ConnectionConfig, keyof NetworkOptions>]-?: NonNullable<ConnectionConfig[Name]>;
} & NetworkOptions;

const CODE = 'KITE_CONNECTION_INVALID_OPTION';

const apiKey: OptionRule = {
  allowed: CREDENTIAL_FORM,
  accepts: (value) => typeof value === 'string' && flawOf(value) === undefined,
  why: (value) => (typeof value === 'string' ? flawOf(value) : undefined),
  secret: true,
};

const accessToken: OptionRule = {
  ...apiKey,
  allowed: `${CREDENTIAL_FORM}, or a function that gives one`,
  accepts: (value) => typeof value === 'function' || apiKey.accepts(value),
};

const attempts: OptionRule = {
  allowed: 'an integer of 0 or more, or Infinity',
  accepts: (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0),
};

/** The defaults of {@link ConnectionConfig}. */
export const CONNECTION_DEFAULTS: ResolvedConnectionConfig = Object.freeze({
  url: DEFAULT_URL,
  allowInsecure: false,
  connectionTimeoutMs: 30_000,
  heartbeatLivenessThresholdMs: 10_000,
  reconnectDelayMs: 2000,
  maxReconnectDelayMs: 30_000,
  maxReconnectAttempts: Infinity,
  stableAfterMs: 5000,
  rateLimitDelayMs: 60_000,
  unauthorizedRetryDelayMs: 60_000,
  defaultMode: Mode.Quote,
  maxPayloadBytes: 1024 * 1024,
  rawOnly: false,
  connectionBufferSize: 5000,
  parserBufferSize: 10_000,
  capacityTicks: 100_000,
  capacityBytes: 64 * 1024 * 1024,
  divisors: Object.freeze({}),
  clock: systemClock,
  random: systemRandom,
  transport: wsTransport,
});

/**
 * The rules of {@link ConnectionConfig}, for layers that take the same options.
 */
export const CONNECTION_RULES = {
  url: { allowed: 'a ws: or wss: URL', accepts: (value) => typeof value === 'string', secret: true },
  allowInsecure: optionRules.boolean,
  connectionTimeoutMs: optionRules.durationMs,
  heartbeatLivenessThresholdMs: optionRules.durationMs,
  reconnectDelayMs: optionRules.durationMs,
  maxReconnectDelayMs: optionRules.durationMs,
  maxReconnectAttempts: attempts,
  stableAfterMs: optionRules.durationMs,
  rateLimitDelayMs: optionRules.durationMs,
  unauthorizedRetryDelayMs: optionRules.durationMs,
  defaultMode: oneOf(...new Set(Object.values(Mode))),
  maxPayloadBytes: optionRules.positiveInteger,
  rawOnly: optionRules.boolean,
  connectionBufferSize: optionRules.positiveInteger,
  parserBufferSize: optionRules.positiveInteger,
  capacityTicks: optionRules.positiveInteger,
  capacityBytes: optionRules.positiveInteger,
  divisors: DIVISORS_RULE,
  ...NETWORK_RULES,
  clock: withMethods('now', 'monotonic', 'setTimeout', 'clearTimeout'),
  random: optionRules.function,
  transport: withMethods('open'),
} as const satisfies Record<keyof ConnectionConfig, OptionRule>;

/**
 * The rules of {@link CredentialOptions}.
 */
export const CREDENTIAL_RULES = {
  apiKey,
  accessToken,
} as const satisfies Record<keyof CredentialOptions, OptionRule>;

const isSignal = withMethods('addEventListener', 'removeEventListener');

/** The options of `connect()`. */
export const CONNECT_RULES = {
  signal: {
    allowed: 'an AbortSignal',
    accepts: (value) => isSignal.accepts(value) && typeof (value as AbortSignal).aborted === 'boolean',
  },
  failFast: optionRules.boolean,
} as const satisfies Record<'signal' | 'failFast', OptionRule>;

/** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` */
export function resolveTickerOptions(options: TickerOptions): CredentialOptions & ResolvedConnectionConfig {
  checkOptions(KiteInputError, CODE, options, { ...CREDENTIAL_RULES, ...CONNECTION_RULES });
  checkCredentials(CODE, options);
  const { apiKey, accessToken: token, ...config } = options;
  return { apiKey, accessToken: token, ...resolveConnectionConfig(CODE, config, CONNECTION_DEFAULTS) };
}

/**
 * Fills in the defaults of options that have been checked one by one, and checks them together. An option that is
 * undefined counts as absent.
 *
 * @throws KiteInputError with `code`
 */
export function resolveConnectionConfig<Resolved extends ResolvedConnectionConfig>(
  code: KiteErrorCode,
  config: { [Option in keyof Resolved]?: Resolved[Option] | undefined },
  defaults: Resolved,
): Resolved {
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const resolved: Resolved = { ...defaults, ...given };
  resolved.divisors = Object.freeze({ ...resolved.divisors });
  checkNetwork(code, resolved, config.transport !== undefined, processEnvironment());
  if (resolved.tls) resolved.tls = ownTls(resolved.tls);
  const { reconnectDelayMs, maxReconnectDelayMs } = resolved;
  // Either one alone may have any legal value: the other's default gives way.
  if (config.maxReconnectDelayMs === undefined) {
    resolved.maxReconnectDelayMs = Math.max(reconnectDelayMs, maxReconnectDelayMs);
  } else if (config.reconnectDelayMs === undefined) {
    resolved.reconnectDelayMs = Math.min(reconnectDelayMs, maxReconnectDelayMs);
  } else if (maxReconnectDelayMs < reconnectDelayMs) {
    throw new KiteInputError(code, {
      field: 'maxReconnectDelayMs',
      value: maxReconnectDelayMs,
      allowed: `reconnectDelayMs (${reconnectDelayMs}) or more`,
    });
  }
  return resolved;
}

/**
 * @throws KiteInputError with `code`, which shows neither credential
 */
export function checkCredentials(
  code: KiteErrorCode,
  credentials: { apiKey?: unknown; accessToken?: unknown },
): void {
  for (const [field, rule] of Object.entries(CREDENTIAL_RULES)) {
    const value = credentials[field as keyof typeof CREDENTIAL_RULES];
    if (rule.accepts(value)) continue;
    throw refusedOption(KiteInputError, code, field, value, rule);
  }
}

/**
 * Checks credentials that replace others: the key may stay the same.
 *
 * @throws KiteInputError with `code`, which shows neither credential
 */
export function checkNewCredentials(code: KiteErrorCode, credentials: unknown): void {
  checkOptions(KiteInputError, code, credentials, CREDENTIAL_RULES);
  const { accessToken } = credentials as Partial<CredentialOptions>;
  checkCredentials(code, { apiKey: 'unchanged', accessToken });
}
