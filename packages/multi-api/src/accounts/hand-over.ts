import type { KiteTickerManager } from '@kite/manager';
import { managerSeam } from '@kite/manager';
import { type Clock, FrameWalker } from '@kite/protocol';

import type { FrameConsumer } from '../parts.js';
import type { Account } from './account.js';

/** How long a leaving account waits for the first ticks of the instruments that it hands over. */
const HANDOVER_MS = 2000;

/** How long both accounts stream what moves: frames sent to the leaving one before the other began are in flight. */
const OVERLAP_MS = 250;

/** What a leaving account is handed over with. */
export interface HandOverOptions {
  readonly clock: Clock;
  /** Moves what it holds to the others. */
  readonly move: () => void;
  /** The accounts that are not about to leave. */
  readonly staying: () => readonly Account[];
}

/** Moves what a leaving account holds, and waits until it is streamed elsewhere. */
export async function handOver({ manager: from }: Account, options: HandOverOptions): Promise<void> {
  const { clock, move, staying } = options;
  // An instrument that does not stream here leaves no gap; one that never sent anything will not do so elsewhere.
  const silent = new Set(from.getSilentSymbols(0));
  const streaming = [...from.subscriptions.keys()].filter((token) => !silent.has(token));
  const isStreaming = from.getStats().activeConnections > 0 && streaming.length > 0;
  move();
  if (!isStreaming) return;
  // Another leaving account or a change by the caller may have told the new account of these already.
  const heard = staying().map((account) => {
    const { manager } = account;
    const isSilent = new Set(manager.getSilentSymbols(0));
    const streamed = account.streamed();
    const isNew = (token: number): boolean =>
      manager.subscriptions.has(token) && (isSilent.has(token) || !streamed.has(token));
    return firstTicks(manager, streaming.filter(isNew), clock);
  });
  await Promise.all(heard);
  await linger(from, clock);
}

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
 * Resolves once each of these instruments has sent a packet on the account, the account has stopped, or the time is
 * over. Listens from this call on: it cannot miss a first packet when called in the turn in which they are subscribed,
 * or before they have sent anything.
 */
function firstTicks(manager: KiteTickerManager, tokens: readonly number[], clock: Clock): Promise<void> {
  if (tokens.length === 0) return Promise.resolve();
  return until((done) => manager[managerSeam].attach(new Expected(tokens, done)), clock, HANDOVER_MS);
}

/** Lets the account stream for a moment more, unless it stops. */
function linger(manager: KiteTickerManager, clock: Clock): Promise<void> {
  const nothing = (): void => undefined;
  return until(
    (done) => manager[managerSeam].attach({ takesTicks: false, message: nothing, end: done }),
    clock,
    OVERLAP_MS,
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
