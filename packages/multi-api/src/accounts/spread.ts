import { type AccountPicker, type AccountRoom, countIn } from './distribution.js';

/** How many new instruments fit, each with so many copies on accounts that differ. */
export function roomFor(accounts: readonly AccountRoom[], copies: number): number {
  if (copies === 0) return 0;
  let most = Infinity;
  for (;;) {
    // No account takes two copies of one instrument: of `most` instruments it takes `most` copies at best.
    const places = accounts.reduce((total, { spare }) => total + Math.min(Math.max(spare, 0), most), 0);
    const fewer = Math.floor(places / copies);
    if (fewer >= most) return most;
    most = fewer;
  }
}

/**
 * Chooses accounts for new instruments that fit: for each of them so many that differ, healthy ones first, else any that
 * can hold it once they are. The accounts count along.
 */
export function placeEach(
  tokens: readonly number[],
  accounts: readonly AccountRoom[],
  copies: number,
  picker: AccountPicker,
): Map<number, string[]> {
  const places = new Map<number, string[]>();
  for (const [index, token] of tokens.entries()) {
    const ids: string[] = [];
    const reserve = new Reserve(accounts, copies, tokens.length - index);
    const isFree = (account: AccountRoom): boolean => !ids.includes(account.id) && reserve.allows(account);
    while (ids.length < copies) {
      const target =
        picker.pick(accounts, (account) => account.room > 0 && isFree(account)) ??
        picker.pick(accounts, (account) => account.spare > 0 && isFree(account));
      if (!target) break;
      reserve.take(target);
      countIn(target);
      ids.push(target.id);
    }
    places.set(token, ids);
  }
  return places;
}

/**
 * Which accounts the next of `remaining` instruments may go to, so that all of them can be placed.
 *
 * With several copies, small accounts can be used up too early: of spares 1, 1 and 2, two instruments with two copies each
 * need the large one both times. An account with a place for every remaining instrument is never too small.
 */
class Reserve {
  readonly #remaining: number;
  /** How many copies may still go to small accounts. */
  #fromSmall = Infinity;

  constructor(accounts: readonly AccountRoom[], copies: number, remaining: number) {
    this.#remaining = remaining;
    if (copies === 1) return;
    const places = accounts.reduce((total, { spare }) => total + Math.min(Math.max(spare, 0), remaining), 0);
    const large = accounts.filter((account) => this.#isLarge(account)).length;
    this.#fromSmall = places - copies * remaining + copies - large;
  }

  allows(account: AccountRoom): boolean {
    return this.#fromSmall > 0 || this.#isLarge(account);
  }

  /** To be told before the account counts along. */
  take(account: AccountRoom): void {
    if (!this.#isLarge(account)) this.#fromSmall--;
  }

  #isLarge({ spare }: AccountRoom): boolean {
    return spare >= this.#remaining;
  }
}
