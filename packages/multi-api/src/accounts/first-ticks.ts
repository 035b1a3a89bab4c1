import type { KiteTickerManager } from '@kite/manager';
import { managerSeam } from '@kite/manager';
import { type Clock, FrameWalker } from '@kite/protocol';

import type { FrameConsumer } from '../parts.js';

/** Waits until each of these instruments has sent a packet on an account. */
class Expected implements FrameConsumer {
  readonly #walker = new FrameWalker();
  readonly #tokens: Set<number>;
  readonly #onAll: () => void;

  constructor(tokens: Iterable<number>, onAll: () => void) {
    this.#tokens = new Set(tokens);
    this.#onAll = onAll;
  }

  frame(bytes: Uint8Array): void {
    this.#walker.reset(bytes);
    while (this.#walker.next()) this.#tokens.delete(this.#walker.instrumentToken);
    if (this.#tokens.size === 0) this.#onAll();
  }

  gap(): void {
    // The expected packets come after it.
  }

  droppedBefore(): void {
    // The newest packet of the same instrument follows.
  }

  end(): void {
    this.#onAll();
  }
}

/**
 * Resolves once each of these instruments has sent a packet on the account, the account has stopped, or `atMostMs` have
 * passed. Listens from this call on: it cannot miss a first packet when called in the turn in which they are
 * subscribed, or before they have sent anything.
 */
export function firstTicks(
  manager: KiteTickerManager,
  tokens: readonly number[],
  clock: Clock,
  atMostMs: number,
): Promise<void> {
  if (tokens.length === 0) return Promise.resolve();
  return until((done) => manager[managerSeam].attach(new Expected(tokens, done)), clock, atMostMs);
}

/** Resolves after `forMs`, or once the account has stopped. */
export function linger(manager: KiteTickerManager, clock: Clock, forMs: number): Promise<void> {
  const nothing = (): void => undefined;
  return until(
    (done) => manager[managerSeam].attach({ takesTicks: false, message: nothing, end: done }),
    clock,
    forMs,
  );
}

function until(attach: (done: () => void) => () => void, clock: Clock, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const detach = attach(done);
    const timer = clock.setTimeout(done, atMostMs);
    function done(): void {
      clock.clearTimeout(timer);
      detach();
      resolve();
    }
  });
}
