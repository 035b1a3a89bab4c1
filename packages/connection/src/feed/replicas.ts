import { Replica } from './replica.js';
import { MEMORY_MS, type StateLog } from './state-log.js';

/**
 * The sources of one instrument's states: those that bring it, and those that have just left. One of them may *lead*: it
 * brought the instrument alone before there was a log, and goes on over the same socket.
 */
export class Replicas<Source, Item, Origin> {
  readonly #log: StateLog<unknown, Item>;
  /** A list: there are two or three. */
  #list: Replica<Source, Item, Origin>[] = [];
  #leader: Replica<Source, Item, Origin> | undefined;

  constructor(log: StateLog<unknown, Item>) {
    this.#log = log;
  }

  [Symbol.iterator](): Iterator<Replica<Source, Item, Origin>> {
    return this.#list[Symbol.iterator]();
  }

  /** How many there are. */
  get size(): number {
    return this.#list.length;
  }

  /** Who they are. */
  get sources(): Source[] {
    return this.#list.map(({ source }) => source);
  }

  /** When the first waiting state of any was received; Infinity: none waits. */
  get waitingSince(): number {
    return Math.min(...this.#list.map(({ waiting }) => waiting[0]?.at ?? Infinity));
  }

  /** The place that is furthest back; Infinity: there is no source. */
  get leastPlace(): number {
    return Math.min(...this.#list.map(({ place }) => place));
  }

  /** That of this source; undefined: it is none of them. */
  find(source: Source): Replica<Source, Item, Origin> | undefined {
    for (const replica of this.#list) if (replica.source === source) return replica;
    return undefined;
  }

  /** That of this source, which is one of them from now on. */
  of(source: Source): Replica<Source, Item, Origin> {
    const known = this.find(source);
    if (known) return known;
    const replica = new Replica<Source, Item, Origin>(source, this.#log);
    this.#list.push(replica);
    return replica;
  }

  remove(replica: Replica<Source, Item, Origin>): void {
    this.#list = this.#list.filter((other) => other !== replica);
    this.leadsNoMore(replica);
  }

  /** Forgets those that left: after this time none of their copies is under way. */
  forgetLeft(now: number): void {
    if (this.#list.every(({ leftAt }) => leftAt === undefined)) return;
    this.#list = this.#list.filter(
      ({ leftAt = Infinity, waiting }) => waiting.length > 0 || leftAt + MEMORY_MS >= now,
    );
  }

  /** Whether any source but this one streams. */
  isCovered(source: Source): boolean {
    for (const other of this.#list) if (other.source !== source && other.isStreaming) return true;
    return false;
  }

  /** Whether any source but this one streams, and has brought something over its socket. */
  hasOthers(source: Source): boolean {
    for (const other of this.#list)
      if (other.source !== source && other.isStreaming && other.isKnown) return true;
    return false;
  }

  /** Whether any source but this one streams and is not astray. */
  isGuided(source: Source): boolean {
    for (const other of this.#list)
      if (other.source !== source && other.isStreaming && !other.isAstray) return true;
    return false;
  }

  /** Whether all others that stream began a short time ago, and this one has not come to what they began with. */
  isBehindOthers(replica: Replica<Source, Item, Origin>, at: number): boolean {
    const others = this.#list.filter((other) => other !== replica && other.isStreaming);
    return others.length > 0 && others.every((other) => replica.isBehindBeginOf(other, at));
  }

  /** The source has brought the instrument alone until now. */
  leads(replica: Replica<Source, Item, Origin>): void {
    this.#leader = replica;
  }

  /** Another socket of it does not go on where it was. */
  leadsNoMore(replica: Replica<Source, Item, Origin>): void {
    if (replica === this.#leader) this.#leader = undefined;
  }

  /** The log tells as much as any source could. */
  needsNoLeader(): void {
    this.#leader = undefined;
  }

  /** Whether another source leads and streams: it delivered what was there before the log. */
  isLed(replica: Replica<Source, Item, Origin>): boolean {
    return this.#leader !== replica && this.#leader?.isStreaming === true;
  }

  /** Whether another source leads and has come this far in the log: it has delivered what is older. */
  isPassed(replica: Replica<Source, Item, Origin>, place: number): boolean {
    return this.isLed(replica) && this.#leader!.place >= place;
  }
}
