import type { AccessToken } from '@kite/manager';
import type { VirtualDay } from '@kite/simulator';

import { accountId } from '../client/client.js';
import type { TokenGiven } from '../oracle/judge-tokens.js';
import type { Plan } from '../plan/plan.js';
import { apiKeyOf } from '../plan/plan.js';

/** What a server knows of an account, and how it treats it. */
interface TrialAccount {
  readonly apiKey: string;
  readonly accessToken: string;
  readonly delayMs: number;
  readonly sampling?: { readonly every: number; readonly offset: number };
}

/** The accounts of a plan. */
export function accountsOf({ seed, accounts }: Plan): TrialAccount[] {
  return accounts.map(({ sampling, delayMs }, index) => ({
    apiKey: apiKeyOf(seed, index),
    accessToken: `access-token-${index + 1}-of-trial-${seed}`,
    delayMs,
    ...(sampling && { sampling }),
  }));
}

/** The accounts' access tokens: what the program gives, and when. */
export class Logins {
  readonly #plan: Plan;
  readonly #day: VirtualDay;
  readonly #accounts: readonly TrialAccount[];
  readonly #issued: Set<string>;
  readonly #given: TokenGiven[] = [];

  constructor(plan: Plan, day: VirtualDay, accounts: readonly TrialAccount[]) {
    this.#plan = plan;
    this.#day = day;
    this.#accounts = accounts;
    this.#issued = new Set(accounts.map(({ accessToken }) => accessToken));
    day.onLogin(({ apiKey, accessToken }) => this.#loggedIn(apiKey, accessToken));
  }

  get apiKeys(): string[] {
    return this.#accounts.map(({ apiKey }) => apiKey);
  }

  /** The access tokens that the program has given, or whose function would have told them. */
  get given(): readonly TokenGiven[] {
    return this.#given;
  }

  /** Texts that must not show up anywhere. */
  get secrets(): string[] {
    return [...this.#issued, ...this.apiKeys];
  }

  /** The id of the account with this key. */
  idOf(apiKey: string): string {
    const account = this.#accounts.findIndex((one) => one.apiKey === apiKey);
    return account < 0 ? apiKey : accountId(account);
  }

  /** What the program gives as its access token, from now on. */
  tokenOf(account: number): AccessToken {
    const { apiKey } = this.#accounts[account]!;
    const token = (): string => this.#day.accessTokenOf(apiKey);
    this.#note(apiKey, token());
    return this.#plan.accounts[account]!.hasFixedToken ? token() : token;
  }

  /** A program that gives a function returns the new token from it. */
  #loggedIn(apiKey: string, accessToken: string): void {
    this.#issued.add(accessToken);
    const account = this.#accounts.findIndex((one) => one.apiKey === apiKey);
    if (!this.#plan.accounts[account]?.hasFixedToken) this.#note(apiKey, accessToken);
  }

  #note(apiKey: string, accessToken: string): void {
    this.#given.push({ apiKey, accessToken, at: this.#day.now - this.#day.startsAt });
  }
}
