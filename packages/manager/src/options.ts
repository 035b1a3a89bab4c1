import type { ConnectionConfig, CredentialOptions } from '@kite/connection';
import { checkOptions, oneOf, type OptionRule, optionRules, withMethods } from '@kite/kit';
import {
  type KiteErrorCode,
  KiteInputError,
  MAX_CONNECTIONS_PER_KEY,
  MAX_INSTRUMENTS_PER_CONNECTION,
} from '@kite/protocol';

import {
  checkCredentials,
  CONNECTION_DEFAULTS,
  CONNECTION_RULES,
  CREDENTIAL_RULES,
  resolveConnectionConfig,
  type ResolvedConnectionConfig,
} from './connection-parts.js';
import type { Distribution } from './distribution.js';
import type { Latency } from './threads/main/wake-policy.js';
import { ioWorkerKey, type WorkerHost } from './threads/wire/worker-host.js';

/** The options of a manager, in addition to those of each connection. All durations in milliseconds. */
export interface ManagerConfig extends ConnectionConfig {
  /** Connections to open, 1 to 3: Kite allows three for an API key. Default: 3. */
  maxConnections?: number | undefined;
  /** Instruments on a connection, 1 to 3000: Kite streams no more. Default: 3000. */
  maxSymbolsPerConnection?: number | undefined;
  /** How instruments are spread over the connections. Default: `round-robin`. */
  distribution?: Distribution | undefined;
  /**
   * Run the sockets in an I/O worker, so that a main thread that is blocked for seconds costs no connection. Default:
   * true. With your own `clock`, `random` or `transport` they run in the main thread, since functions cannot cross to a
   * thread. If no worker can start they run there too, and an `issue`, a health reason and a warning say so.
   */
  enableDedicatedParsers?: boolean | undefined;
  /** I/O workers, 1 to 3, that share the connections. Default: 1. */
  ioThreads?: number | undefined;
  /** Size of the ring between an I/O worker and the main thread, in bytes, from 4096. Default: 8 MiB. */
  ringBytes?: number | undefined;
  /**
   * How the main thread learns that an I/O worker has data. `balanced`: woken at once while data is sparse; above about
   * 1500 bursts a second it polls each millisecond, which costs less CPU. `lowest`: always woken at once.
   * Default: `balanced`.
   */
  latency?: Latency | undefined;
  /** Where the I/O worker's file is, if a bundler has moved it. Default: beside this package's own. */
  workerUrl?: string | URL | undefined;
  /** How often to check the health, in addition to each change. Default: 10 000. */
  healthCheckIntervalMs?: number | undefined;
  /** How long a connection may be down before its instruments move to the others, in milliseconds. Default: 15 000. */
  failoverAfterMs?: number | undefined;
  /** Keep the newest tick of each instrument for `getLastTick`; this decodes everything. Default: false. */
  lastTicks?: boolean | undefined;
  /**
   * The list of instruments: `await Instruments.load()` of `@kite/instruments`. With it, names like `NSE:INFY` work
   * wherever tokens do, and errors and health name instruments. Default: none.
   */
  instruments?:
    | {
        /** The token of a name; undefined for an unknown one. */
        tokenOf(name: string): number | undefined;
        /** The name of a token; undefined for an unknown one. */
        nameOf(token: number): string | undefined;
      }
    | undefined;
  /**
   * When exchanges trade: a `MarketCalendar` of `@kite/calendar`. With it, silent instruments are a health reason only
   * during continuous trading. Default: none, and silence is always a reason.
   */
  calendar?:
    | {
        /** The phase of an exchange at a time in Unix milliseconds; only `continuous` counts. */
        phaseAt(exchange: 'NSE' | 'BSE' | 'NFO' | 'BFO' | 'CDS' | 'BCD' | 'MCX' | 'NCO', at: number): string;
      }
    | undefined;
  /**
   * Runs the I/O workers with its own clock, randomness and sockets: for simulations. Default: `node:worker_threads`.
   *
   * @internal
   */
  [ioWorkerKey]?: WorkerHost | undefined;
}

/** The options of a `KiteTickerManager`. */
export type ManagerOptions = CredentialOptions & ManagerConfig;

/** Without a default. */
type Optional = 'workerUrl' | 'instruments' | 'calendar' | typeof ioWorkerKey;

/**
 * The options with every default filled in; `workerUrl`, `instruments`, `calendar` and the worker host have none.
 */
export type ResolvedManagerConfig = ResolvedConnectionConfig & {
  [Name in Exclude<keyof ManagerConfig, keyof ConnectionConfig | Optional>]-?: NonNullable<
    ManagerConfig[Name]
  >;
} & Pick<ManagerConfig, Optional>;

/** Maps names of instruments to tokens and back. */
export type InstrumentNames = NonNullable<ManagerConfig['instruments']>;

/** An option with a name. */
export type ManagerOptionName = keyof ManagerConfig & string;

const CODE = 'KITE_MANAGER_INVALID_OPTION';

/** The defaults of what {@link ManagerConfig} adds. */
export const MANAGER_DEFAULTS = Object.freeze({
  maxConnections: MAX_CONNECTIONS_PER_KEY,
  maxSymbolsPerConnection: MAX_INSTRUMENTS_PER_CONNECTION,
  distribution: 'round-robin',
  enableDedicatedParsers: true,
  ioThreads: 1,
  ringBytes: 8 * 1024 * 1024,
  latency: 'balanced',
  healthCheckIntervalMs: 10_000,
  failoverAfterMs: 15_000,
  lastTicks: false,
} as const satisfies ManagerConfig);

/**
 * The rules of {@link ManagerConfig}, for layers that take the same options.
 */
export const MANAGER_RULES: Readonly<Record<ManagerOptionName, OptionRule>> = {
  ...CONNECTION_RULES,
  maxConnections: integerFrom(1, MAX_CONNECTIONS_PER_KEY),
  maxSymbolsPerConnection: integerFrom(1, MAX_INSTRUMENTS_PER_CONNECTION),
  distribution: oneOf('round-robin', 'least-loaded'),
  enableDedicatedParsers: optionRules.boolean,
  ioThreads: integerFrom(1, MAX_CONNECTIONS_PER_KEY),
  ringBytes: integerFrom(4096, 1024 ** 3),
  latency: oneOf('balanced', 'lowest'),
  workerUrl: {
    allowed: 'a URL, or a string that is one',
    accepts: (value) => value instanceof URL || (typeof value === 'string' && URL.canParse(value)),
  },
  healthCheckIntervalMs: optionRules.durationMs,
  failoverAfterMs: optionRules.durationMs,
  lastTicks: optionRules.boolean,
  instruments: {
    ...withMethods('tokenOf', 'nameOf'),
    allowed: 'a list of instruments: await Instruments.load() of @kite/instruments',
  },
  calendar: {
    ...withMethods('phaseAt'),
    allowed: 'an object with the method phaseAt, as a MarketCalendar of @kite/calendar has it',
  },
};

/** Its key is a symbol, which `MANAGER_RULES` cannot have. */
const WORKER_HOST_RULES = { '@kite/io-worker': withMethods('spawn') } as const satisfies Record<
  string,
  OptionRule
>;

/** The options of `start()`. */
export interface StartOptions {
  /** Resolve even if no connection is open, and go on. Default: false. */
  keepTrying?: boolean | undefined;
  /**
   * Rejects this call when it is aborted before the start has settled. The start is given up once no call waits for it
   * any more; then nothing is left running. Default: none.
   */
  signal?: AbortSignal | undefined;
}

/** The rules of {@link StartOptions}. */
export const START_RULES = {
  keepTrying: optionRules.boolean,
  signal: withMethods('addEventListener', 'removeEventListener'),
} as const satisfies Record<keyof StartOptions, OptionRule>;

/** @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` */
export function resolveManagerOptions(options: ManagerOptions): CredentialOptions & ResolvedManagerConfig {
  checkOptions(KiteInputError, CODE, options, { ...CREDENTIAL_RULES, ...MANAGER_RULES });
  checkCredentials(CODE, options);
  const { apiKey, accessToken, ...config } = options;
  return { apiKey, accessToken, ...resolveManagerConfig(CODE, config) };
}

/**
 * Fills in the defaults of options that have been checked one by one, and checks them together.
 *
 * @throws KiteInputError with `code`
 */
export function resolveManagerConfig(code: KiteErrorCode, config: ManagerConfig): ResolvedManagerConfig {
  const defaults: ResolvedManagerConfig = { ...CONNECTION_DEFAULTS, ...MANAGER_DEFAULTS };
  const host = config[ioWorkerKey];
  checkOptions(KiteInputError, code, { '@kite/io-worker': host }, WORKER_HOST_RULES);
  const resolved = resolveConnectionConfig(code, config, defaults);
  if (host) resolved[ioWorkerKey] = host;
  if (resolved.lastTicks && resolved.rawOnly) {
    throw new KiteInputError(code, {
      field: 'lastTicks',
      value: true,
      allowed: 'false with rawOnly, which decodes no ticks',
    });
  }
  return resolved;
}

function integerFrom(least: number, most: number): OptionRule {
  return {
    allowed: `an integer from ${least} to ${most}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}
