import { mix } from '../random.js';

/** Which changes of an instrument an account sees: Kite shows two accounts different samples of one market. */
export interface Sampling {
  /** Sees one of this many changes. */
  readonly every: number;
  /** Which one: 0 to `every` − 1. Default 0. */
  readonly offset?: number;
}

/** An account that may log in. */
export interface AccountOptions {
  /** The key a client connects with. */
  readonly apiKey: string;
  /** Its valid token, until it expires or another is set. */
  readonly accessToken: string;
  /** The user whose orders it sees. Default: made up from the key, like `AB1234`. Several keys can share a user. */
  readonly userId?: string | undefined;
  /** Default: every change. */
  readonly sampling?: Sampling | undefined;
  /** Everything reaches the account this many milliseconds late. Default 0. */
  readonly delayMs?: number | undefined;
}

/** An account, without its token. */
export interface Account {
  readonly apiKey: string;
  readonly userId: string;
  readonly sampling: Required<Sampling> | undefined;
  readonly delayMs: number;
}

/**
 * Decides which credentials are valid. Without a list: any key with any token, until a token is expired or set. With a
 * list: only those on it.
 */
export class Accounts {
  readonly #open: boolean;
  readonly #accounts = new Map<string, Account>();
  readonly #tokens = new Map<string, string>();
  /** Tokens that were accepted because any token was valid. */
  readonly #used = new Map<string, Set<string>>();
  readonly #expired = new Map<string, Set<string>>();

  constructor(accounts: readonly AccountOptions[] | undefined) {
    this.#open = accounts === undefined;
    for (const options of accounts ?? []) {
      this.#accounts.set(options.apiKey, toAccount(options));
      this.#tokens.set(options.apiKey, options.accessToken);
    }
  }

  /** The account, if the credentials are valid. */
  authenticate(apiKey: string, accessToken: string): Account | undefined {
    if (this.#expired.get(apiKey)?.has(accessToken)) return undefined;
    const expected = this.#tokens.get(apiKey);
    if (expected !== undefined && expected !== accessToken) return undefined;
    if (expected === undefined && !this.#open) return undefined;
    let account = this.#accounts.get(apiKey);
    if (account === undefined) {
      account = toAccount({ apiKey, accessToken });
      this.#accounts.set(apiKey, account);
    }
    if (expected === undefined) this.#seen(apiKey).add(accessToken);
    return account;
  }

  /** From now on only this token is valid for the key. */
  setToken(apiKey: string, accessToken: string): void {
    this.#tokens.set(apiKey, accessToken);
    this.#expired.get(apiKey)?.delete(accessToken);
    if (!this.#accounts.has(apiKey)) this.#accounts.set(apiKey, toAccount({ apiKey, accessToken }));
  }

  /** Invalidates all present tokens, of one key or of all. */
  expire(apiKey?: string): void {
    for (const key of apiKey === undefined ? this.#accounts.keys() : [apiKey]) {
      const expired = this.#expired.get(key) ?? new Set();
      for (const token of this.#used.get(key) ?? []) expired.add(token);
      const token = this.#tokens.get(key);
      if (token !== undefined) expired.add(token);
      this.#expired.set(key, expired);
    }
  }

  #seen(apiKey: string): Set<string> {
    let seen = this.#used.get(apiKey);
    if (seen === undefined) this.#used.set(apiKey, (seen = new Set()));
    return seen;
  }
}

function toAccount({ apiKey, userId, sampling, delayMs }: AccountOptions): Account {
  return {
    apiKey,
    userId: userId ?? inventUserId(apiKey),
    sampling: sampling && { every: sampling.every, offset: sampling.offset ?? 0 },
    delayMs: delayMs ?? 0,
  };
}

/** Two letters and four digits, the same for the same key. */
function inventUserId(apiKey: string): string {
  let hash = 0;
  for (const character of apiKey) hash = mix(hash, character.codePointAt(0) ?? 0);
  const letter = (n: number) => String.fromCharCode(65 + (n % 26));
  return `${letter(hash)}${letter(hash >>> 8)}${String((hash >>> 12) % 10_000).padStart(4, '0')}`;
}
