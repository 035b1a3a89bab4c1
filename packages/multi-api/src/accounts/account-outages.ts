import { managerSeam } from '@kite/manager';

import { type Outage, OutageLedger } from '../parts.js';
import type { Account } from './account.js';
import type { AccountPlacement } from './account-placement.js';

/** The outages of instruments that no account streams. The account that takes one over reports it as a gap. */
export class AccountOutages {
  readonly #placement: AccountPlacement;
  /** Outages of removed accounts, for instruments that no account holds yet. */
  readonly #orphans = new OutageLedger();

  constructor(placement: AccountPlacement) {
    this.#placement = placement;
  }

  /** The outages of these instruments that none of these accounts streams, each since the loss of its last stream. */
  of(tokens: readonly number[], accounts: readonly Account[]): ReadonlyMap<number, Outage> {
    const outages = this.#orphans.of(tokens);
    for (const { manager } of accounts) {
      for (const [token, outage] of manager[managerSeam].outagesOf(tokens)) {
        const known = outages.get(token);
        if (!known || known.from < outage.from) outages.set(token, outage);
      }
    }
    return unstreamed(outages, accounts);
  }

  /** The account is gone, with all its instruments, and the placement has dropped it; these stay. */
  removed(account: Account, staying: readonly Account[]): void {
    const outages = unstreamed(account.outagesOnLeaving(), staying);
    for (const { manager } of staying) manager[managerSeam].missed(outages);
    for (const [token, outage] of outages) this.#orphans.add([token], outage);
    this.forgetHeld();
  }

  /** Forgets instruments that an account holds: the holder knows their outages. */
  forgetHeld(): void {
    const isOrphan = (token: number): boolean =>
      this.#placement.has(token) && this.#placement.holdersOf(token).size === 0;
    this.#orphans.forget([...this.#orphans.tokens].filter((token) => !isOrphan(token)));
  }

  clear(): void {
    this.#orphans.clear();
  }
}

function unstreamed(outages: Map<number, Outage>, accounts: readonly Account[]): Map<number, Outage> {
  if (outages.size === 0) return outages;
  for (const account of accounts) for (const token of account.streamed().keys()) outages.delete(token);
  return outages;
}
