import { KiteError, type Tick, type TickerMessage } from '@kite/protocol';

import type { MessageConsumer, SourceTag } from './connection-parts.js';
import type { LastKnown } from './subscribers/last-known.js';

/** The newest tick of an instrument. */
export interface LastTick {
  /** As it came. */
  tick: Tick;
  /** When its frame reached the socket, Unix milliseconds. */
  receivedAt: number;
  /** The instrument was without a streaming connection for a time since then: the market may have moved unseen. */
  isStale: boolean;
}

/** The same, and its source. */
interface Kept extends Omit<LastTick, 'isStale'> {
  readonly source: SourceTag | undefined;
}

/**
 * Keeps the newest tick of each instrument.
 */
export class LastTicks implements MessageConsumer {
  readonly takesTicks = true;
  readonly #subscriptions: { has(token: number): boolean };
  readonly #ticks = new Map<number, Kept>();
  readonly #stale = new Set<number>();

  /** @param subscriptions a live view: a tick in flight when its instrument is unsubscribed is not kept */
  constructor(subscriptions: { has(token: number): boolean }) {
    this.#subscriptions = subscriptions;
  }

  /** Undefined before the first tick. */
  get(token: number): LastTick | undefined {
    const last = this.#ticks.get(token);
    if (!last) return undefined;
    const { tick, receivedAt } = last;
    return { tick, receivedAt, isStale: this.#stale.has(token) };
  }

  /** The same for subscribers. Undefined if its source is unknown. */
  known(token: number): LastKnown | undefined {
    const last = this.#ticks.get(token);
    if (!last?.source) return undefined;
    const { tick, receivedAt, source } = last;
    return { last: tick, receivedAt, source, isInterrupted: this.#stale.has(token) };
  }

  /** These are no longer streamed: their last ticks are stale. */
  dark(tokens: Iterable<number>): void {
    for (const token of tokens) if (this.#ticks.has(token)) this.#stale.add(token);
  }

  /** Forgets these instruments. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) {
      this.#ticks.delete(token);
      this.#stale.delete(token);
    }
  }

  /** Takes ticks only. */
  message(message: TickerMessage, source?: SourceTag): void {
    if (message.type !== 'ticks') return;
    const { receivedAt } = message;
    for (const tick of message.ticks) {
      const { instrumentToken } = tick;
      if (!this.#subscriptions.has(instrumentToken)) continue;
      this.#ticks.set(instrumentToken, { tick, receivedAt, source });
      if (this.#stale.size > 0) this.#stale.delete(instrumentToken);
    }
  }

  end(): void {
    // Last ticks survive a stop, but are stale from then on.
    for (const token of this.#ticks.keys()) this.#stale.add(token);
  }
}

/**
 * The newest tick of an instrument, undefined before the first.
 *
 * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` if last ticks are not kept
 */
export function lastTickOf(kept: LastTicks | undefined, token: number): LastTick | undefined {
  if (kept) return kept.get(token);
  throw new KiteError('KITE_MANAGER_LAST_TICKS_OFF', 'last ticks are not kept; set the option lastTicks');
}
