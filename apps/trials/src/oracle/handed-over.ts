import type { PacketArrival } from './arrivals.js';
import { countWhile } from './count-while.js';

/**
 * When what an account had received had surely left its I/O worker: it, or something that came later over the account,
 * was delivered. Each account has a worker of its own, so this says nothing about other accounts.
 */
export class HandedOver {
  readonly #byAccount = new Map<string, { readonly sequence: number; readonly at: number }[]>();

  /** This arrival of the account was delivered at this time. */
  note(account: string, { sequence }: PacketArrival, at: number): void {
    const known = this.#byAccount.get(account);
    if (!known) this.#byAccount.set(account, [{ sequence, at }]);
    else if (sequence > known.at(-1)!.sequence) known.push({ sequence, at });
  }

  /** Undefined: it may still be in the worker's ring. */
  at(account: string, { sequence }: PacketArrival): number | undefined {
    const known = this.#byAccount.get(account) ?? [];
    return known[countWhile(known, (one) => one.sequence < sequence)]?.at;
  }
}
