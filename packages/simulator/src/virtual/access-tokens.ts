import type { AccountOptions } from '../server/account.js';

/** Today's access tokens: a program that logs in gets a new one. */
export class AccessTokens {
  readonly #setToken: (apiKey: string, accessToken: string) => void;
  readonly #tokens = new Map<string, string>();
  #logins = 0;

  /** @param setToken tells the server */
  constructor(
    accounts: readonly AccountOptions[] | undefined,
    setToken: (apiKey: string, accessToken: string) => void,
  ) {
    this.#setToken = setToken;
    for (const { apiKey, accessToken } of accounts ?? []) this.#tokens.set(apiKey, accessToken);
  }

  /** The newest token of a key, made up where the key is new. */
  get(apiKey: string): string {
    let token = this.#tokens.get(apiKey);
    if (token === undefined) this.#tokens.set(apiKey, (token = `token-of-${apiKey}`));
    return token;
  }

  /** A new token for one key, or for all that are known. */
  login(apiKey?: string): void {
    this.#logins++;
    for (const key of apiKey === undefined ? [...this.#tokens.keys()] : [apiKey]) {
      const token = `token-of-${key}-${this.#logins}`;
      this.#tokens.set(key, token);
      this.#setToken(key, token);
    }
  }
}
