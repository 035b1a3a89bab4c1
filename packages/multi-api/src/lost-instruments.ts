import { LossBook, type Loss } from '@kite/manager';

import type { AccountLedger } from './account-ledger.js';
import type { Account } from './account.js';

/** Since when instruments that nobody streams have not been streamed: for the gap that they bring to whoever takes them over. */
export class LostInstruments {
  readonly #ledger: AccountLedger;
  /** Of accounts that are gone, what nobody holds yet. */
  readonly #orphans = new LossBook();

  constructor(ledger: AccountLedger) {
    this.#ledger = ledger;
  }

  /** Those of these instruments that were streamed, and are by none of these accounts: since the last one that did was lost. */
  of(tokens: readonly number[], accounts: readonly Account[]): ReadonlyMap<number, Loss> {
    const losses = this.#orphans.of(tokens);
    for (const { manager } of accounts) {
      for (const [token, loss] of manager.lossesOf(tokens)) {
        const known = losses.get(token);
        if (!known || known.from < loss.from) losses.set(token, loss);
      }
    }
    return unstreamed(losses, accounts);
  }

  /** The account is gone, with all that it held, and has been dropped from the ledger; these stay. */
  removed(account: Account, staying: readonly Account[]): void {
    const losses = unstreamed(account.lossesOnLeaving(), staying);
    for (const { manager } of staying) manager.missed(losses);
    for (const [token, loss] of losses) this.#orphans.add([token], loss);
    this.forgetHeld();
  }

  /** Whoever holds an instrument by now knows what was lost of it. */
  forgetHeld(): void {
    const isOrphan = (token: number): boolean =>
      this.#ledger.has(token) && this.#ledger.holdersOf(token).size === 0;
    this.#orphans.forget([...this.#orphans.tokens].filter((token) => !isOrphan(token)));
  }

  clear(): void {
    this.#orphans.clear();
  }
}

function unstreamed(losses: Map<number, Loss>, accounts: readonly Account[]): Map<number, Loss> {
  if (losses.size === 0) return losses;
  for (const account of accounts) for (const token of account.streamed().keys()) losses.delete(token);
  return losses;
}
