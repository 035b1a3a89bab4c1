import type { Lags } from './lags.js';
import type { Replica, Waiting } from './replica.js';
import { Replicas } from './replicas.js';
import { RECENT_MS, type StateKind, StateLog } from './state-log.js';

/** Receives the merge's decisions, in this order. */
export interface MergeSink<Source, Item, Origin> {
  /** Deliver this state. */
  fresh(source: Source, item: Item, origin: Origin): void;
  /** This state was never delivered, and newer ones may have been. */
  tooLate(source: Source, item: Item, origin: Origin): void;
  /** Another source has brought a state that `first` had brought this much earlier, in milliseconds. */
  copied?(first: Source, leadMs: number): void;
  /** No other source has brought this state, though others were streaming. */
  alone?(only: Source): void;
}

/** At most this many states of a source wait: in a burst the first is given up for the next. */
const MOST_WAITING = 256;

/** At most this many waiting states are looked at again when something has come: the others have their turn later. */
const MOST_LOOKED_AT = 16;

/**
 * What is known of a state. A `twin` equals a delivered one, and may be a newer one that looks the same. A `late copy` does
 * too, and moves its source's place all the same. One that comes `again` is a copy, and is wanted once more.
 */
type Verdict = 'fresh' | 'again' | 'copy' | 'late copy' | 'twin' | 'late' | 'unknown';

/**
 * Merges the copies of one instrument's states from several sources into one sequence: each state once and in order.
 *
 * The delivered states are a log. Each source brings its states in order, so each has a *place* in the log: the entries
 * before it are surely not newer than whatever the source brings next. The place moves behind an entry that the source
 * brings itself, that was received before the source began, that the exchange's time or the volume of a state shows to
 * be older, or that was received long enough before the state that no source is that far behind. Whether the entries
 * from its place on are older or newer is not known. So a state is
 *
 * - a *copy* if one of those entries shows it, or if the entry before them does and its source has not brought that
 *   yet. A source that begins may also begin with an older entry that says its time or volume, while others go on;
 * - *new* if there are no such entries: it is delivered at once;
 * - *too late* if one of them is newer by its time or volume;
 * - *unknown* otherwise: it waits for another source to bring it, or for its own source to bring something known, for
 *   `waitMs` at most and only while another source streams. Then it is too late: a later state may have been delivered.
 *
 * Many states may show the same price alone. A price that equals the next entry is its copy, for the prices that follow
 * make the same sequence either way, unless it comes later than its source is ever behind. A source that brings another
 * price is *astray*: it may be behind, ahead, or shown other samples of the market. What it brings is not delivered until
 * its trail shows where it is (see {@link Trail}), or until no source has brought anything for long enough that it must
 * be newer. A price that equals one in the log is dropped: another source brings it if it is new. When the last other
 * source that is not astray goes, such prices of the last seconds are reported as too late, and so are copies that came
 * later than their source is known to be behind.
 *
 * A source may have been alone until others joined it: it *leads*. What it delivered before there was a log is not
 * known, so a newcomer's first states wait for the leader, and are copies of what it delivered if they turn out to be
 * older.
 *
 * Pure: the caller has the clock, and calls {@link expire} when {@link dueAt} has come. All times are of one clock that
 * never jumps, in milliseconds: when a state was received, not when it was processed.
 */
export class ReplicaMerge<Source, Item, Origin = undefined> {
  readonly #log: StateLog<Source, Item>;
  readonly #sink: MergeSink<Source, Item, Origin>;
  readonly #waitMs: number;
  readonly #replicas: Replicas<Source, Item, Origin>;
  /** How many states wait, of all sources. */
  #waiting = 0;

  /** @param waitMs how long a state may wait for its place to become known */
  constructor(kind: StateKind<Item>, sink: MergeSink<Source, Item, Origin>, waitMs: number) {
    this.#log = new StateLog(kind);
    this.#replicas = new Replicas(this.#log);
    this.#sink = sink;
    this.#waitMs = waitMs;
  }

  /** When the next state has waited long enough; undefined: none waits. */
  get dueAt(): number | undefined {
    if (this.#waiting === 0) return undefined;
    return this.#replicas.waitingSince + this.#waitMs;
  }

  /** Sources that bring the instrument, and those that have just left. */
  get sources(): Source[] {
    return this.#replicas.sources;
  }

  /** Whether the source is one of them. */
  has(source: Source): boolean {
    return this.#replicas.find(source) !== undefined;
  }

  /** Whether the source is one of them, and has not left. */
  holds(source: Source): boolean {
    const replica = this.#replicas.find(source);
    return replica !== undefined && replica.leftAt === undefined;
  }

  /** Whether a source has brought what was delivered last, none of its states waits, and no other source is left. */
  isComplete(source: Source, now: number): boolean {
    const replica = this.#replicas.find(source);
    if (replica?.waiting.length !== 0 || !replica.isAtEnd || replica.last === undefined) return false;
    this.#replicas.forgetLeft(now);
    return this.#replicas.size === 1;
  }

  /** Whether this state, or one that shows more of it, was delivered, as far as is remembered. */
  knows(item: Item): boolean {
    return this.#log.find(item, this.#log.base) !== undefined;
  }

  /**
   * Whether the source, if it is lost now, loses something that no other one brings: all others that stream began a
   * short time ago, and it has not come to what they began with.
   */
  isBehindOthers(source: Source, at: number): boolean {
    const replica = this.#replicas.find(source);
    if (!replica?.isStreaming || !this.#log.newest) return false;
    return this.#replicas.isBehindOthers(replica, at);
  }

  /** The instrument is asked for anew: the newest state is delivered once more. */
  ask(): void {
    this.#log.wantNewest();
  }

  /**
   * The source brings the instrument from now on, or again, over a new socket: it begins with the newest state.
   *
   * @param at since when: what was received before that is not newer
   */
  join(source: Source, at: number): void {
    this.#replicas.forgetLeft(at);
    const replica = this.#replicas.of(source);
    // What was under way when it left a moment ago may still come first.
    if (replica.leftAt !== undefined && at - replica.leftAt <= RECENT_MS) {
      replica.comesBack(at);
      this.#settle();
      return;
    }
    this.#begin(replica);
    replica.isStreaming = true;
    replica.leftAt = undefined;
    replica.beganAt = at;
    replica.passBefore(at);
    this.#settle();
  }

  /** The source has brought the instrument alone until now. */
  lead(source: Source, at: number): void {
    const replica = this.#replicas.of(source);
    replica.isStreaming = true;
    replica.leftAt = undefined;
    this.#log.push({ item: undefined, source, at, isForm: false, hadOthers: false, isCopied: true });
    replica.toEnd();
    this.#replicas.leads(replica);
  }

  /**
   * The source has stopped streaming for now: nothing waits for it, but what it has brought still waits for others.
   *
   * @param at when
   * @param keepsPlace it may go on where it was: its socket is open
   */
  stop(source: Source, at: number, keepsPlace = false): void {
    const replica = this.#replicas.find(source);
    if (!replica) return;
    replica.isStreaming = false;
    if (keepsPlace) replica.resumedAt = Infinity;
    else {
      replica.begins = true;
      this.#replicas.leadsNoMore(replica);
    }
    this.#settle();
    this.#tellDoubtful(at);
  }

  /**
   * The source is no longer asked for the instrument: nothing waits for it. What it still brings was under way.
   *
   * @param at when
   */
  leave(source: Source, at: number): void {
    const replica = this.#replicas.of(source);
    if (replica.leftAt !== undefined) return;
    replica.isStreaming = false;
    replica.leftAt = at;
    this.#replicas.leadsNoMore(replica);
    this.#settle();
    this.#tellDoubtful(at);
    this.#replicas.forgetLeft(at);
  }

  /** What the source brings from now on is no copy: it passes on its own. Gives up what waits of it. */
  remove(source: Source, at: number): void {
    const replica = this.#replicas.find(source);
    if (!replica) return;
    while (replica.waiting.length > 0) this.#giveUp(replica);
    this.#replicas.remove(replica);
    this.#settle();
    this.#tellDoubtful(at);
  }

  /** What is received from now on may have waited: the program was busy until then. */
  resume(at: number): void {
    for (const replica of this.#replicas) if (replica.resumedAt < at) replica.resumedAt = at;
  }

  /**
   * The source has brought a state.
   *
   * @param at when it was received
   * @param socketLags how late the socket is over which it came
   */
  bring(source: Source, item: Item, origin: Origin, at: number, socketLags?: Lags): void {
    // The timer may be late.
    if (this.#waiting > 0) this.expire(at);
    const replica = this.#replicas.of(source);
    if (replica.begins) {
      this.#begin(replica);
      replica.beganAt = at;
    }
    if (replica.resumedAt === Infinity || replica.leftAt !== undefined) replica.resumedAt = at;
    replica.begins = false;
    replica.socketLags = socketLags;
    replica.isStreaming = replica.leftAt === undefined;
    const state = { item, origin, at };
    const before = replica.waiting.length;
    const verdict = this.#judge(replica, state, before);
    if (verdict !== 'unknown') this.#conclude(replica, verdict, state, before);
    else {
      replica.waiting.push(state);
      this.#waiting++;
      if (before >= MOST_WAITING) this.#giveUp(replica);
    }
    // One more state that waits behind others tells nothing.
    if (verdict !== 'unknown' || before === 0) this.#settle();
    if (this.#log.isLong) this.#trim(at);
  }

  /** Gives up states that have waited long enough at this time. */
  expire(now: number): void {
    for (const replica of this.#replicas)
      while (replica.waiting.length > 0 && replica.waiting[0]!.at + this.#waitMs <= now)
        this.#giveUp(replica);
    this.#settle();
  }

  /** Every source has ended: gives up what waits, and remembers only the sources. */
  reset(): void {
    this.expire(Infinity);
    this.#replicas.forgetLeft(Infinity);
    this.#log.clear();
    for (const replica of this.#replicas) {
      replica.isStreaming = false;
      replica.takeDoubtful(Infinity);
      this.#begin(replica);
      replica.toEnd();
    }
  }

  /** What the source brings next comes over another socket, and may repeat what it has brought, and what waits. */
  #begin(replica: Replica<Source, Item, Origin>): void {
    while (replica.waiting.length > 0) this.#giveUp(replica);
    replica.begin();
    this.#replicas.leadsNoMore(replica);
  }

  /** Goes through what waits until nothing more can be decided. */
  #settle(): void {
    for (let isMoving = this.#waiting > 0; isMoving;) {
      isMoving = false;
      for (const replica of this.#replicas)
        while (replica.waiting.length > 0 && this.#advance(replica)) isMoving = true;
    }
  }

  /** Decides on one waiting state of this replica; false: all of them have to wait on. */
  #advance(replica: Replica<Source, Item, Origin>): boolean {
    if (!this.#replicas.isCovered(replica.source)) {
      this.#giveUp(replica);
      return true;
    }
    const { waiting } = replica;
    for (let index = 0; index < Math.min(waiting.length, MOST_LOOKED_AT); index++) {
      const state = waiting[index]!;
      const verdict = this.#judge(replica, state, index);
      if (verdict === 'unknown') continue;
      replica.waiting.splice(index, 1);
      this.#waiting--;
      this.#conclude(replica, verdict, state, index);
      return true;
    }
    return false;
  }

  /** Decides on the first waiting state of this replica, which must wait no longer. */
  #giveUp(replica: Replica<Source, Item, Origin>): void {
    const state = replica.waiting.shift()!;
    this.#waiting--;
    const verdict = this.#judge(replica, state, 0, false);
    if (verdict !== 'unknown') {
      this.#conclude(replica, verdict, state, 0);
      return;
    }
    replica.trail.restart();
    if (this.#replicas.isGuided(replica.source) && replica.findFrom(state.item) !== undefined) {
      replica.doubt(state);
      return;
    }
    replica.isKnown = true;
    // No source has brought anything since there is a log: this state is the newest.
    if (replica.place === this.#log.end - 1 && this.#log.newest!.item === undefined)
      this.#handOn(replica, state.item, state.origin, state.at);
    else this.#late(replica, state);
  }

  /**
   * What is known of a state that this replica brings. Moves the replica's place as far as that is known.
   *
   * @param before how many of the replica's waiting states came before it
   * @param mayWait whether others may bring what is older first
   */
  #judge(
    replica: Replica<Source, Item, Origin>,
    state: Waiting<Item, Origin>,
    before: number,
    mayWait = true,
  ): Verdict {
    const { item, at } = state;
    // The states before it are ahead of the others, as far as is known, and so is this one.
    if (before > 0 && replica.isAstray && !this.#log.isDated(item)) return 'unknown';
    const position = replica.find(item, at, this.#replicas.hasOthers(replica.source));
    if (position !== undefined) {
      if (!replica.isSure(item, position, before)) return this.#follow(replica, state, before);
      if (this.#log.isDated(item)) replica.isHere(position + 1);
      else replica.trail.follow(this.#log, item, position);
      const isUnlikely = replica.isUnlikely(item, position, at);
      this.#noteCopy(replica, position, at);
      replica.moveBehind(position, item);
      if (this.#log.isWanted(position)) return 'again';
      return isUnlikely && !replica.isAtEnd ? 'late copy' : 'copy';
    }
    if (before === 0 && this.#mayGuide(replica, state)) return 'fresh';
    const isLost = replica.isLost(item, at);
    // A source that has brought everything brings something new, whatever time it says: a new day begins with less
    // volume.
    if (replica.isAtEnd && replica.last !== undefined && !isLost) return this.#judgeNext(replica, item);
    // The leader, which delivered what was there before the log, first brings what the two have in common.
    if (mayWait && !replica.isKnown && this.#replicas.isLed(replica)) return 'unknown';
    replica.passOld(item, at);
    const form = replica.findLesser(item);
    if (form !== undefined) {
      replica.moveBehind(form, item);
      return form === this.#log.end - 1 ? 'fresh' : 'late';
    }
    if (replica.passOlder(item, this.#replicas.isCovered(replica.source))) return 'late';
    return replica.isAtEnd && !isLost ? 'fresh' : 'unknown';
  }

  /** What is known of a state of a source that has brought everything, perhaps some of it as a price alone. */
  #judgeNext(replica: Replica<Source, Item, Origin>, item: Item): Verdict {
    // It has begun with the greater form, and others have shown this one.
    if (replica.isLesser(item) && this.#log.hasLesser(item)) {
      replica.moveBehind(this.#log.end - 1, item);
      return 'copy';
    }
    const age = replica.ageAfterForm(item);
    if (age === undefined || age > 0) return 'fresh';
    if (age < 0) return 'late';
    return this.#replicas.isCovered(replica.source) ? 'unknown' : 'fresh';
  }

  /** Follows a source that is astray, until it is found. */
  #follow(replica: Replica<Source, Item, Origin>, state: Waiting<Item, Origin>, before: number): Verdict {
    if (before > 0) return 'unknown';
    replica.isAstray = true;
    const { item } = state;
    const { trail, place } = replica;
    if (!trail.follow(this.#log, item, place)) return this.#mayGuide(replica, state) ? 'fresh' : 'unknown';
    if (!trail.isSure) return 'twin';
    replica.isHere(trail.end);
    replica.moveBehind(trail.end - 1, item);
    return 'copy';
  }

  /** Whether the source is astray and has probably brought everything, and no other source knows better. */
  #mayGuide(replica: Replica<Source, Item, Origin>, { item, at }: Waiting<Item, Origin>): boolean {
    return replica.isLikelyAtEnd(item, at) && !this.#replicas.isGuided(replica.source);
  }

  /** Reports recent doubtful states as too late where no source is left that might bring them. */
  #tellDoubtful(at: number): void {
    for (const replica of this.#replicas) {
      if (this.#replicas.isGuided(replica.source)) continue;
      for (const { item, origin } of replica.takeDoubtful(at))
        this.#sink.tooLate(replica.source, item, origin);
    }
  }

  /** @param before how many of the replica's waiting states came before it */
  #conclude(
    replica: Replica<Source, Item, Origin>,
    verdict: Verdict,
    state: Waiting<Item, Origin>,
    before: number,
  ): void {
    const { item, origin, at } = state;
    const isCopy = verdict === 'copy' || verdict === 'late copy' || verdict === 'again';
    if (verdict === 'twin' || verdict === 'late copy' || (isCopy && replica.isInDoubt(item))) {
      if (this.#replicas.isGuided(replica.source)) replica.doubt(state);
      else this.#sink.tooLate(replica.source, item, origin);
    }
    if (verdict === 'twin') return;
    const isPassed = this.#replicas.isPassed(replica, isCopy ? replica.place : this.#log.end);
    // They are older than a state whose place is known.
    for (let left = before; left > 0; left--) {
      const older = replica.waiting.shift()!;
      this.#waiting--;
      if (verdict === 'fresh' || !isPassed) this.#late(replica, older);
    }
    replica.isKnown = true;
    if (isCopy) replica.beganWith(replica.place - 1);
    if (verdict === 'late') replica.beganWith(-1);
    if (verdict === 'fresh') this.#handOn(replica, item, origin, at);
    else if (verdict === 'again') {
      this.#log.deliveredAgain(item);
      if (this.#log.isDated(item)) for (const other of this.#replicas) other.unpassNewest();
      this.#sink.fresh(replica.source, item, origin);
    } else if (verdict === 'late' && !isPassed) this.#late(replica, { item, origin, at });
  }

  #late(replica: Replica<Source, Item, Origin>, { item, origin }: Waiting<Item, Origin>): void {
    replica.wasLate(item);
    this.#sink.tooLate(replica.source, item, origin);
  }

  #handOn(replica: Replica<Source, Item, Origin>, item: Item, origin: Origin, at: number): void {
    const { source } = replica;
    const log = this.#log;
    const { newest } = log;
    const isForm =
      newest?.item !== undefined && log.covers(item, newest.item) && !log.covers(newest.item, item);
    // A greater form of the newest state takes its entry. A price alone does not tell whether it is the same state.
    if (isForm && log.isDated(newest.item)) newest.item = item;
    else {
      if (isForm) for (const other of this.#replicas) other.passForm();
      log.push({ item, source, at, isForm, hadOthers: this.#replicas.isCovered(source), isCopied: false });
    }
    log.delivered();
    replica.moveBehind(log.end - 1, item);
    replica.beganWith(log.end - 1);
    replica.isHere(log.end);
    // What it makes too late is reported before it.
    if (this.#waiting > 0) for (const other of this.#replicas) if (other !== replica) this.#passOver(other);
    this.#sink.fresh(source, item, origin);
  }

  /** Decides on the first waiting states of this replica, as far as they are older than the newest by now. */
  #passOver(replica: Replica<Source, Item, Origin>): void {
    const { waiting } = replica;
    const newest = this.#log.newest!.item;
    while (waiting.length > 0 && this.#log.compare(waiting[0]!.item, newest) < 0) {
      const state = waiting.shift()!;
      this.#waiting--;
      replica.isKnown = true;
      if (!this.#replicas.isPassed(replica, this.#log.end)) this.#late(replica, state);
    }
  }

  #noteCopy(replica: Replica<Source, Item, Origin>, position: number, at: number): void {
    const entry = this.#log.at(position)!;
    if (entry.source === replica.source) return;
    const behindMs = Math.max(0, at - entry.at);
    replica.noteLag(position, behindMs, at);
    if (entry.isCopied) return;
    entry.isCopied = true;
    this.#sink.copied?.(entry.source, behindMs);
  }

  #trim(now: number): void {
    this.#replicas.forgetLeft(now);
    const needed = this.#replicas.leastPlace - 1;
    const forgotten = this.#log.trim(needed, now);
    if (forgotten.length === 0) return;
    for (const { source, hadOthers, isCopied } of forgotten)
      if (hadOthers && !isCopied) this.#sink.alone?.(source);
    for (const replica of this.#replicas)
      if (replica.place < this.#log.base) replica.moveBehind(this.#log.base - 1);
    if (this.#log.at(this.#log.base)?.item !== undefined) this.#replicas.needsNoLeader();
  }
}
