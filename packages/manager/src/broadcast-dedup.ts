import type { ChannelId } from '@kite/connection';

import { contentHash } from './content-hash.js';

/** Copies of a broadcast arrive within this time, in milliseconds; the same text after it is a new broadcast. */
const COPIES_WITHIN_MS = 60_000;

/** At most this many broadcasts are remembered, by hash. */
const MEMORY = 1000;

interface Broadcast {
  /** When it was delivered last, Unix milliseconds. */
  at: number;
  /** How often it was delivered. */
  delivered: number;
  /** How often each connection has sent it. */
  readonly brought: Map<ChannelId, number>;
}

/**
 * Delivers each of the broker's broadcasts once, though Kite sends it on every connection. A broadcast has no identity:
 * when a connection sends it more often than it was delivered, the broker has repeated it, and it is delivered again.
 */
export class BroadcastDedup {
  /** By hash, oldest delivery first. */
  readonly #known = new Map<string, Broadcast>();

  /** How many broadcasts are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether to deliver this broadcast: false for a copy, with its fields in any order. `at` in Unix milliseconds. */
  accept(channelId: ChannelId, data: unknown, at: number): boolean {
    const hash = contentHash(data);
    if (hash === undefined) return true;
    const known = this.#known.get(hash);
    const isRecent = known !== undefined && Math.abs(at - known.at) <= COPIES_WITHIN_MS;
    const broadcast: Broadcast = isRecent ? known : { at, delivered: 0, brought: new Map() };
    const brought = (broadcast.brought.get(channelId) ?? 0) + 1;
    broadcast.brought.set(channelId, brought);
    if (brought <= broadcast.delivered) return false;
    broadcast.delivered = brought;
    broadcast.at = at;
    this.#known.delete(hash);
    this.#known.set(hash, broadcast);
    if (this.#known.size > MEMORY) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    return true;
  }
}
