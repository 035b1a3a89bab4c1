import { KiteError } from '@kite/protocol';

/** An access token, or whoever knows it: asked before every connect, for tokens die at about 06:00 IST. */
export type AccessToken = string | (() => string | Promise<string>);

/** What is dialled with. */
export interface Grant {
  readonly apiKey: string;
  readonly accessToken: string;
}

/**
 * The credentials of one connection: who is asked for the token, which token was rejected, and never two calls of a
 * provider in flight.
 */
export class Credentials {
  #apiKey: string;
  #accessToken: AccessToken;
  #pending: Promise<string> | undefined;
  #isAwaited = false;
  #rejected: (Grant & { at: number }) | undefined;
  #granted: Grant | undefined;
  #revision = 0;

  constructor(apiKey: string, accessToken: AccessToken) {
    this.#apiKey = apiKey;
    this.#accessToken = accessToken;
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  /** Grows with every {@link update}. */
  get revision(): number {
    return this.#revision;
  }

  /** From the next attempt on. What was rejected before may be tried again. */
  update(apiKey: string, accessToken: AccessToken): void {
    // The same provider, passed again while it has not answered, is not called a second time either.
    if (accessToken !== this.#accessToken) this.#pending = undefined;
    this.#apiKey = apiKey;
    this.#accessToken = accessToken;
    this.#rejected = undefined;
    this.#revision++;
  }

  /**
   * The credentials of now. A provider that has not answered an earlier call yet is not called again: its answer is
   * waited for.
   */
  async grant(): Promise<Grant> {
    const apiKey = this.#apiKey;
    const accessToken = await this.#token();
    return (this.#granted = { apiKey, accessToken });
  }

  /** What no text may show: the API key, and the last token that was known, which a provider's error may well quote. */
  get secrets(): string[] {
    return this.#granted ? [this.#granted.accessToken, this.#granted.apiKey, this.#apiKey] : [this.#apiKey];
  }

  /**
   * Whoever asked waits no longer. The answer, when it comes, is kept for who asks next: a provider that is always slower
   * than one attempt would never get anybody connected otherwise.
   */
  gaveUp(): void {
    this.#isAwaited = false;
  }

  /** Remembers a 403. Whether the next attempt may have something else to try. */
  rejected(grant: Grant, revision: number, now: number): boolean {
    if (revision !== this.#revision) return true;
    // Whoever connects again with a fixed token wants it tried, so only a provider's is remembered.
    if (typeof this.#accessToken === 'string') return false;
    this.#rejected = { ...grant, at: now };
    return true;
  }

  /** How long ago this very grant was rejected; undefined when it was not the last to be. */
  rejectedAgoMs(grant: Grant, now: number): number | undefined {
    const rejected = this.#rejected;
    const isSame = rejected?.accessToken === grant.accessToken && rejected.apiKey === grant.apiKey;
    return isSame ? now - rejected.at : undefined;
  }

  async #token(): Promise<string> {
    const source = this.#accessToken;
    if (typeof source === 'string') return source;
    const pending = (this.#pending ??= ask(source));
    this.#isAwaited = true;
    try {
      return await pending;
    } finally {
      this.#answered(pending);
    }
  }

  #answered(pending: Promise<string>): void {
    if (this.#isAwaited && this.#pending === pending) this.#pending = undefined;
  }
}

async function ask(provider: () => string | Promise<string>): Promise<string> {
  const token: unknown = await provider();
  if (typeof token === 'string' && token.trim() !== '') return token;
  throw new KiteError(
    'KITE_CONNECTION_TOKEN_FAILED',
    `the token provider gave ${typeof token === 'string' ? 'an empty string' : `a value of type ${typeof token}`}; allowed: a non-empty string`,
    { field: 'accessToken', allowed: 'a non-empty string' },
  );
}
