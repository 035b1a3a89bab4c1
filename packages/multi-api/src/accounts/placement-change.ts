import type { Mode } from '@kite/protocol';

/** What one account must do. Everything is assigned before anything is released: make before break. */
export interface AccountChange {
  apiKeyId: string;
  assign: Map<number, Mode>;
  release: number[];
}

/** Collects what each account must do. */
export class AccountChanges {
  readonly #byAccount = new Map<string, AccountChange>();

  of(apiKeyId: string): AccountChange {
    const known = this.#byAccount.get(apiKeyId);
    if (known) return known;
    const change: AccountChange = { apiKeyId, assign: new Map(), release: [] };
    this.#byAccount.set(apiKeyId, change);
    return change;
  }

  list(): AccountChange[] {
    return [...this.#byAccount.values()];
  }
}
