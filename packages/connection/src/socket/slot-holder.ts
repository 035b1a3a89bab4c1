import type { ConnectionSlots, ReleaseSlot } from './connection-slots.js';

/**
 * The one slot that a connection holds while it lives, of the three that its API key has.
 */
export class SlotHolder {
  readonly #slots: ConnectionSlots;
  readonly #origin: string;
  #held: { apiKey: string; release: ReleaseSlot } | undefined;

  constructor(slots: ConnectionSlots, origin: string) {
    this.#slots = slots;
    this.#origin = origin;
  }

  /** Whether it holds one now. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Holds a slot of this key; one of another key is given back for it.
   *
   * @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`, and then nothing has changed
   */
  take(apiKey: string): void {
    if (this.#held?.apiKey === apiKey) return;
    const release = this.#slots.acquire(this.#origin, apiKey);
    this.release();
    this.#held = { apiKey, release };
  }

  /** Gives the slot back, if one is held. */
  release(): void {
    this.#held?.release();
    this.#held = undefined;
  }
}
