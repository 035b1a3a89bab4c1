import type { Gap } from '@kite/protocol';

import type { WallClock } from '../run/wall-clock.js';
import type { Arrivals } from './arrivals.js';
import type { MergedState } from './merged-states.js';

/** A gap as it was reported. */
interface Reported {
  readonly gap: Gap;
  readonly account: string;
  /** How far the wall clock was ahead of true time then; it may have been set before. */
  readonly ahead: number;
}

/** The gaps that a merged stream has reported, and the states in them. */
export class MergedGaps {
  readonly #arrivals: Arrivals;
  readonly #wall: Pick<WallClock, 'at'>;
  /** Gaps of whole connections. */
  readonly #ofAccounts: Reported[] = [];
  /** By instrument, those that name it. */
  readonly #ofTokens = new Map<number, Reported[]>();

  constructor(arrivals: Arrivals, wall: Pick<WallClock, 'at'>) {
    this.#arrivals = arrivals;
    this.#wall = wall;
  }

  /** @param at when, in virtual milliseconds since the trial began */
  reported(gap: Gap, account: string, at: number): void {
    const one = { gap, account, ahead: this.#wall.at(at) - at };
    if (!gap.instrumentTokens) this.#ofAccounts.push(one);
    for (const token of gap.instrumentTokens ?? []) {
      const gaps = this.#ofTokens.get(token);
      if (gaps) gaps.push(one);
      else this.#ofTokens.set(token, [one]);
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
      // If the clock was set since, the gap may be in its new time.
      return [...own, ...this.#ofAccounts].some(({ gap, ahead }) => Math.min(sentWall, at + ahead) <= gap.to);
    }
    if (own.some(({ gap }) => came.some(({ wall }) => gap.from <= wall && wall <= gap.to))) return true;
    // The gap of a connection says nothing about the others.
    return came.every(({ account, wall }) =>
      this.#ofAccounts.some((one) => one.account === account && one.gap.from < wall && wall < one.gap.to),
    );
  }
}
