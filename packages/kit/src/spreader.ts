/** How instruments are spread over places. */
export type SpreadStrategy = 'round-robin' | 'least-loaded' | 'weighted';

/** Holds instruments: a connection or an account. A plan updates its counts. */
export interface Place<Id> {
  readonly id: Id;
  /** Instruments it holds. */
  held: number;
  /** How many more it could stream now. */
  room: number;
  /** How many more it could hold, streaming or not. */
  spare: number;
  /** Its share under `weighted`. */
  readonly weight: number;
}

/** Chooses places for instruments and remembers where round robin continues. */
export class Spreader<Id> {
  readonly #strategy: SpreadStrategy;
  #last: Id | undefined;

  constructor(strategy: SpreadStrategy) {
    this.#strategy = strategy;
  }

  /** The place for one more instrument among those that may take it, counted there; undefined if none may. */
  next(places: readonly Place<Id>[], mayTake: (place: Place<Id>) => boolean): Place<Id> | undefined {
    const chosen =
      this.#strategy === 'round-robin' ? this.#afterLast(places, mayTake) : this.#least(places, mayTake);
    if (chosen === undefined) return undefined;
    this.#last = chosen.id;
    if (chosen.room > 0) chosen.room--;
    chosen.spare--;
    chosen.held++;
    return chosen;
  }

  /**
   * Places for new instruments, as far as they fit: `copies` different ones for each, first those with room, else any
   * that can hold it.
   */
  spread(tokens: readonly number[], places: readonly Place<Id>[], copies = 1): Map<number, Id[]> {
    const spread = new Map<number, Id[]>();
    for (const [index, token] of tokens.entries()) {
      const ids: Id[] = [];
      const reserve = new Reserve(places, copies, tokens.length - index);
      const isFree = (place: Place<Id>): boolean => !ids.includes(place.id) && reserve.allows(place);
      while (ids.length < copies) {
        const place =
          this.next(places, (one) => one.room > 0 && isFree(one)) ??
          this.next(places, (one) => one.spare > 0 && isFree(one));
        if (place === undefined) break;
        reserve.took(place);
        ids.push(place.id);
      }
      spread.set(token, ids);
    }
    return spread;
  }

  #afterLast(places: readonly Place<Id>[], mayTake: (place: Place<Id>) => boolean): Place<Id> | undefined {
    const start = places.findIndex(({ id }) => id === this.#last) + 1;
    for (let step = 0; step < places.length; step++) {
      const place = places[(start + step) % places.length]!;
      if (mayTake(place)) return place;
    }
    return undefined;
  }

  #least(places: readonly Place<Id>[], mayTake: (place: Place<Id>) => boolean): Place<Id> | undefined {
    let least: Place<Id> | undefined;
    for (const place of places)
      if (mayTake(place) && (least === undefined || this.#loadOf(place) < this.#loadOf(least))) least = place;
    return least;
  }

  #loadOf({ held, weight }: Place<Id>): number {
    return this.#strategy === 'weighted' ? (held + 1) / weight : held;
  }
}

/** How many new instruments fit, each with this many copies on different places. */
export function roomFor(places: readonly Place<unknown>[], copies: number): number {
  if (copies === 0) return 0;
  let most = Infinity;
  for (;;) {
    // No place takes two copies of one instrument: it takes at most one of each of the `most` instruments.
    const fewer = Math.floor(spareFor(places, most) / copies);
    if (fewer >= most) return most;
    most = fewer;
  }
}

/** How many copies of this many instruments the places could hold. */
function spareFor(places: readonly Place<unknown>[], instruments: number): number {
  return places.reduce((total, { spare }) => total + Math.min(Math.max(spare, 0), instruments), 0);
}

/**
 * Decides where the next of the `remaining` instruments may go, so that all of them can be placed.
 *
 * With several copies, small places can run out too early: with spares 1, 1 and 2, two instruments with two copies each
 * must both use the large one. A place with room for every remaining instrument is never too small.
 */
class Reserve {
  /** The places large enough for all that remains. */
  readonly #large = new Set<Place<unknown>>();
  /** How many copies may still go to small places. */
  #fromSmall = Infinity;

  constructor(places: readonly Place<unknown>[], copies: number, remaining: number) {
    if (copies === 1) return;
    for (const place of places) if (place.spare >= remaining) this.#large.add(place);
    this.#fromSmall = spareFor(places, remaining) - copies * remaining + copies - this.#large.size;
  }

  allows(place: Place<unknown>): boolean {
    return this.#fromSmall > 0 || this.#large.has(place);
  }

  took(place: Place<unknown>): void {
    if (!this.#large.has(place)) this.#fromSmall--;
  }
}
