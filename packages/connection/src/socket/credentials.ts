import { KiteError } from '@kite/protocol';

import { CREDENTIAL_FORM, flawOf } from './credential-flaw.js';

/** A function that returns the access token: called before every connect, since tokens expire at about 06:00 IST. */
export type TokenProvider = () => string | Promise<string>;

/** An access token, or a function that gives one. */
export type AccessToken = string | TokenProvider;

/** Credentials that are wanted. */
export interface WantedCredentials {
  /** Grows with new credentials, and to try the same ones again. */
  readonly revision: number;
  readonly apiKey: string;
  readonly accessToken: AccessToken;
}

/** The credentials to dial with. */
export interface Grant {
  readonly apiKey: string;
  readonly accessToken: string;
}

/** The credentials of one connection: which token it dials with, and which one was refused. */
export class Credentials {
  #wanted: WantedCredentials | undefined;
  #rejected: (Grant & { at: number }) | undefined;
  #granted: Grant | undefined;
  /** The number of the newest question to a token provider, and of the newest one given up. */
  #asked = 0;
  #givenUp = 0;
  /** What a token provider gave after its question was given up. */
  #late: { token: unknown } | undefined;

  /** The revision of the wanted credentials; undefined before the first. */
  get revision(): number | undefined {
    return this.#wanted?.revision;
  }

  /** Whether the token is a fixed string. */
  get isFixed(): boolean {
    return typeof this.#wanted?.accessToken === 'string';
  }

  /** Applies from the next attempt on. Refused credentials may be tried again. */
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

  /** What no text may show: the API key, and the last known token, which an error may well quote. */
  get secrets(): string[] {
    const { apiKey = '' } = this.#wanted ?? {};
    return this.#granted ? [this.#granted.accessToken, this.#granted.apiKey, apiKey] : [apiKey];
  }

  /**
   * The attempt stops waiting. A late answer is kept for the next attempt: otherwise a token provider that is always
   * slower than one attempt would never get a connection.
   */
  gaveUp(): void {
    this.#givenUp = this.#asked;
  }

  /** Makes later questions, which may come tomorrow, ignore answers to earlier ones. */
  forgetAnswers(): void {
    this.#asked++;
    this.#late = undefined;
  }

  /** Remembers what the server has refused. A fixed token is tried again each time it is asked for. */
  rejected(grant: Grant, now: number): void {
    if (!this.isFixed) this.#rejected = { ...grant, at: now };
  }

  /** How long ago the server refused this very grant; undefined if it was not the last one refused. */
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
