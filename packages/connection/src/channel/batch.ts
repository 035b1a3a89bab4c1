import type { Tick, TickerMessage } from '@kite/protocol';

import type { Entry } from './entry.js';

/** What a channel of decoded data holds: messages as they came, and with the policy `conflate` batches of ticks. */
export type Held = TickerMessage | Batch;

/**
 * The place of the newest tick of one stream of an instrument. Ticks from another source in another mode are a separate
 * stream.
 */
export class Slot {
  tick: Tick | undefined = undefined;
  /** The batch that the tick waits in: until that batch's entry is taken or dropped. */
  batch: Batch | undefined = undefined;
  index = 0;
  /** How many older ticks of the stream this tick has replaced in its batch, which counts them as lost. */
  replaced = 0;
  /** Whether the tick keeps its place when a newer one of its stream comes. */
  stays = false;
  /** For another waiting tick of the same instrument. */
  twin: Slot | undefined = undefined;
}

/** The newest ticks of instruments from one source, delivered together. */
export class Batch {
  entry!: Entry<Held>;
  /** Orders, states and gaps that came before the batch. The next one completes it. */
  controls = 0;
  /** In the order in which the instruments came; a slot whose tick has moved elsewhere is skipped. */
  readonly slots: Slot[] = [];
  #start = 0;

  get isWaiting(): boolean {
    return this.entry.item === this;
  }

  /** Makes later ticks gather in another batch. */
  complete(): void {
    this.controls = -1;
  }

  put(slot: Slot, tick: Tick): void {
    slot.tick = tick;
    slot.batch = this;
    slot.replaced = 0;
    slot.stays = false;
    slot.index = this.slots.push(slot) - 1;
  }

  /** Takes its ticks out. */
  take(): Tick[] {
    const ticks: Tick[] = [];
    while (this.#start < this.slots.length) {
      const tick = this.#takeNext();
      if (tick) ticks.push(tick);
    }
    return ticks;
  }

  /** Takes out the tick that has waited longest. */
  loseFirst(): void {
    while (!this.#takeNext());
  }

  #takeNext(): Tick | undefined {
    const slot = this.slots[this.#start]!;
    const isHere = slot.batch === this && slot.index === this.#start;
    this.#start++;
    if (!isHere) return undefined;
    const { tick } = slot;
    slot.tick = slot.batch = undefined;
    return tick;
  }
}
