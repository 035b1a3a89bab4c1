import type { Tick } from '@kite/manager';

import { compareAge, isSameTick, timestamp } from './tick-order.js';

/** A replica that is further behind than this has lost its place. */
const MAX_LAG_MS = 5000;

/** The most ticks of one instrument that are kept for replicas that are behind. */
const MAX_ENTRIES = 256;

interface Entry {
  tick: Tick;
  at: number;
}

interface Replica {
  /** The position, counted from the log's beginning, after which the replica has brought nothing yet. */
  cursor: number;
  heardAt: number;
}

/**
 * Recent ticks of one instrument, with a cursor for each account that streams it: each tick is let through once, the
 * earliest copy, in order.
 *
 * A tick found ahead of its replica's cursor is a copy of one that another replica has brought before; anything else is
 * new. So a price that comes back is not swallowed: A bringing 10, 11, 10 before B brings the same three gives three
 * ticks. Where accounts sample the market differently, a replica that is behind may bring a state in between, which is
 * too late: the exchange's time, and within a day the volume, tell; where neither does, it counts as too late as long as
 * another replica leads.
 */
export class ReplicaLog {
  readonly #replicas = new Map<string, Replica>();
  #entries: Entry[] = [];
  /** The position of the first entry that is kept. */
  #base = 0;
  #last: Tick | undefined;

  /** These accounts stream the instrument. One that joins later begins at what was let through last. */
  sync(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    for (const id of this.#replicas.keys()) if (!wanted.has(id)) this.#replicas.delete(id);
    for (const id of wanted) {
      if (!this.#replicas.has(id))
        this.#replicas.set(id, { cursor: Math.max(this.#base, this.#end - 1), heardAt: -Infinity });
    }
  }

  /**
   * Whether this tick is to be let through.
   *
   * @param now monotonic milliseconds
   * @param lostAt when an account's connections were last lost; it leads no more until it is heard again
   */
  accept(id: string, tick: Tick, now: number, lostAt: (id: string) => number): boolean {
    const replica = this.#replicas.get(id);
    if (!replica) return true;
    replica.heardAt = now;
    this.#forget(now);
    const position = this.#find(tick, replica.cursor);
    if (position !== undefined) {
      replica.cursor = position + 1;
      this.#trim();
      return false;
    }
    if (this.#isTooLate(id, replica, tick, now, lostAt)) return false;
    this.#append(replica, tick, now);
    return true;
  }

  get #end(): number {
    return this.#base + this.#entries.length;
  }

  #find(tick: Tick, cursor: number): number | undefined {
    for (let index = Math.max(0, cursor - this.#base); index < this.#entries.length; index++) {
      if (isSameTick(this.#entries[index]!.tick, tick)) return this.#base + index;
    }
    return undefined;
  }

  #isTooLate(id: string, replica: Replica, tick: Tick, now: number, lostAt: (id: string) => number): boolean {
    if (!this.#last) return false;
    const age = compareAge(tick, this.#last);
    const isDated = timestamp(tick) !== null && timestamp(this.#last) !== null;
    if (age < 0 && isDated && timestamp(tick) !== timestamp(this.#last)) return true;
    const isBehind = replica.cursor < this.#end && now - this.#entries.at(-1)!.at <= MAX_LAG_MS;
    if (!isBehind || age > 0) return false;
    return age < 0 || this.#hasLeader(id, lostAt);
  }

  #hasLeader(id: string, lostAt: (id: string) => number): boolean {
    for (const [other, { cursor, heardAt }] of this.#replicas) {
      if (other !== id && cursor >= this.#end && heardAt > lostAt(other)) return true;
    }
    return false;
  }

  #append(replica: Replica, tick: Tick, now: number): void {
    this.#entries.push({ tick, at: now });
    this.#last = tick;
    replica.cursor = this.#end;
    if (this.#entries.length > MAX_ENTRIES) this.#drop(this.#entries.length - MAX_ENTRIES);
    this.#trim();
  }

  /** What every replica has brought is of no more use. */
  #trim(): void {
    let slowest = this.#end;
    for (const { cursor } of this.#replicas.values()) slowest = Math.min(slowest, cursor);
    // The last one stays, for who joins later.
    this.#drop(Math.min(slowest - this.#base, this.#entries.length - 1));
  }

  #forget(now: number): void {
    let expired = 0;
    while (expired < this.#entries.length - 1 && now - this.#entries[expired]!.at > MAX_LAG_MS) expired++;
    this.#drop(expired);
  }

  #drop(count: number): void {
    if (count <= 0) return;
    this.#entries = this.#entries.slice(count);
    this.#base += count;
    for (const replica of this.#replicas.values()) replica.cursor = Math.max(replica.cursor, this.#base);
  }
}
