import type { Copy, MergedState } from './merged-states.js';

/**
 * States of one instrument that have the same bytes: orders came and were taken back, without a trade between. Over an
 * account that is shown other samples of the market, nobody can tell which of them a packet shows.
 */
export class Twins {
  readonly #states: readonly MergedState[];
  /** The positions of the states with the same packet. */
  readonly #positions = new Map<string, number[]>();
  readonly #waitedUntil: (copy: Copy) => number | undefined;
  /** When the state at each position was first delivered. */
  readonly #deliveredAt = new Map<number, number>();
  /** The length of the greatest packet of the state at each position that was delivered. */
  readonly #lengths = new Map<number, number>();

  /** @param waitedUntil until when a copy that came waited for its place; undefined: it did not come */
  constructor(states: readonly MergedState[], waitedUntil: (copy: Copy) => number | undefined) {
    this.#states = states;
    this.#waitedUntil = waitedUntil;
    for (const [position, { forms }] of states.entries())
      for (const key of forms.keys()) {
        const positions = this.#positions.get(key);
        if (positions) positions.push(position);
        else this.#positions.set(key, [position]);
      }
  }

  /** The state at this position was delivered, as this packet shows it. */
  delivered(position: number, key: string, at: number): void {
    if (!this.#deliveredAt.has(position)) this.#deliveredAt.set(position, at);
    this.#lengths.set(position, Math.max(this.#lengths.get(position) ?? 0, key.length));
  }

  /** Whether the state at this position was delivered as its greatest packet shows it. */
  wasDelivered(position: number): boolean {
    const lengths = [...this.#states[position]!.forms.keys()].map((key) => key.length);
    return (this.#lengths.get(position) ?? 0) >= Math.max(...lengths);
  }

  /** The first state with this packet behind `after` that had been sent at this time. */
  first(key: string, after: number, at: number): number | undefined {
    return this.#positions.get(key)?.find((position) => position > after && this.#states[position]!.at <= at);
  }

  /**
   * Whether this copy of the state at this position looks like one of another state: a state with the same packet was
   * delivered by then, and the connection was not yet known to have brought it, nor anything newer.
   */
  isLikeAnother(position: number, key: string, copy: Copy): boolean {
    const others = this.#positions
      .get(key)!
      .filter((other) => other !== position && this.#isDeliveredBy(other, copy));
    const newest = others.at(-1);
    if (newest === undefined) return false;
    for (let since = newest; since < position; since++) {
      const own = this.#copyOf(since, copy.connectionId);
      if (own && this.#isDeliveredBy(since, own)) return false;
    }
    return true;
  }

  /**
   * Whether this packet of an account seems to follow the state at `place`, although it shows an older one: what the
   * account brought just before it looks like that state, and it has brought nothing since.
   */
  seemsToFollow(place: number, key: string, account: string): boolean {
    if (place < 0) return false;
    return (this.#positions.get(key) ?? []).some((position) => {
      const { copies } = this.#states[position]!.forms.get(key)!;
      return copies.some(({ connectionId, account: own }) => {
        if (own !== account || this.#wasSentBetween(position + 1, place + 1, connectionId)) return false;
        const packet = this.#packetBefore(position, connectionId);
        return packet !== undefined && this.#states[place]!.forms.has(packet);
      });
    });
  }

  /** Whether the state at this position was delivered before this copy, of it or of another, was given up. */
  #isDeliveredBy(position: number, copy: Copy): boolean {
    const at = this.#deliveredAt.get(position);
    const until = this.#waitedUntil(copy);
    return at !== undefined && until !== undefined && at <= until;
  }

  #wasSentBetween(from: number, to: number, connectionId: number): boolean {
    for (let position = from; position < to; position++)
      if (this.#copyOf(position, connectionId)) return true;
    return false;
  }

  /** The last packet of a connection that showed a state before this position. */
  #packetBefore(position: number, connectionId: number): string | undefined {
    for (let before = position - 1; before >= 0; before--)
      for (const [key, { copies }] of this.#states[before]!.forms)
        if (copies.some((copy) => copy.connectionId === connectionId)) return key;
    return undefined;
  }

  /** The copy of the state at this position that this connection was sent. */
  #copyOf(position: number, connectionId: number): Copy | undefined {
    for (const { copies } of this.#states[position]!.forms.values())
      for (const copy of copies) if (copy.connectionId === connectionId) return copy;
    return undefined;
  }
}
