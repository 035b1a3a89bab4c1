import type { Clock, KiteError } from '@kite/protocol';

import type { AccessToken, WantedCredentials } from './credentials.js';
import type { Experience } from './retry.js';
import { TokenCalls } from './token-calls.js';

/** What an account needs of each of its connections. */
export interface AccountMember {
  /**
   * Makes sure that the connection may be dialled with this key. Returns how to undo that.
   *
   * @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`
   */
  reserve(apiKey: string, revision: number): () => void;
  /** Credentials or experience have changed. */
  tell(): void;
}

/** How an account works. */
export interface AccountOptions {
  apiKey: string;
  accessToken: AccessToken;
  clock: Clock;
  /** How long one attempt waits for the token provider to answer. */
  connectionTimeoutMs: number;
}

/** What an account's connections share: its credentials, one call of its token provider at a time, its experience. */
export class Account {
  readonly #calls: TokenCalls;
  readonly #members: AccountMember[] = [];
  /** Connections that were lost uncleanly and have not opened again. */
  readonly #ghosts = new Set<AccountMember>();
  #given: Pick<AccountOptions, 'apiKey' | 'accessToken'>;
  #wanted: WantedCredentials;
  /** The first revision with the present key and token. */
  #since = 1;
  #hasOpened = false;
  #credentialsOpened = false;

  constructor({ apiKey, accessToken, clock, connectionTimeoutMs }: AccountOptions) {
    this.#calls = new TokenCalls(clock, connectionTimeoutMs);
    this.#given = { apiKey, accessToken };
    this.#wanted = this.#revised(1);
  }

  get credentials(): WantedCredentials {
    return this.#wanted;
  }

  get experience(): Experience {
    return {
      hasOpened: this.#hasOpened,
      credentialsOpened: this.#credentialsOpened,
      mayHaveGhost: this.#ghosts.size > 0,
    };
  }

  join(member: AccountMember): void {
    this.#members.push(member);
  }

  /**
   * Replaces the credentials, for all connections or for none.
   *
   * @param apiKey undefined: unchanged
   * @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`, and then nothing has changed
   */
  update(apiKey: string | undefined, accessToken: AccessToken): void {
    const given = { apiKey: apiKey ?? this.#given.apiKey, accessToken };
    const revision = this.#wanted.revision + 1;
    this.#reserve(given.apiKey, revision);
    const isSame = given.apiKey === this.#given.apiKey && accessToken === this.#given.accessToken;
    if (!isSame) {
      this.#since = revision;
      this.#credentialsOpened = false;
    }
    this.#given = given;
    this.#wanted = this.#revised(revision);
    this.#tell();
  }

  /** Offers the same credentials once more, for a connection that has failed. */
  renew(): void {
    this.#wanted = this.#revised(this.#wanted.revision + 1);
  }

  /** Makes later questions to the token provider ignore answers to earlier ones. */
  forgetAnswers(): void {
    this.#calls.forget();
  }

  /** A connection has opened, with credentials of this revision. */
  opened(member: AccountMember, revision: number | undefined): void {
    this.#learn(() => {
      this.#hasOpened = true;
      this.#credentialsOpened ||= revision !== undefined && revision >= this.#since;
      this.#ghosts.delete(member);
    });
  }

  /** An open connection has ended with this error. */
  lost(member: AccountMember, error: KiteError): void {
    this.#learn(() => {
      if (isUnclean(error)) this.#ghosts.add(member);
    });
  }

  #learn(change: () => void): void {
    const before = this.experience;
    change();
    const after = this.experience;
    if (Object.entries(before).some(([key, value]) => after[key as keyof Experience] !== value)) this.#tell();
  }

  #revised(revision: number): WantedCredentials {
    const { apiKey, accessToken } = this.#given;
    if (typeof accessToken === 'string') return { revision, apiKey, accessToken };
    return { revision, apiKey, accessToken: () => this.#calls.ask(accessToken) };
  }

  #reserve(apiKey: string, revision: number): void {
    const undos: (() => void)[] = [];
    try {
      for (const member of this.#members) undos.push(member.reserve(apiKey, revision));
    } catch (error) {
      for (const undo of undos.reverse()) undo();
      throw error;
    }
  }

  #tell(): void {
    for (const member of this.#members) member.tell();
  }
}

/** Whether the server may still count the connection that ended with this error: the server sent no close frame. */
function isUnclean({ closeCode = 1006 }: KiteError): boolean {
  return closeCode === 1006;
}
