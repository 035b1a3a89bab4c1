import { KiteError } from '@kite/protocol';

import { CREDENTIAL_FORM, flawOf } from './credential-flaw.js';

/** A function that knows the access token: asked before every connect, for tokens die at about 06:00 IST. */
export type TokenProvider = () => string | Promise<string>;

/** An access token, or a function that gives one. */
export type AccessToken = string | TokenProvider;

/** Credentials that are wanted. */
export interface WantedCredentials {
  /** Grows whenever others are wanted, or the same ones once more. */
  readonly revision: number;
  readonly apiKey: string;
  readonly accessToken: AccessToken;
}

/** What is dialled with. */
export interface Grant {
  readonly apiKey: string;
  readonly accessToken: string;
}

/** The credentials of one connection: which token is dialled with, and which one was refused. */
export class Credentials {
  #wanted: WantedCredentials | undefined;
  #rejected: (Grant & { at: number }) | undefined;
  #granted: Grant | undefined;
  /** The number of the newest question to a token provider, and of the newest that nobody waits for any more. */
  #asked = 0;
  #givenUp = 0;
  /** What a token provider gave when nobody waited any more. */
  #late: { token: unknown } | undefined;

  /** Of the credentials that are wanted; undefined before the first. */
  get revision(): number | undefined {
    return this.#wanted?.revision;
  }

  /** Whether the token is given as it is. */
  get isFixed(): boolean {
    return typeof this.#wanted?.accessToken === 'string';
  }

  /** From the next attempt on. What was refused before may be tried again. */
  want(credentials: WantedCredentials): void {
    this.#wanted = credentials;
    this.#rejected = undefined;
    this.forgetAnswers();
  }

  /** The credentials of now. @throws KiteError `KITE_CONNECTION_TOKEN_FAILED`, or what the token provider throws */
  async grant(): Promise<Grant> {
    if (!this.#wanted) throw new Error('no credentials are wanted');
    const { apiKey, accessToken } = this.#wanted;
    const token = typeof accessToken === 'string' ? accessToken : await this.#ask(accessToken);
    return (this.#granted = { apiKey, accessToken: checked(token) });
  }

  /** What no text may show: the API key, and the last token that was known, which an error may well quote. */
  get secrets(): string[] {
    const { apiKey = '' } = this.#wanted ?? {};
    return this.#granted ? [this.#granted.accessToken, this.#granted.apiKey, apiKey] : [apiKey];
  }

  /**
   * Nobody waits any longer. The answer, when it comes, is kept for the next attempt: a token provider that is always slower
   * than one attempt would never get anybody connected otherwise.
   */
  gaveUp(): void {
    this.#givenUp = this.#asked;
  }

  /** An answer to what was asked before is none for what is asked later, which may be tomorrow. */
  forgetAnswers(): void {
    this.#asked++;
    this.#late = undefined;
  }

  /** Remembers what the server has refused. A fixed token is tried again each time that it is asked for. */
  rejected(grant: Grant, now: number): void {
    if (!this.isFixed) this.#rejected = { ...grant, at: now };
  }

  /** How long ago this very grant was refused; undefined where it was not the last to be. */
  rejectedAgoMs(grant: Grant, now: number): number | undefined {
    const rejected = this.#rejected;
    const isSame = rejected?.accessToken === grant.accessToken && rejected.apiKey === grant.apiKey;
    return isSame ? now - rejected.at : undefined;
  }

  async #ask(source: TokenProvider): Promise<unknown> {
    const late = this.#late;
    this.#late = undefined;
    if (late) return late.token;
    const number = ++this.#asked;
    const token: unknown = await source();
    if (number === this.#asked && number === this.#givenUp) this.#late = { token };
    return token;
  }
}

function checked(token: unknown): string {
  let what = `a value of type ${token === null ? 'null' : typeof token}`;
  if (typeof token === 'string') {
    const flaw = flawOf(token);
    if (flaw === undefined) return token;
    what = `a token that ${flaw}`;
  }
  throw new KiteError(
    'KITE_CONNECTION_TOKEN_FAILED',
    `the token provider gave ${what}; allowed: ${CREDENTIAL_FORM}`,
    { field: 'accessToken', allowed: CREDENTIAL_FORM },
  );
}
