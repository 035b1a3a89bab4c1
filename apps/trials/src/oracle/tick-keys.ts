import { encodePacket, type Tick } from '@kite/protocol';

import { keyOf } from './sent-states.js';

/** The packet bytes of ticks, as text; a tick that several consumers received is encoded once. */
export class TickKeys {
  readonly #known = new WeakMap<Tick, string>();

  of(tick: Tick): string {
    let key = this.#known.get(tick);
    if (key === undefined) this.#known.set(tick, (key = keyOf(encodePacket(tick))));
    return key;
  }
}
