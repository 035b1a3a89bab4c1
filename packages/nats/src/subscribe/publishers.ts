import type { Beat } from '../wire/report.js';

/** One life of a publisher. */
export interface Publisher {
  /** Undefined: it has sent packets, and no report yet. */
  readonly name: string | undefined;
  readonly epoch: number;
  /** Its last beat. */
  beat: Pick<Beat, 'accounts' | 'states'>;
  /** When something came from it last, by the monotonic clock. */
  heardAt: number;
  isLive: boolean;
  /** It has said goodbye, or its next life has begun. */
  isOver: boolean;
}

/** A publisher that is silent for this long is lost; it reports once a second. */
const LOST_AFTER_MS = 3000;
/** At most this many lives of publishers are kept, past ones for instruments that no publisher has sent since. */
const MOST_KNOWN = 1000;

/** The publishers, and which of them are at work. Pure: the caller passes the time. */
export class Publishers {
  readonly #byEpoch = new Map<number, Publisher>();

  /** Whether the publisher of this epoch is at work; an unknown one is not. */
  isLive(epoch: number): boolean {
    return this.#byEpoch.get(epoch)?.isLive ?? false;
  }

  get(epoch: number): Publisher | undefined {
    return this.#byEpoch.get(epoch);
  }

  get live(): Publisher[] {
    return [...this.#byEpoch.values()].filter(({ isLive }) => isLive);
  }

  /** A packet came from a publisher that may be unknown; its next report has its name. */
  sent(epoch: number, at: number): void {
    const known = this.#byEpoch.get(epoch);
    if (known) {
      if (known.isLive || known.isOver) return;
      known.heardAt = at;
      known.isLive = true;
      return;
    }
    const beat = { accounts: [], states: [] };
    this.#byEpoch.set(epoch, { name: undefined, epoch, beat, heardAt: at, isLive: true, isOver: false });
    this.#forgetOldest();
  }

  /** A report came from a publisher. Returns the earlier life of the same publisher that it ends. */
  heard(epoch: number, name: string, at: number): Publisher | undefined {
    const known = this.#byEpoch.get(epoch);
    if (known?.name !== undefined) {
      known.heardAt = at;
      known.isLive = true;
      return undefined;
    }
    const before = this.live.find((publisher) => publisher.name === name);
    const former =
      before ?? [...this.#byEpoch.values()].reverse().find((publisher) => publisher.name === name);
    if (former) end(former);
    this.#byEpoch.set(epoch, {
      name,
      epoch,
      beat: { accounts: [], states: [] },
      heardAt: at,
      isLive: true,
      isOver: false,
    });
    this.#forgetOldest();
    return former;
  }

  /** It has said goodbye. */
  gone(epoch: number): void {
    const publisher = this.#byEpoch.get(epoch);
    if (publisher) end(publisher);
  }

  /** Publishers that have been silent for too long, once each. */
  lost(at: number): Publisher[] {
    const lost = this.live.filter(({ heardAt }) => at - heardAt > LOST_AFTER_MS);
    for (const publisher of lost) publisher.isLive = false;
    return lost;
  }

  /** Puts off the deadlines: nothing could be received for this time until now; by default, at all. */
  excuse(at: number, forMs = Infinity): void {
    for (const publisher of this.live) publisher.heardAt = Math.min(at, publisher.heardAt + forMs);
  }

  /** Those that are at work last: only forged packets make so many of them. */
  #forgetOldest(): void {
    for (const isSpared of [true, false])
      for (const [epoch, { isLive }] of this.#byEpoch) {
        if (this.#byEpoch.size <= MOST_KNOWN) return;
        if (!isLive || !isSpared) this.#byEpoch.delete(epoch);
      }
  }
}

function end(publisher: Publisher): void {
  publisher.isLive = false;
  publisher.isOver = true;
}
