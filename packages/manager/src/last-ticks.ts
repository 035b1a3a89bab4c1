import { KiteError, type Tick, type TickerMessage } from '@kite/protocol';

import type { MessageConsumer } from './connection-parts.js';

/**
 * Keeps the newest tick of each instrument.
 */
export class LastTicks implements MessageConsumer {
  readonly takesTicks = true;
  readonly #subscriptions: { has(token: number): boolean };
  readonly #ticks = new Map<number, Tick>();

  /** @param subscriptions as they are at any time: a tick that was under way when its instrument was left is not kept */
  constructor(subscriptions: { has(token: number): boolean }) {
    this.#subscriptions = subscriptions;
  }

  /** Undefined before the first tick. */
  get(token: number): Tick | undefined {
    return this.#ticks.get(token);
  }

  /** Lets go of what it has of these. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#ticks.delete(token);
  }

  /** Takes the ticks, and nothing else. */
  message(message: TickerMessage): void {
    if (message.type !== 'ticks') return;
    for (const tick of message.ticks) {
      if (this.#subscriptions.has(tick.instrumentToken)) this.#ticks.set(tick.instrumentToken, tick);
    }
  }

  end(): void {
    // What was last seen stays known over a stop.
  }
}

/**
 * The newest tick of an instrument, undefined before the first.
 *
 * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` where none is kept
 */
export function lastTickOf(kept: LastTicks | undefined, token: number): Tick | undefined {
  if (kept) return kept.get(token);
  throw new KiteError('KITE_MANAGER_LAST_TICKS_OFF', 'last ticks are not kept; set the option lastTicks');
}
