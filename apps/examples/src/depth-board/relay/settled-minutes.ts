import { PACKETS } from '@kite/protocol';

/** A packet, and when it was received, in Unix milliseconds. */
export interface TimedPacket {
  readonly body: Uint8Array;
  readonly receivedAt: number;
}

interface Kept extends TimedPacket {
  /** In the order of their arrival, since some come in the same millisecond. */
  readonly place: number;
  readonly price: number;
}

/** What a candle is made of. One packet may be several of these. */
interface Minute {
  readonly number: number;
  readonly first: Kept;
  highest: Kept;
  lowest: Kept;
  last: Kept;
}

/** Every kind of packet begins with its token and its last price. */
const { instrumentToken: TOKEN, lastPrice: PRICE } = PACKETS.ltp.fields;
const LEAST_LENGTH = PRICE.offset + 4;

const MINUTE_MS = 60_000;

const DEFAULT_MAX_MINUTES = 20_000;

/**
 * Of each minute of each instrument, the first and the last packet and those with the highest and the lowest price. The newest
 * packet of an instrument always stays: Kite sends an instrument only when it changes.
 */
export class SettledMinutes {
  readonly #maxMinutes: number;
  readonly #minutes = new Map<number, Minute[]>();
  #added = 0;

  /** @param maxMinutes of all instruments together, shared out evenly; each has one at least */
  constructor(maxMinutes = DEFAULT_MAX_MINUTES) {
    this.#maxMinutes = maxMinutes;
  }

  /** Takes a packet in. One that is too short to have a price is none. */
  add(body: Uint8Array, receivedAt: number): void {
    if (body.length < LEAST_LENGTH) return;
    const view = new DataView(body.buffer, body.byteOffset);
    const kept = {
      body: new Uint8Array(body),
      receivedAt,
      place: this.#added++,
      price: view.getInt32(PRICE.offset),
    };
    const token = view.getUint32(TOKEN.offset);
    const minutes = this.#minutes.get(token) ?? [];
    this.#minutes.set(token, minutes);
    const number = Math.floor(receivedAt / MINUTE_MS);
    const minute = minutes.at(-1);
    if (minute?.number === number) extend(minute, kept);
    else minutes.push({ number, first: kept, highest: kept, lowest: kept, last: kept });
    const most = Math.max(1, Math.floor(this.#maxMinutes / this.#minutes.size));
    if (minutes.length > most) minutes.splice(0, minutes.length - most);
  }

  /** All that is kept, the oldest first. */
  packets(): TimedPacket[] {
    const kept = new Set<Kept>();
    for (const minutes of this.#minutes.values())
      for (const { first, highest, lowest, last } of minutes)
        kept.add(first).add(highest).add(lowest).add(last);
    return [...kept].sort((a, b) => a.place - b.place);
  }
}

function extend(minute: Minute, kept: Kept): void {
  if (kept.price > minute.highest.price) minute.highest = kept;
  if (kept.price < minute.lowest.price) minute.lowest = kept;
  minute.last = kept;
}
