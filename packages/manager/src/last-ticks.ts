import type { MessageConsumer, Tick, TickerMessage } from '@kite/connection';

/** Keeps the newest tick of each instrument. */
export class LastTicks implements MessageConsumer {
  readonly takesTicks = true;
  readonly #ticks = new Map<number, Tick>();

  get(token: number): Tick | undefined {
    return this.#ticks.get(token);
  }

  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#ticks.delete(token);
  }

  message(message: TickerMessage): void {
    if (message.type !== 'ticks') return;
    for (const tick of message.ticks) this.#ticks.set(tick.instrumentToken, tick);
  }

  end(): void {
    // What was last seen stays known over a stop.
  }
}
