import { type Clock, FrameWalker } from '@kite/protocol';

import type { FrameConsumer } from './connection-parts.js';

/**
 * Finds instruments that never sent a packet. Kite acknowledges nothing, and sends a cached tick to a living token at
 * once: silence means a dead or mistyped one.
 *
 * Frames are walked only while somebody is waited for.
 */
export class SilenceTracker implements FrameConsumer {
  readonly #clock: Clock;
  readonly #walker = new FrameWalker();
  /** Token to when it was asked for; gone once it has sent a packet. */
  readonly #waiting = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** These are newly wanted. */
  await(tokens: Iterable<number>): void {
    const now = this.#clock.monotonic();
    for (const token of tokens) this.#waiting.set(token, now);
  }

  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#waiting.delete(token);
  }

  /** Tokens that have been asked for on an open connection for so long, and were never heard of. */
  silentFor(forMs: number, openForMs: (token: number) => number | null): number[] {
    const now = this.#clock.monotonic();
    const silent: number[] = [];
    for (const [token, since] of this.#waiting) {
      const openMs = openForMs(token);
      if (openMs !== null && Math.min(now - since, openMs) >= forMs) silent.push(token);
    }
    return silent;
  }

  frame(bytes: Uint8Array): void {
    if (this.#waiting.size === 0) return;
    this.#walker.reset(bytes);
    while (this.#walker.next()) this.#waiting.delete(this.#walker.instrumentToken);
  }

  gap(): void {
    // What was heard before stays heard.
  }

  lagged(): void {
    // A replaced packet has its instrument's newest one behind it.
  }

  end(): void {
    // Subscriptions outlive a stop.
  }
}
