import type { AccountOptions } from '../server/account.js';

/** A program has logged in. */
export interface Login {
  /** The key of the token. */
  readonly apiKey: string;
  /** The only valid token from now on. */
  readonly accessToken: string;
}

/** Today's access tokens: a program that logs in gets a new one. */
export class AccessTokens {
  readonly #loggedIn: (login: Login) => void;
  readonly #tokens = new Map<string, string>();
  #logins = 0;

  /** @param loggedIn called at each login */
  constructor(accounts: readonly AccountOptions[] | undefined, loggedIn: (login: Login) => void) {
    this.#loggedIn = loggedIn;
    for (const { apiKey, accessToken } of accounts ?? []) this.#tokens.set(apiKey, accessToken);
  }

  /** The newest token of a key; made up for a new key. */
  get(apiKey: string): string {
    let token = this.#tokens.get(apiKey);
    if (token === undefined) this.#tokens.set(apiKey, (token = `token-of-${apiKey}`));
    return token;
  }

  /** Makes a new token for one key, or for all known keys. */
  login(apiKey?: string): void {
    this.#logins++;
    for (const key of apiKey === undefined ? [...this.#tokens.keys()] : [apiKey]) {
      const accessToken = `token-of-${key}-${this.#logins}`;
      this.#tokens.set(key, accessToken);
      this.#loggedIn({ apiKey: key, accessToken });
    }
  }
}
