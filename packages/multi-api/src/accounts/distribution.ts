/** How instruments are spread over accounts. */
export type DistributionStrategy = 'round-robin' | 'least-loaded' | 'weighted' | 'manual';

/** The strategies under the names of the field. */
export const DistributionStrategy = {
  RoundRobin: 'round-robin',
  LeastLoaded: 'least-loaded',
  /** In proportion to `weights`. */
  Weighted: 'weighted',
  /** Not at all: each instrument is subscribed on an account of the caller's choice. */
  Manual: 'manual',
} as const satisfies Record<string, DistributionStrategy>;

/** One account, as a plan sees it. Plans count along in it. */
export interface AccountRoom {
  readonly id: string;
  /** How many more instruments its connections that are healthy could take. */
  room: number;
  /** How many more instruments all its connections could take, those included that are down. */
  spare: number;
  /** Instruments that it holds. */
  held: number;
  /** Its share under `weighted`. */
  readonly weight: number;
}

/** Chooses accounts, one after another. */
export class AccountPicker {
  readonly #strategy: DistributionStrategy;
  #last: string | undefined;

  constructor(strategy: DistributionStrategy) {
    this.#strategy = strategy;
  }

  /** The account that the next instrument goes to, of those with room; undefined where there is none. */
  pick(
    accounts: readonly AccountRoom[],
    hasRoom: (account: AccountRoom) => boolean,
  ): AccountRoom | undefined {
    const candidates = accounts.filter(hasRoom);
    const chosen =
      this.#strategy === 'round-robin' || this.#strategy === 'manual'
        ? this.#afterLast(accounts, candidates)
        : least(candidates, (account) => this.#load(account));
    if (chosen) this.#last = chosen.id;
    return chosen;
  }

  #afterLast(accounts: readonly AccountRoom[], candidates: readonly AccountRoom[]): AccountRoom | undefined {
    const last = accounts.findIndex(({ id }) => id === this.#last);
    return candidates.find((account) => accounts.indexOf(account) > last) ?? candidates[0];
  }

  #load({ held, weight }: AccountRoom): number {
    return this.#strategy === 'weighted' ? (held + 1) / weight : held;
  }
}

/** One more instrument is held there. */
export function countIn(account: AccountRoom): void {
  if (account.room > 0) account.room--;
  account.spare--;
  account.held++;
}

function least<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || measure(item) < measure(best)) best = item;
  return best;
}
