import type { Arrivals } from './arrivals.js';
import type { Asked } from './asked.js';
import type { MergedState, MergedStates } from './merged-states.js';
import { BEHIND_MS, hasPrice, LTP_BYTES, priceOf } from './price-order.js';

/** What is needed to tell what became of bare prices. */
export interface PriceFacts {
  readonly sent: Pick<MergedStates, 'of'>;
  readonly arrivals: Arrivals;
  readonly asked: Asked;
  /** The longest time a message takes through the network, in milliseconds. */
  readonly longestWayMs: number;
}

/** When a merged stream remembers and waits, and what it has told. */
export interface MergedTimes {
  /** The time from which the client remembers arrivals, at this time. */
  readonly rememberedFrom: (at: number) => number;
  /** When something that came then stops waiting for its turn. */
  readonly waitedUntil: (cameAt: number) => number;
  /** Whether a gap has reported the state. */
  readonly isReported: (state: MergedState) => boolean;
}

/**
 * The bare prices of a merged stream. In `ltp` mode a price does not always identify its state, so a state that seems to
 * be missing may have been delivered or reported as another one with its price.
 */
export class BarePrices {
  readonly #facts: PriceFacts;
  readonly #times: MergedTimes;
  /** When each price was delivered, by instrument and price. */
  readonly #prices = new Map<string, number[]>();
  /** States delivered only as a bare price. */
  readonly #had = new Set<MergedState>();
  /** Reported states that stand for another one with their price. */
  readonly #taken = new Set<MergedState>();

  constructor(facts: PriceFacts, times: MergedTimes) {
    this.#facts = facts;
    this.#times = times;
  }

  /** A packet of the instrument was delivered. */
  note(token: number, key: string, at: number): void {
    const name = `${token} ${priceOf(key)}`;
    const times = this.#prices.get(name);
    if (times) times.push(at);
    else this.#prices.set(name, [at]);
  }

  /** The state was delivered as a bare price. */
  delivered(state: MergedState): void {
    this.#had.add(state);
  }

  /** Whether the state, which seems to be missing, was delivered or reported as a bare price. */
  accountFor(state: MergedState): boolean {
    return this.#had.has(state) || this.#isTwin(state) || this.#isStill(state) || this.#isTold(state);
  }

  /** The state shows only a price, which was delivered at that time for another state: the two look alike. */
  #isTwin(state: MergedState): boolean {
    const { token, arrival } = state;
    if (!arrival || !this.#isPriceAlone(state)) return false;
    const [key] = state.forms.keys();
    const times = this.#prices.get(`${token} ${priceOf(key!)}`) ?? [];
    const from = this.#times.rememberedFrom(arrival.at);
    const wasShown = times.some((time) => time >= from && time <= this.#times.waitedUntil(arrival.at));
    return wasShown && !this.#isShownToAll(state);
  }

  /** Only the price is wanted, and it stayed the same until a delivered state. */
  #isStill(state: MergedState): boolean {
    if (!this.#isPriceAlone(state)) return false;
    const states = this.#facts.sent.of(state.token);
    const [key] = state.forms.keys();
    for (let index = states.indexOf(state) + 1; index < states.length; index++) {
      if (!hasPrice(states[index]!, key!)) return false;
      if (this.#had.has(states[index]!)) return true;
    }
    return false;
  }

  /**
   * The state shows only a price, and was reported as too late; or another state with its price was, which is taken for
   * the delivered one. Each price was delivered or reported as often as it occurred.
   */
  #isTold(state: MergedState): boolean {
    const { arrival } = state;
    if (!arrival || !this.#isPriceAlone(state)) return false;
    if (this.#times.isReported(state)) return true;
    const [key] = state.forms.keys();
    const other = this.#facts.sent
      .of(state.token)
      .find(
        (one) =>
          one.at <= state.at &&
          one.until >= arrival.at - BEHIND_MS &&
          this.#had.has(one) &&
          !this.#taken.has(one) &&
          hasPrice(one, key!) &&
          this.#times.isReported(one),
      );
    if (other) this.#taken.add(other);
    return other !== undefined;
  }

  #isPriceAlone({ token, at, arrival }: MergedState): boolean {
    const { asked, longestWayMs } = this.#facts;
    return asked.leastBytes(token, at - longestWayMs, arrival?.at ?? at) <= LTP_BYTES;
  }

  /**
   * Whether the server sent the state to every account that streamed the instrument when it came. Then the state is
   * certain, even if it shows only a price.
   */
  #isShownToAll({ token, at, arrival, forms }: MergedState): boolean {
    const carriers = this.#facts.arrivals
      .carriersOf(token)
      .filter(({ sentFrom, to }) => sentFrom < (arrival?.at ?? at) && to > (arrival?.at ?? at));
    const copies = [...forms.values()].flatMap((form) => form.copies);
    return (
      carriers.length > 0 &&
      carriers.every((carrier) => copies.some(({ connectionId }) => connectionId === carrier.connectionId))
    );
  }
}
