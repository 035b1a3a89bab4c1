import type { Tick } from '@kite/protocol';

import { compareAge, isSameTick, timestamp } from './tick-order.js';

/** A replica that is further behind than this has lost its place. */
const MAX_LAG_MS = 5000;

/** The most ticks of one instrument that are kept for replicas that are behind, and for one whose place is not known. */
const MAX_ENTRIES = 1024;

interface Entry {
  readonly tick: Tick;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** Ticks that have waited, and whose they are. */
export interface Released {
  readonly id: string;
  readonly ticks: readonly Tick[];
}

interface Replica {
  /** The position, counted from the log's beginning, after which the replica has brought nothing yet. */
  cursor: number;
  /** Its connection is not lost. */
  isHere: boolean;
  /** Its place in the log is known. */
  isPlaced: boolean;
  /** What it has brought while its place was not known, and nobody else had. */
  early: Entry[];
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
 *
 * A server begins with its newest state, so a replica that joins may be ahead of those that are there. What it brings
 * waits until another one brings a tick of it; then its place is known, and the rest is new. It waits no longer when nobody
 * is left who could bring it.
 */
export class ReplicaLog {
  readonly #replicas = new Map<string, Replica>();
  #entries: Entry[] = [];
  /** The position of the first entry that is kept. */
  #base = 0;
  #last: Entry | undefined;
  /** When it began, monotonic milliseconds. */
  readonly #since: number;

  /** @param leading accounts that have streamed the instrument before: whoever joins is behind them, or ahead */
  constructor(leading: Iterable<string> = [], now = 0) {
    this.#since = now;
    for (const id of leading) this.#replicas.set(id, { cursor: 0, isHere: true, isPlaced: true, early: [] });
  }

  /**
   * These accounts stream the instrument. One that joins later begins at what was let through last.
   *
   * @returns what has waited for accounts that are gone
   */
  sync(ids: Iterable<string>, now: number): readonly Released[] {
    const wanted = new Set(ids);
    for (const id of this.#replicas.keys()) if (!wanted.has(id)) this.#replicas.delete(id);
    for (const id of wanted) if (!this.#replicas.has(id)) this.#join(id);
    return this.#release(now);
  }

  /**
   * The replica's connection is lost: it leads no more, and nothing is kept for it.
   *
   * @returns what has waited for it
   */
  lost(id: string, now: number): readonly Released[] {
    const replica = this.#replicas.get(id);
    if (replica) replica.isHere = false;
    return this.#release(now);
  }

  /** The replica's connection is back: what it missed meanwhile it will not bring. */
  joined(id: string): void {
    if (this.#replicas.has(id)) this.#join(id);
  }

  /** Whether the replica has brought all that was let through, or newer ticks in its place. */
  hasAll(id: string): boolean {
    return (this.#replicas.get(id)?.cursor ?? 0) >= this.#end;
  }

  /**
   * What is to be let through now that this replica has brought this tick: nothing, the tick, or several that were waiting.
   *
   * @param now monotonic milliseconds
   */
  accept(id: string, tick: Tick, now: number): readonly Tick[] {
    const replica = this.#replicas.get(id);
    if (!replica) return [tick];
    replica.isHere = true;
    this.#forget(now);
    const fresh: Tick[] = [];
    const position = this.#find(tick, replica.cursor);
    if (position !== undefined) this.#place(replica, position + 1);
    else if (!replica.isPlaced) this.#takeUnplaced(replica, { tick, at: now }, fresh);
    else if (!this.#isTooLate(replica, tick, now)) this.#append(replica, { tick, at: now }, fresh);
    this.#trim();
    return fresh;
  }

  get #end(): number {
    return this.#base + this.#entries.length;
  }

  #join(id: string): void {
    const cursor = Math.max(this.#base, this.#end - 1);
    this.#replicas.set(id, { cursor, isHere: true, isPlaced: false, early: [] });
  }

  #place(replica: Replica, cursor: number): void {
    replica.cursor = cursor;
    replica.isPlaced = true;
    replica.early = [];
  }

  #takeUnplaced(replica: Replica, entry: Entry, fresh: Tick[]): void {
    replica.early.push(entry);
    if (replica.early.length > MAX_ENTRIES) replica.early.shift();
    this.#takeWaited(replica, entry.at, fresh);
  }

  #release(now: number): Released[] {
    const released: Released[] = [];
    for (const [id, replica] of this.#replicas) {
      const ticks: Tick[] = [];
      if (replica.early.length > 0) this.#takeWaited(replica, now, ticks);
      if (ticks.length > 0) released.push({ id, ticks });
    }
    return released;
  }

  /** Takes what waits, unless somebody is there who could bring it as well. */
  #takeWaited(replica: Replica, now: number, fresh: Tick[]): void {
    if (this.#isBehind(replica, now) && this.#hasLeader(replica)) return;
    // The log may have passed what is older than its end.
    const waited = replica.early;
    const last = this.#last;
    this.#place(replica, this.#end);
    for (const { tick, at } of waited) {
      if (last && compareAge(tick, last.tick) < 0 && at - last.at <= MAX_LAG_MS) continue;
      const isSince = last === undefined || at >= last.at || compareAge(tick, last.tick) > 0;
      if (isSince && !this.#isTooLate(replica, tick, at)) this.#append(replica, { tick, at }, fresh);
    }
  }

  #find(tick: Tick, cursor: number): number | undefined {
    for (let index = Math.max(0, cursor - this.#base); index < this.#entries.length; index++) {
      if (isSameTick(this.#entries[index]!.tick, tick)) return this.#base + index;
    }
    return undefined;
  }

  #isTooLate(replica: Replica, tick: Tick, now: number): boolean {
    if (!this.#last) return false;
    const last = this.#last.tick;
    const age = compareAge(tick, last);
    const isDated = timestamp(tick) !== null && timestamp(last) !== null;
    // For so long at most: a tick that was dated ahead must not silence the instrument.
    if (age < 0 && isDated && timestamp(tick) !== timestamp(last)) return now - this.#last.at <= MAX_LAG_MS;
    if (age > 0 || !this.#isBehind(replica, now)) return false;
    return age < 0 || this.#hasLeader(replica);
  }

  #isBehind({ cursor, isPlaced }: Replica, now: number): boolean {
    const isAtEnd = isPlaced && cursor >= this.#end;
    return !isAtEnd && now - (this.#last?.at ?? this.#since) <= MAX_LAG_MS;
  }

  #hasLeader(replica: Replica): boolean {
    for (const other of this.#replicas.values()) {
      if (other !== replica && other.isPlaced && other.isHere && other.cursor >= this.#end) return true;
    }
    return false;
  }

  #append(replica: Replica, entry: Entry, fresh: Tick[]): void {
    this.#entries.push(entry);
    this.#last = entry;
    replica.cursor = this.#end;
    fresh.push(entry.tick);
    for (const other of this.#replicas.values()) {
      if (!other.isPlaced && other.early.length > 0) this.#placeBy(entry.tick, other, fresh);
    }
    if (this.#entries.length > MAX_ENTRIES) this.#drop(this.#entries.length - MAX_ENTRIES);
  }

  /** Finds the place of a replica that has brought this tick, or what is older than it, before. */
  #placeBy(tick: Tick, replica: Replica, fresh: Tick[]): void {
    const { early } = replica;
    const same = early.findIndex((entry) => isSameTick(entry.tick, tick));
    if (same === -1 && compareAge(early[0]!.tick, tick) >= 0) return;
    const next = same === -1 ? early.findIndex((entry) => compareAge(entry.tick, tick) > 0) : same + 1;
    // Without anything newer it is behind, and its copy of this tick is still to come.
    this.#place(replica, next === -1 ? replica.cursor : this.#end);
    if (next !== -1) for (const entry of early.slice(next)) this.#append(replica, entry, fresh);
  }

  /** What every replica that is here has brought is of no more use. */
  #trim(): void {
    let slowest = this.#end;
    for (const { cursor, isHere } of this.#replicas.values()) if (isHere) slowest = Math.min(slowest, cursor);
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
