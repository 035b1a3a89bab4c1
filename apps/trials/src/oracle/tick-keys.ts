import { encodePacket, type Tick } from '@kite/protocol';

import { keyOf } from './sent-states.js';

/** The bytes of the packets that ticks were, as text: each tick that several consumers were handed is encoded once. */
export class TickKeys {
  readonly #known = new WeakMap<Tick, string>();

  of(tick: Tick): string {
    let key = this.#known.get(tick);
    if (key === undefined) this.#known.set(tick, (key = keyOf(encodePacket(tick))));
    return key;
  }
}
