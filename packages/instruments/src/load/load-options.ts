import { checkOptions, type OptionRule, optionRules, withMethods } from '@kite/kit';
import { type Clock, KiteInputError } from '@kite/protocol';

import { systemClock } from '../clock.js';
import { contained } from '../contained.js';
import type { ListIssue } from '../list/list-issue.js';
import { type RandomSource, systemRandom } from '../random.js';
import { type AbortSignalLike, type FetchList, parseUrl, systemFetch } from '../runtime.js';

/** How the list is loaded and cached. */
export interface LoadOptions {
  /** A folder that caches the day's list. Created if it does not exist. Needs `node:fs`. Default: no cache. */
  cacheDir?: string | undefined;
  /** The list's address. Default: `https://api.kite.trade/instruments`. */
  url?: string | undefined;
  /** Default: the runtime's own. */
  fetch?: FetchList | undefined;
  /** With `accessToken`: both are sent along, only over `https:` or to this machine. Kite requires neither. */
  apiKey?: string | undefined;
  /** With `apiKey`. */
  accessToken?: string | undefined;
  /** An older cached list is requested again, in ms. Default: Infinity; at 08:00 in India it expires in any case. */
  maxAgeMs?: number | undefined;
  /** Ends the wait, with `KITE_INSTRUMENTS_ABORTED`. */
  signal?: AbortSignalLike | undefined;
  /** Called for each skipped row and each problem with the cache. One that throws is contained, as in `parse`. */
  onIssue?: ((issue: ListIssue) => unknown) | undefined;
  /** Default: the machine's. */
  clock?: Clock | undefined;
  /** For the pauses between attempts. Default: the engine's. */
  random?: RandomSource | undefined;
}

/** The options with every default filled in. */
export interface LoadConfig {
  readonly cacheDir: string | undefined;
  readonly url: string;
  readonly fetch: FetchList;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Never shown anywhere. */
  readonly secrets: readonly string[];
  readonly maxAgeMs: number;
  /** Never throws. */
  readonly onIssue: (issue: ListIssue) => void;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const CODE = 'KITE_INSTRUMENTS_INVALID_OPTION';

const DEFAULT_URL = 'https://api.kite.trade/instruments';

const text: OptionRule = {
  allowed: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};

const RULES: Readonly<Record<keyof LoadOptions, OptionRule>> = {
  cacheDir: text,
  url: {
    allowed: 'an http: or https: URL',
    accepts: (value) => typeof value === 'string' && isHttp(parseUrl(value)?.protocol),
    // It may hold a password.
    secret: true,
  },
  fetch: optionRules.function,
  apiKey: optionRules.secret,
  accessToken: optionRules.secret,
  maxAgeMs: {
    allowed: 'a positive number of milliseconds, or Infinity',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  signal: withMethods('addEventListener', 'removeEventListener'),
  onIssue: optionRules.function,
  clock: withMethods('now', 'monotonic', 'setTimeout', 'clearTimeout'),
  random: optionRules.function,
};

/** @throws KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION` */
export function resolveLoadOptions(options: LoadOptions): LoadConfig {
  checkOptions(KiteInputError, CODE, options, RULES);
  const { apiKey, accessToken, cacheDir, onIssue } = options;
  const url = options.url ?? DEFAULT_URL;
  if ((apiKey === undefined) !== (accessToken === undefined)) {
    const field = apiKey === undefined ? 'apiKey' : 'accessToken';
    const allowed = 'both apiKey and accessToken, or neither';
    throw new KiteInputError(CODE, { field, value: undefined, allowed });
  }
  if (apiKey !== undefined && !mayCarrySecrets(url)) {
    const allowed = 'an https: URL, or one of this machine, where apiKey and accessToken are given';
    throw new KiteInputError(CODE, { field: 'url', value: '(not shown)', allowed });
  }
  const fetch = options.fetch ?? systemFetch();
  if (!fetch)
    throw new KiteInputError(CODE, { field: 'fetch', value: undefined, allowed: 'a function here' });
  return {
    cacheDir,
    url,
    fetch,
    headers: {
      'X-Kite-Version': '3',
      Accept: 'text/csv',
      ...(apiKey !== undefined && { Authorization: `token ${apiKey}:${accessToken!}` }),
    },
    secrets: [apiKey, accessToken].filter((secret) => secret !== undefined),
    maxAgeMs: options.maxAgeMs ?? Infinity,
    onIssue: contained('onIssue', onIssue),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

function isHttp(protocol: string | undefined): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function mayCarrySecrets(url: string): boolean {
  const { protocol, hostname } = parseUrl(url)!;
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/u.test(hostname);
}
