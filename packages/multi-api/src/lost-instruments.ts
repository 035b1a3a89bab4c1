import type { Loss } from '@kite/manager';

import type { AccountChange } from './account-change.js';
import type { AccountLedger } from './account-ledger.js';
import type { Account } from './account.js';

/** What was lost at one time, for one reason. */
export type LostTogether = Loss & { readonly tokens: readonly number[] };

/** Since when instruments that nobody streams have not been streamed: for the gap that they bring to whoever takes them over. */
export class LostInstruments {
  readonly #ledger: AccountLedger;
  /** What the accounts that are gone held, and nobody holds yet. */
  #orphaned: readonly LostTogether[] = [];

  constructor(ledger: AccountLedger) {
    this.#ledger = ledger;
  }

  /** The account is gone, and what it held has been dropped from the ledger. */
  orphan({ apiKeyId, manager }: Account): void {
    const reason = `${apiKeyId} was removed`;
    const losses = manager.lossesOf(manager.subscriptions.keys());
    this.#orphaned = [...this.#orphaned, ...losses.map((loss) => ({ ...loss, reason }))];
    this.forgetHeld();
  }

  /** What somebody holds by now is lost no longer. */
  forgetHeld(): void {
    const isOrphan = (token: number): boolean =>
      this.#ledger.has(token) && this.#ledger.holdersOf(token).size === 0;
    this.#orphaned = this.#orphaned
      .map((loss) => ({ ...loss, tokens: loss.tokens.filter(isOrphan) }))
      .filter(({ tokens }) => tokens.length > 0);
  }

  /** Of what these changes are about to bring to an account, what others have lost and none streams. */
  among(changes: readonly AccountChange[], accounts: readonly Account[]): LostTogether[] {
    if (changes.length === 0) return [];
    const streamed = accounts.map((account) => account.streamed());
    const isLost = (token: number): boolean => !streamed.some((tokens) => tokens.has(token));
    const lost = changes.flatMap(({ assign }) => [...assign.keys()].filter(isLost));
    return [...this.#orphaned, ...accounts.flatMap(({ manager }) => manager.lossesOf(lost))];
  }
}
