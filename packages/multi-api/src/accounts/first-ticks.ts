import type { KiteTickerManager } from '@kite/manager';
import { managerSeam } from '@kite/manager';
import { type Clock, FrameWalker } from '@kite/protocol';

import type { FrameConsumer } from '../parts.js';

/** Hears of instruments on an account until each of them has sent a packet. */
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
    // What is expected comes after it.
  }

  droppedBefore(): void {
    // A replaced packet has its instrument's newest one behind it.
  }

  end(): void {
    this.#onAll();
  }
}

/**
 * Resolves once each of these instruments has sent a packet on the account, or the account has stopped; at the latest
 * after so many milliseconds. Hears what comes from this call on: a first packet cannot be missed in the turn in which they are
 * subscribed, nor as long as they have sent nothing.
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

/** Resolves after so many milliseconds, or once the account has stopped. */
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
