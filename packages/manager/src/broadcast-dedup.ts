import { createHash } from 'node:crypto';
import type { ChannelId } from '@kite/connection';

/** Copies of a broadcast come within this time, in milliseconds; the same words after it are another one. */
const COPIES_WITHIN_MS = 60_000;

/** Broadcasts that are remembered, at most: of each its hash. */
const MEMORY = 1000;

interface Broadcast {
  /** When it was delivered last, Unix milliseconds. */
  at: number;
  /** How often it was delivered. */
  delivered: number;
  /** How often each connection has brought it. */
  readonly brought: Map<ChannelId, number>;
}

/**
 * Delivers each of the broker's broadcasts once, though Kite sends it on every connection. A broadcast has no identity: one
 * that a connection brings more often than it was delivered is a repetition of the broker's, and delivered as well.
 */
export class BroadcastDedup {
  /** By hash, the one that was delivered longest ago first. */
  readonly #known = new Map<string, Broadcast>();

  /** Broadcasts that are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether to deliver this broadcast: it is no copy. `at` in Unix milliseconds. */
  accept(channelId: ChannelId, data: unknown, at: number): boolean {
    const text = JSON.stringify(data) as string | undefined;
    const hash = createHash('sha1')
      .update(text ?? '')
      .digest('base64');
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
