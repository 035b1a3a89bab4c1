import type { ConnectionSlots, ReleaseSlot } from './connection-slots.js';

interface Slot {
  readonly apiKey: string;
  /** From this revision of the credentials on, the connection dials with the slot's key. */
  readonly since: number;
  readonly release: ReleaseSlot;
}

/**
 * The slots that one connection holds, of the three per API key: one for the key that it dials with next and, until the
 * socket of an earlier key is gone, one for that key as well.
 */
export class SlotHolder {
  readonly #slots: ConnectionSlots;
  readonly #origin: string;
  /** By revision: the last one is for the wanted key. */
  #held: readonly Slot[] = [];

  constructor(slots: ConnectionSlots, origin: string) {
    this.#slots = slots;
    this.#origin = origin;
  }

  /**
   * Holds a slot of this key as well, if it holds none. Returns how to undo that.
   *
   * @param since the revision of the credentials with this key
   * @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`, and then nothing has changed
   */
  take(apiKey: string, since: number): () => void {
    const before = this.#held;
    if (before.at(-1)?.apiKey === apiKey) return () => undefined;
    const known = before.find((slot) => slot.apiKey === apiKey);
    const release = known?.release ?? this.#slots.acquire(this.#origin, apiKey);
    this.#held = [...before.filter((slot) => slot !== known), { apiKey, since, release }];
    return () => {
      this.#held = before;
      if (!known) release();
    };
  }

  /** An attempt was begun with the credentials of this revision: an earlier socket is gone. */
  dialled(revision: number): void {
    this.#keepFrom(this.#held.filter(({ since }) => since <= revision).length - 1);
  }

  /** There is no socket: only the key that is wanted needs a slot. */
  gone(): void {
    this.#keepFrom(this.#held.length - 1);
  }

  /** Gives back all that is held. */
  release(): void {
    this.#keepFrom(this.#held.length);
  }

  #keepFrom(index: number): void {
    if (index <= 0) return;
    const dropped = this.#held.slice(0, index);
    this.#held = this.#held.slice(index);
    for (const { release } of dropped) release();
  }
}
