import { type Clock, FrameWalker } from '@kite/protocol';

import type { FrameConsumer, SourceTag } from './connection-parts.js';

/**
 * Finds instruments that do not answer. Kite acknowledges no subscription, and sends a cached tick to a living token at
 * once: silence means a dead or mistyped token, or a connection that forgot what it was asked for.
 *
 * Frames are walked only while an answer is awaited.
 */
export class SilenceTracker implements FrameConsumer {
  readonly #clock: Clock;
  readonly #isAnswer: (token: number, source: SourceTag) => boolean;
  readonly #walker = new FrameWalker();
  /** Maps each token to when it was asked for last; gone once it has sent a packet. */
  readonly #waiting = new Map<number, number>();

  /**
   * @param isAnswer whether what this source sends of an instrument answers its last request: after a move, packets of
   *   the connection before are still under way
   */
  constructor(clock: Clock, isAnswer: (token: number, source: SourceTag) => boolean) {
    this.#clock = clock;
    this.#isAnswer = isAnswer;
  }

  /** These have been asked for now. */
  asked(tokens: Iterable<number>): void {
    const now = this.#clock.monotonic();
    for (const token of tokens) this.#waiting.set(token, now);
  }

  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#waiting.delete(token);
  }

  /** The tokens among these that were asked for at least this long ago and have not answered. */
  silentFor(forMs: number, tokens: Iterable<number>): number[] {
    const now = this.#clock.monotonic();
    const silent: number[] = [];
    if (this.#waiting.size === 0) return silent;
    for (const token of tokens) {
      const since = this.#waiting.get(token);
      if (since !== undefined && now - since >= forMs) silent.push(token);
    }
    return silent;
  }

  frame(bytes: Uint8Array, source: SourceTag): void {
    if (this.#waiting.size === 0) return;
    this.#walker.reset(bytes);
    while (this.#walker.next()) {
      const { instrumentToken } = this.#walker;
      if (this.#waiting.has(instrumentToken) && this.#isAnswer(instrumentToken, source))
        this.#waiting.delete(instrumentToken);
    }
  }

  gap(): void {
    // Earlier answers still count.
  }

  droppedBefore(): void {
    // The newest packet of the same instrument follows.
  }

  end(): void {
    // Subscriptions outlive a stop.
  }
}
