import type { ChannelId } from '@kite/connection';

/** Postbacks that are remembered; copies arrive within seconds of each other. */
const MEMORY = 4096;

/**
 * Delivers each order postback once, though Kite sends it on every connection.
 *
 * A postback that is delivered from one connection is expected once on each other one that is open. What is expected is
 * a copy; anything else is new, so that a genuine repeat is not swallowed.
 */
export class OrderDedup {
  /** By the postback's text: how many copies are still to come on each connection. */
  readonly #expected = new Map<string, Map<ChannelId, number>>();

  /** Whether this postback is to be delivered: it is no copy. */
  accept(text: string, channelId: ChannelId, open: readonly ChannelId[]): boolean {
    const copies = this.#copiesOf(text);
    const expected = copies.get(channelId) ?? 0;
    if (expected > 0) {
      copies.set(channelId, expected - 1);
      return false;
    }
    for (const other of open) if (other !== channelId) copies.set(other, (copies.get(other) ?? 0) + 1);
    return true;
  }

  /** Nothing is expected of a connection that is lost: postbacks are never replayed. */
  lost(channelId: ChannelId): void {
    for (const copies of this.#expected.values()) copies.delete(channelId);
  }

  #copiesOf(text: string): Map<ChannelId, number> {
    const known = this.#expected.get(text);
    if (known) return known;
    const copies = new Map<ChannelId, number>();
    this.#expected.set(text, copies);
    if (this.#expected.size > MEMORY) {
      const oldest = this.#expected.keys().next();
      if (!oldest.done) this.#expected.delete(oldest.value);
    }
    return copies;
  }
}
