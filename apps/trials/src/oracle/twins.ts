import type { MergedState } from './merged-states.js';

/**
 * States of one instrument that have the same bytes: orders came and were taken back, without a trade between. Over an
 * account that is shown other samples of the market, nobody can tell which of them a packet shows.
 */
export class Twins {
  readonly #states: readonly MergedState[];
  /** The positions of the states with the same packet. */
  readonly #positions = new Map<string, number[]>();
  /** When the state at each position was first delivered. */
  readonly #deliveredAt = new Map<number, number>();

  constructor(states: readonly MergedState[]) {
    this.#states = states;
    for (const [position, { forms }] of states.entries())
      for (const key of forms.keys()) {
        const positions = this.#positions.get(key);
        if (positions) positions.push(position);
        else this.#positions.set(key, [position]);
      }
  }

  /** The state at this position was delivered. */
  delivered(position: number, at: number): void {
    if (!this.#deliveredAt.has(position)) this.#deliveredAt.set(position, at);
  }

  /** Whether the state at this position was delivered. */
  wasDelivered(position: number): boolean {
    return this.#deliveredAt.has(position);
  }

  /** The first state with this packet behind `after` that had been sent at this time. */
  first(key: string, after: number, at: number): number | undefined {
    return this.#positions.get(key)?.find((position) => position > after && this.#states[position]!.at <= at);
  }

  /**
   * Whether the state at this position looks like a copy over this connection: a state with the same packet was
   * delivered by then, and the connection had not yet brought it, nor anything newer.
   */
  isLikeACopy(position: number, key: string, connectionId: number, until: number): boolean {
    const others = this.#positions
      .get(key)!
      .filter((other) => other !== position && (this.#deliveredAt.get(other) ?? Infinity) <= until);
    const newest = others.at(-1);
    return newest !== undefined && !this.#wasSentBetween(newest, position, connectionId);
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
        let before = position - 1;
        while (before >= 0 && this.#packetOf(before, connectionId) === undefined) before--;
        const packet = before < 0 ? undefined : this.#packetOf(before, connectionId);
        return packet !== undefined && this.#states[place]!.forms.has(packet);
      });
    });
  }

  #wasSentBetween(from: number, to: number, connectionId: number): boolean {
    for (let position = from; position < to; position++)
      if (this.#packetOf(position, connectionId) !== undefined) return true;
    return false;
  }

  /** The packet that showed the state at this position over this connection. */
  #packetOf(position: number, connectionId: number): string | undefined {
    for (const [key, { copies }] of this.#states[position]!.forms)
      if (copies.some((copy) => copy.connectionId === connectionId)) return key;
    return undefined;
  }
}
