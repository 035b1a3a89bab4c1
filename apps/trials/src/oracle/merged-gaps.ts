import type { Gap } from '@kite/protocol';

import type { WallClock } from '../run/wall-clock.js';
import type { Arrivals } from './arrivals.js';
import type { MergedState } from './merged-states.js';

/** The gaps that a merged stream has reported, and the states in them. */
export class MergedGaps {
  readonly #arrivals: Arrivals;
  readonly #wall: Pick<WallClock, 'at'>;
  /** Gaps of whole connections. */
  readonly #ofAccounts: { readonly gap: Gap; readonly account: string }[] = [];
  /** By instrument, those that name it. */
  readonly #ofTokens = new Map<number, Gap[]>();

  constructor(arrivals: Arrivals, wall: Pick<WallClock, 'at'>) {
    this.#arrivals = arrivals;
    this.#wall = wall;
  }

  reported(gap: Gap, account: string): void {
    if (!gap.instrumentTokens) this.#ofAccounts.push({ gap, account });
    for (const token of gap.instrumentTokens ?? []) {
      const gaps = this.#ofTokens.get(token);
      if (gaps) gaps.push(gap);
      else this.#ofTokens.set(token, [gap]);
    }
  }

  /** Whether a gap reported so far covers the state. */
  has({ token, at, forms }: MergedState): boolean {
    const own = this.#ofTokens.get(token) ?? [];
    if (own.length === 0 && this.#ofAccounts.length === 0) return false;
    const came = [...forms.values()].flatMap(({ copies }) =>
      copies.flatMap(({ connectionId, order, account }) => {
        const arrival = this.#arrivals.ofPacket(connectionId, order);
        return arrival ? [{ account, wall: arrival.wall }] : [];
      }),
    );
    if (came.length === 0) {
      const sentWall = this.#wall.at(at);
      return [...own, ...this.#ofAccounts.map(({ gap }) => gap)].some(({ to }) => sentWall <= to);
    }
    if (own.some(({ from, to }) => came.some(({ wall }) => from <= wall && wall <= to))) return true;
    // The gap of a connection says nothing about the others.
    return came.every(({ account, wall }) =>
      this.#ofAccounts.some((one) => one.account === account && one.gap.from < wall && wall < one.gap.to),
    );
  }
}
