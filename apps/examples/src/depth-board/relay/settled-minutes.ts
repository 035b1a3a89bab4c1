import { PACKETS } from '@kite/protocol';

/** A packet and its receive time, in Unix milliseconds. */
export interface TimedPacket {
  readonly body: Uint8Array;
  readonly receivedAt: number;
}

interface Kept extends TimedPacket {
  /** The order of arrival, since some come in the same millisecond. */
  readonly place: number;
  readonly price: number;
}

/** The packets that make up a candle. One packet may be several of these. */
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
 * For each minute and instrument, the first and last packet and those with the highest and lowest price. The newest
 * packet of an instrument always stays: Kite sends an instrument only when it changes.
 */
export class SettledMinutes {
  readonly #maxMinutes: number;
  readonly #minutes = new Map<number, Minute[]>();
  #added = 0;

  /** @param maxMinutes for all instruments together, divided evenly; each has at least one */
  constructor(maxMinutes = DEFAULT_MAX_MINUTES) {
    this.#maxMinutes = maxMinutes;
  }

  /** Adds a packet. Ignores one that is too short for a price. */
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

  /** Everything kept, the oldest first. */
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
