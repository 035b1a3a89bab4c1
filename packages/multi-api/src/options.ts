import type { AccessToken } from '@kite/connection';
import { checkOptions, isRecord, oneOf, type OptionRule, optionRules } from '@kite/kit';
import type { ManagerConfig } from '@kite/manager';
import { KiteInputError } from '@kite/protocol';

import type { DistributionStrategy } from './accounts/distribution.js';
import {
  checkCredentials,
  CREDENTIAL_RULES,
  ioWorkerKey,
  MANAGER_RULES,
  type ResolvedManagerConfig,
  resolveManagerConfig,
} from './parts.js';

/** One account. */
export interface AccountOptions {
  /** Your name for the account, shown wherever it is mentioned; never a secret. */
  id: string;
  /** The app's API key. */
  apiKey: string;
  /** The day's access token, or a function that returns it, called before every connect. */
  accessToken: AccessToken;
}

/** The options of a multi-account manager, in addition to those of each account's manager. */
export interface MultiApiConfig extends ManagerConfig {
  /** How instruments are spread over accounts. Default: `round-robin`. */
  distributionStrategy?: DistributionStrategy | undefined;
  /** With `weighted`: each account's share, by id. Default: 1 each. */
  weights?: Readonly<Record<string, number>> | undefined;
  /** How many accounts hold each instrument; each tick is delivered once. Default: 1. */
  replicas?: number | undefined;
  /** How long a tick of a replicated instrument may wait for the other accounts, in milliseconds. Default: 300. */
  replicaWaitMs?: number | undefined;
  /** Connections for each account, 1 to 3. Default: 3. The same as `maxConnections`, under the seed's name. */
  maxConnectionsPerApi?: number | undefined;
  /** Options for each account's manager; options given beside it take precedence. Default: none. */
  baseConfig?: ManagerConfig | undefined;
  /** Report changes of the health with `on('health')`. Default: true. */
  enableHealthMonitoring?: boolean | undefined;
}

/** The options of a `MultiApiKiteTickerManager`. */
export interface MultiApiOptions extends MultiApiConfig {
  /** The accounts to begin with; others can join later. Default: none. */
  accounts?: readonly AccountOptions[] | undefined;
}

/** The options with every default filled in. */
export interface ResolvedMultiApiConfig {
  distributionStrategy: DistributionStrategy;
  weights: Readonly<Record<string, number>>;
  replicas: number;
  replicaWaitMs: number;
  enableHealthMonitoring: boolean;
  /** For each account's manager. */
  managerConfig: ManagerConfig;
  /** The same, with its defaults filled in. */
  resolved: ResolvedManagerConfig;
}

const CODE = 'KITE_MULTI_API_INVALID_OPTION';

const OWN_RULES = {
  distributionStrategy: oneOf('round-robin', 'least-loaded', 'weighted', 'manual'),
  weights: {
    allowed: 'an object of positive numbers by account id',
    accepts: (value) =>
      isRecord(value) &&
      Object.values(value).every(
        (weight) => typeof weight === 'number' && Number.isFinite(weight) && weight > 0,
      ),
  },
  replicas: optionRules.positiveInteger,
  replicaWaitMs: optionRules.durationMs,
  maxConnectionsPerApi: MANAGER_RULES.maxConnections,
  baseConfig: optionRules.object,
  enableHealthMonitoring: optionRules.boolean,
} as const satisfies Record<Exclude<keyof MultiApiConfig, keyof ManagerConfig>, OptionRule>;

/** The rules of {@link MultiApiConfig}. */
export const MULTI_API_RULES: Readonly<Record<keyof MultiApiConfig & string, OptionRule>> = {
  ...MANAGER_RULES,
  ...OWN_RULES,
};

const accounts: OptionRule = {
  allowed: 'an array of { id, apiKey, accessToken }',
  accepts: Array.isArray,
  secret: true,
};

const id: OptionRule = {
  allowed: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
};

/** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION` */
export function resolveMultiApiOptions(options: MultiApiOptions): ResolvedMultiApiConfig {
  checkOptions(KiteInputError, CODE, options, { ...MULTI_API_RULES, accounts });
  const {
    baseConfig = {},
    distributionStrategy,
    weights,
    replicas,
    replicaWaitMs,
    maxConnectionsPerApi,
    enableHealthMonitoring,
  } = options;
  checkOptions(KiteInputError, CODE, baseConfig, MANAGER_RULES);
  const managerConfig: ManagerConfig = { ...defined(baseConfig), ...defined(managerOptions(options)) };
  if (maxConnectionsPerApi !== undefined) managerConfig.maxConnections = maxConnectionsPerApi;
  // Its key is a symbol, so it has no rule.
  const workerHost = options[ioWorkerKey] ?? baseConfig[ioWorkerKey];
  if (workerHost !== undefined) managerConfig[ioWorkerKey] = workerHost;
  const resolved = resolveManagerConfig(CODE, managerConfig);
  return {
    distributionStrategy: distributionStrategy ?? 'round-robin',
    weights: weights ?? {},
    replicas: replicas ?? 1,
    replicaWaitMs: replicaWaitMs ?? 300,
    enableHealthMonitoring: enableHealthMonitoring ?? true,
    // Last ticks are kept once, for all accounts together.
    managerConfig: { ...managerConfig, lastTicks: false },
    resolved,
  };
}

/** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION`, which shows no credential */
export function checkAccount(account: Partial<AccountOptions>): void {
  checkOptions(KiteInputError, CODE, account, { ...CREDENTIAL_RULES, id });
  if (account.id === undefined)
    throw new KiteInputError(CODE, { field: 'id', value: undefined, allowed: id.allowed });
  checkCredentials(CODE, account);
}

function managerOptions(options: MultiApiOptions): ManagerConfig {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(MANAGER_RULES, name)));
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
