import { newReplica, type Replica, type Waiting } from './replica.js';
import { MEMORY_MS, RECENT_MS, type StateKind, StateLog } from './state-log.js';

/** Hears what becomes of states, in this order. */
export interface MergeSink<Source, Item, Origin> {
  /** To be handed on. */
  fresh(source: Source, item: Item, origin: Origin): void;
  /** Newer ones may have been handed on already, and this one never was. */
  tooLate(source: Source, item: Item, origin: Origin): void;
  /** Another source has brought a state that `first` had brought this much earlier, in milliseconds. */
  copied?(first: Source, leadMs: number): void;
  /** No other source has brought this state, though others were streaming. */
  alone?(only: Source): void;
}

/** What can be told of a state. A `twin` equals one that was handed on, and may be a newer one that looks the same. */
type Verdict = 'fresh' | 'copy' | 'twin' | 'late' | 'unknown';

/**
 * The copies of one instrument's states from several sources as one sequence: each state once and in order.
 *
 * What was handed on is a log. Each source brings its states in order, so each has a *place* in the log: the entries before
 * it are surely not newer than whatever the source brings next. The place moves behind an entry that the source brings
 * itself, that was received before the source began, that the exchange's time or the volume of a state shows to be older, or
 * that was received far enough before the state that no source is that far behind. Whether the entries from its place on are
 * older or newer is not known. So a state is
 *
 * - a *copy* if one of those entries shows it, or the one before them does and its source has not brought that yet;
 * - *new* if there are none, and handed on at once;
 * - *too late* if one of them is newer by its time or volume;
 * - *unknown* otherwise: it waits for another source to bring it, or for its own source to bring something that is known, for
 *   `waitMs` at most and only while another source streams. Then it is too late: one that follows it may have been handed on.
 *
 * A price alone may be shown by many states. One that equals the next entry is its copy, for the prices that follow make the
 * same sequence either way. A source that brings another one is *astray*: it may be behind, ahead, or shown other samples of
 * the market. What it brings is not handed on until its trail shows where it is (see {@link Trail}), or nobody has brought
 * anything for long enough that it must be newer. A price that equals one of the log is dropped, since another source brings it
 * if it is new. When the last other source goes that is not astray, those of the last seconds are told as too late.
 *
 * A source may have been alone until others joined it: it *leads*. What it handed on before there was a log is not known, so
 * what a newcomer brings first waits for it, and is a copy of what it has handed on if it turns out to be older.
 *
 * Pure: the caller has the clock, and calls {@link expire} when {@link dueAt} has come. All times are of one clock that never
 * jumps, in milliseconds: when a state was received, not when it was processed.
 */
export class ReplicaMerge<Source, Item, Origin = undefined> {
  readonly #kind: StateKind<Item>;
  readonly #log: StateLog<Source, Item>;
  readonly #sink: MergeSink<Source, Item, Origin>;
  readonly #waitMs: number;
  /** A list: there are two or three. */
  #replicas: Replica<Source, Item, Origin>[] = [];
  #waiting = 0;
  /** Who had brought the instrument alone before there was a log, while it goes on over the same socket. */
  #leader: Replica<Source, Item, Origin> | undefined;

  /** @param waitMs how long a state may wait for its place to become known */
  constructor(kind: StateKind<Item>, sink: MergeSink<Source, Item, Origin>, waitMs: number) {
    this.#kind = kind;
    this.#log = new StateLog(kind);
    this.#sink = sink;
    this.#waitMs = waitMs;
  }

  /** When the next state has waited long enough; undefined: none waits. */
  get dueAt(): number | undefined {
    if (this.#waiting === 0) return undefined;
    return Math.min(...this.#replicas.map(({ waiting }) => (waiting[0]?.at ?? Infinity) + this.#waitMs));
  }

  /** Sources that bring the instrument, and those that have just left. */
  get sources(): Source[] {
    return this.#replicas.map(({ source }) => source);
  }

  /** Whether the source is one of them. */
  has(source: Source): boolean {
    return this.#of(source) !== undefined;
  }

  /** Whether the source is one of them, and has not left. */
  holds(source: Source): boolean {
    const replica = this.#of(source);
    return replica !== undefined && replica.leftAt === undefined;
  }

  /** Whether a source has brought what was handed on last, nothing of it waits, and nothing of another one is under way. */
  isComplete(source: Source, now: number): boolean {
    const replica = this.#of(source);
    if (replica?.waiting.length !== 0 || replica.place !== this.#log.end || replica.last === undefined)
      return false;
    this.#forgetLeft(now);
    return this.#replicas.length === 1;
  }

  /** Whether any source but this one streams. */
  isCovered(source: Source): boolean {
    for (const other of this.#replicas) if (other.source !== source && other.isStreaming) return true;
    return false;
  }

  /**
   * The source brings the instrument from now on, or again, over a new socket: it begins with the newest state.
   *
   * @param at since when: what was received before that is not newer
   */
  join(source: Source, at: number): void {
    this.#forgetLeft(at);
    const replica = this.#of(source) ?? this.#add(source);
    this.#begin(replica);
    replica.isStreaming = true;
    replica.leftAt = undefined;
    while (replica.place < this.#log.end && this.#isBefore(replica.place, at)) replica.place++;
    this.#settle();
  }

  /** The source has brought the instrument alone until now. */
  lead(source: Source, at: number): void {
    const replica = this.#of(source) ?? this.#add(source);
    replica.isStreaming = true;
    replica.leftAt = undefined;
    this.#log.push({ item: undefined, source, at, isForm: false, hadOthers: false, isCopied: true });
    replica.place = this.#log.end;
    this.#leader = replica;
  }

  /**
   * The source has stopped streaming, for now: nobody waits for it, and what it has brought waits for others still.
   *
   * @param at when
   * @param keepsPlace it may go on where it was: its socket is open
   */
  stop(source: Source, at: number, keepsPlace = false): void {
    const replica = this.#of(source);
    if (!replica) return;
    replica.isStreaming = false;
    if (keepsPlace) replica.resumedAt = Infinity;
    else {
      replica.begins = true;
      this.#leadNoMore(replica);
    }
    this.#settle();
    this.#tellDoubtful(at);
  }

  /**
   * The source was asked no more for the instrument: nobody waits for it. What it still brings was under way.
   *
   * @param at when
   */
  leave(source: Source, at: number): void {
    const replica = this.#of(source) ?? this.#add(source);
    if (replica.leftAt !== undefined) return;
    replica.isStreaming = false;
    replica.leftAt = at;
    this.#leadNoMore(replica);
    this.#settle();
    this.#tellDoubtful(at);
    this.#forgetLeft(at);
  }

  /** What the source brings from now on is no copy: it is somebody's for itself. What waits of it is given up. */
  remove(source: Source, at: number): void {
    const replica = this.#of(source);
    if (!replica) return;
    while (replica.waiting.length > 0) this.#giveUp(replica);
    this.#replicas = this.#replicas.filter((other) => other !== replica);
    this.#leadNoMore(replica);
    this.#settle();
    this.#tellDoubtful(at);
  }

  /** What is received from now on may have waited: the program was busy until then. */
  resume(at: number): void {
    for (const replica of this.#replicas) if (replica.resumedAt < at) replica.resumedAt = at;
  }

  /** The source has brought a state, which was received at this time. */
  bring(source: Source, item: Item, origin: Origin, at: number): void {
    // The timer may be late.
    if (this.#waiting > 0) this.expire(at);
    const replica = this.#of(source) ?? this.#add(source);
    if (replica.begins) this.#begin(replica);
    if (replica.resumedAt === Infinity || replica.leftAt !== undefined) replica.resumedAt = at;
    replica.begins = false;
    replica.isStreaming = replica.leftAt === undefined;
    const state = { item, origin, at };
    const before = replica.waiting.length;
    const verdict = this.#judge(replica, state, before);
    if (verdict !== 'unknown') this.#conclude(replica, verdict, state, before);
    else {
      replica.waiting.push(state);
      this.#waiting++;
    }
    // One more that waits behind others tells nothing.
    if (verdict !== 'unknown' || before === 0) this.#settle();
    if (this.#log.isLong) this.#trim(at);
  }

  /** Gives up what has waited long enough at this time. */
  expire(now: number): void {
    for (const replica of this.#replicas)
      while (replica.waiting.length > 0 && replica.waiting[0]!.at + this.#waitMs <= now)
        this.#giveUp(replica);
    this.#settle();
  }

  /** Every source has ended: what waits is given up, and nothing is remembered but who they are. */
  reset(): void {
    this.expire(Infinity);
    this.#forgetLeft(Infinity);
    this.#log.clear();
    for (const replica of this.#replicas) {
      replica.isStreaming = false;
      replica.doubtful = [];
      this.#begin(replica);
      replica.place = this.#log.end;
    }
  }

  #of(source: Source): Replica<Source, Item, Origin> | undefined {
    for (const replica of this.#replicas) if (replica.source === source) return replica;
    return undefined;
  }

  #add(source: Source): Replica<Source, Item, Origin> {
    const replica = newReplica<Source, Item, Origin>(source, this.#log);
    this.#replicas.push(replica);
    return replica;
  }

  /** What it brings next comes over another socket: it may bring again what it has brought, and what waits. */
  #begin(replica: Replica<Source, Item, Origin>): void {
    while (replica.waiting.length > 0) this.#giveUp(replica);
    replica.isKnown = false;
    replica.isAstray = false;
    replica.trail.restart();
    replica.last = undefined;
    replica.repeats = true;
    replica.joinedAt = this.#log.end;
    replica.lagMs = undefined;
    replica.resumedAt = -Infinity;
    this.#leadNoMore(replica);
  }

  /** Nothing of a source that left so long ago is under way any more. */
  #forgetLeft(now: number): void {
    if (this.#replicas.every(({ leftAt }) => leftAt === undefined)) return;
    this.#replicas = this.#replicas.filter(
      ({ leftAt = Infinity, waiting }) => waiting.length > 0 || leftAt + MEMORY_MS >= now,
    );
  }

  #leadNoMore(replica: Replica<Source, Item, Origin>): void {
    if (replica === this.#leader) this.#leader = undefined;
  }

  /** Whether the entry at this position is not newer than what a source brings that began at this time. */
  #isBefore(position: number, at: number): boolean {
    const entry = this.#log.at(position)!;
    // The state before there was a log is what that source may begin with.
    return entry.at <= at && entry.item !== undefined;
  }

  /** Goes through what waits until nothing more can be told. */
  #settle(): void {
    for (let isMoving = this.#waiting > 0; isMoving;) {
      isMoving = false;
      for (const replica of this.#replicas)
        while (replica.waiting.length > 0 && this.#advance(replica)) isMoving = true;
    }
  }

  /** Decides on a state that waits at this replica; false: all of them have to wait on. */
  #advance(replica: Replica<Source, Item, Origin>): boolean {
    if (!this.isCovered(replica.source)) {
      this.#giveUp(replica);
      return true;
    }
    for (const [index, state] of replica.waiting.entries()) {
      const verdict = this.#judge(replica, state, index);
      if (verdict === 'unknown') continue;
      replica.waiting.splice(index, 1);
      this.#waiting--;
      this.#conclude(replica, verdict, state, index);
      return true;
    }
    return false;
  }

  /** Decides on the first state that waits at this replica, which must wait no longer. */
  #giveUp(replica: Replica<Source, Item, Origin>): void {
    const state = replica.waiting.shift()!;
    this.#waiting--;
    const verdict = this.#judge(replica, state, 0, false);
    if (verdict !== 'unknown') {
      this.#conclude(replica, verdict, state, 0);
      return;
    }
    replica.trail.restart();
    if (this.#isGuided(replica.source) && this.#findFrom(replica, state.item) !== undefined) {
      this.#doubt(replica, state);
      return;
    }
    replica.isKnown = true;
    // Nobody has brought anything since there is a log: it is the newest.
    if (replica.place === this.#log.end - 1 && this.#log.newest!.item === undefined)
      this.#handOn(replica, state.item, state.origin, state.at);
    else this.#late(replica, state);
  }

  /**
   * What can be told of a state that this replica brings. Moves the replica's place as far as that is known.
   *
   * @param before how many of those that wait at the replica came before it
   * @param mayWait whether others may bring what is older first
   */
  #judge(
    replica: Replica<Source, Item, Origin>,
    { item, at }: Waiting<Item, Origin>,
    before: number,
    mayWait = true,
  ): Verdict {
    // What came before is ahead of the others, as far as is known, and so is this.
    if (before > 0 && replica.isAstray && !this.#log.isDated(item)) return 'unknown';
    const position = this.#find(replica, item, at);
    if (position !== undefined) {
      if (!this.#isSure(replica, item, position, before)) return this.#follow(replica, item, before);
      if (this.#log.isDated(item)) this.#isHere(replica, position + 1);
      else replica.trail.follow(this.#log, item, position);
      this.#noteCopy(replica, position, at);
      this.#moveBehind(replica, position, item);
      return 'copy';
    }
    if (before === 0 && this.#mayGuide(replica, item)) return 'fresh';
    const isLost = this.#isLost(replica, item, at);
    // One that has brought everything brings what is new, whatever time it says: a new day begins with less volume.
    if (replica.place === this.#log.end && replica.last !== undefined && !isLost) return 'fresh';
    // The source that has handed on what was there before the log brings first what the two have in common.
    if (mayWait && !replica.isKnown && this.#isLed(replica)) return 'unknown';
    this.#passOld(replica, item, at);
    const form = this.#findLesser(replica, item);
    if (form !== undefined) {
      this.#moveBehind(replica, form, item);
      return form === this.#log.end - 1 ? 'fresh' : 'late';
    }
    if (this.#passOlder(replica, item)) return 'late';
    return replica.place === this.#log.end && !isLost ? 'fresh' : 'unknown';
  }

  /** Whether nothing tells where the source is: it is astray, shows its price alone, and others have brought something lately. */
  #isLost({ isAstray }: Replica<Source, Item, Origin>, item: Item, at: number): boolean {
    if (!isAstray || this.#log.isDated(item)) return false;
    const { newest } = this.#log;
    return newest !== undefined && newest.at + RECENT_MS >= at;
  }

  /** The source is at this position, surely. */
  #isHere(replica: Replica<Source, Item, Origin>, place: number): void {
    replica.isAstray = false;
    replica.doubtful = [];
    replica.trail.settle(place);
  }

  /** Moves the place behind what was received far enough before that no source is that far behind. */
  #passOld(replica: Replica<Source, Item, Origin>, item: Item, at: number): void {
    const { lagMs, resumedAt } = replica;
    const isOld = resumedAt === Infinity || (at >= resumedAt && at < resumedAt + RECENT_MS);
    while (replica.place < this.#log.end) {
      const entry = this.#log.at(replica.place)!;
      const areDated = this.#log.isDated(item) && this.#log.isDated(entry.item);
      const unknownMs = isOld || areDated ? MEMORY_MS : RECENT_MS;
      // A source that streams is silent for this long at most, and then as far behind as before.
      const knownMs = Math.min(MEMORY_MS, RECENT_MS + 2 * (lagMs ?? 0));
      const mostMs = lagMs === undefined || isOld ? unknownMs : knownMs;
      if (entry.at + mostMs >= at) return;
      this.#moveBehind(replica, replica.place);
      replica.repeats = false;
    }
  }

  /**
   * Moves the place behind what is older than this state by its time or volume. Returns whether something newer has been
   * handed on.
   */
  #passOlder(replica: Replica<Source, Item, Origin>, item: Item): boolean {
    if (!this.#log.isDated(item)) return false;
    // Of one that has begun with nothing yet, the entry before its place is not newer.
    const from =
      replica.last === undefined && this.isCovered(replica.source) ? replica.place - 1 : replica.place;
    for (let position = this.#log.end - 1; position >= Math.max(from, this.#log.base); position--) {
      const age = this.#log.compare(item, this.#log.at(position)!.item);
      if (age < 0) return true;
      if (age === 0) continue;
      if (position >= replica.place) this.#moveBehind(replica, position);
      return false;
    }
    return false;
  }

  #moveBehind(replica: Replica<Source, Item, Origin>, position: number, brought?: Item): void {
    if (position + 1 < replica.place) {
      // It has been asked for the instrument once more over its socket: it brings again what it had brought.
      if (brought !== undefined) {
        replica.last = undefined;
        replica.repeats = true;
      }
      return;
    }
    replica.place = position + 1;
    replica.last = brought;
  }

  /** The first entry that shows this state and may be what the replica brings. */
  #find(replica: Replica<Source, Item, Origin>, item: Item, at: number): number | undefined {
    const position = this.#findFrom(replica, item);
    if (position === undefined || position < replica.place || this.#log.isDated(item)) return position;
    const isRecent = at - this.#log.at(position)!.at <= MEMORY_MS;
    if (this.#isNext(replica, position) && (isRecent || this.#isLesser(replica, item))) return position;
    // A price that comes back much later is no copy.
    this.#passOld(replica, item, at);
    return this.#findFrom(replica, item) ?? this.#findNewest(item, at);
  }

  /** The newest entry, if it shows this price, and not since long: the price stays, whether or not it is the same state. */
  #findNewest(item: Item, at: number): number | undefined {
    const newest = this.#log.end - 1;
    return this.#log.shows(newest, item) && at - this.#log.at(newest)!.at <= MEMORY_MS ? newest : undefined;
  }

  #findFrom({ place, last, repeats }: Replica<Source, Item, Origin>, item: Item): number | undefined {
    // What says its time or volume is the same state wherever it is found.
    if (this.#log.isDated(item)) return this.#log.findLast(item);
    const { covers } = this.#kind;
    // A price alone that the source brings again is another state, unless it began with more than that of what was there.
    const before = this.#log.at(place - 1);
    const hadLess = (of: Item): boolean =>
      before?.item !== undefined && (before.isForm || !covers(before.item, of)) && !covers(item, of);
    const mayRepeat = last === undefined ? repeats : !covers(last, item) || hadLess(last);
    const first = mayRepeat ? place - 1 : place;
    return this.#log.find(item, first);
  }

  /** Whether what the replica brings is this entry, and not another state that looks the same. */
  #isSure(replica: Replica<Source, Item, Origin>, item: Item, position: number, before: number): boolean {
    if (this.#log.isDated(item)) return true;
    if (position < replica.place) return before === 0 || replica.place === this.#log.end;
    return this.#isNext(replica, position);
  }

  /** Whether nothing is between the replica's place and this entry but the price that it has brought last, once more. */
  #isNext({ place, last, isAstray }: Replica<Source, Item, Origin>, position: number): boolean {
    if (isAstray) return false;
    for (let between = place; between < position; between++)
      if (last === undefined || !this.#log.shows(between, last)) return false;
    return true;
  }

  /** Whether it is a lesser form of what the source has just brought: the same state. */
  #isLesser({ last }: Replica<Source, Item, Origin>, item: Item): boolean {
    const { covers } = this.#kind;
    return last !== undefined && covers(last, item) && !covers(item, last);
  }

  /** Follows a source that is astray, until it is found. */
  #follow(replica: Replica<Source, Item, Origin>, item: Item, before: number): Verdict {
    if (before > 0) return 'unknown';
    replica.isAstray = true;
    const { trail, place } = replica;
    if (!trail.follow(this.#log, item, place)) return this.#mayGuide(replica, item) ? 'fresh' : 'unknown';
    if (!trail.isSure) return 'twin';
    this.#isHere(replica, trail.end);
    this.#moveBehind(replica, trail.end - 1, item);
    return 'copy';
  }

  /** Whether another source streams of which it is known what is new. */
  #isGuided(source: Source): boolean {
    for (const other of this.#replicas)
      if (other.source !== source && other.isStreaming && !other.isAstray) return true;
    return false;
  }

  /** Whether the source is astray and has probably brought everything, and nobody knows better. */
  #mayGuide({ source, isAstray, trail }: Replica<Source, Item, Origin>, item: Item): boolean {
    if (!isAstray || this.#log.isDated(item) || !trail.isLikely(this.#log.end)) return false;
    return !this.#isGuided(source);
  }

  /** The price equals one of the log, and is dropped: another source brings it if it is new. */
  #doubt({ doubtful }: Replica<Source, Item, Origin>, state: Waiting<Item, Origin>): void {
    doubtful.push(state);
    let old = 0;
    while (doubtful[old]!.at + RECENT_MS < state.at) old++;
    if (old > 0) doubtful.splice(0, old);
  }

  /** Tells what is in doubt of lately, where nobody else is left who might bring it. */
  #tellDoubtful(at: number): void {
    for (const replica of this.#replicas) {
      if (replica.doubtful.length === 0 || this.#isGuided(replica.source)) continue;
      const { doubtful, trail, source } = replica;
      replica.doubtful = [];
      // It goes on from there.
      if (trail.isLikely(this.#log.end)) continue;
      for (const state of doubtful)
        if (state.at + RECENT_MS >= at) this.#sink.tooLate(source, state.item, state.origin);
    }
  }

  /** The entry that this is a greater form of, surely. */
  #findLesser({ place }: Replica<Source, Item, Origin>, item: Item): number | undefined {
    // A price alone is a greater form of nothing but itself.
    const end = this.#log.isDated(item) ? this.#log.end : place;
    for (let position = Math.max(this.#log.base, place - 1); position < end; position++) {
      const entry = this.#log.at(position)!.item;
      if (entry === undefined || !this.#kind.covers(item, entry)) continue;
      if (this.#log.isDated(entry) || position < place) return position;
    }
    return undefined;
  }

  /** @param before how many of those that wait at the replica came before it */
  #conclude(
    replica: Replica<Source, Item, Origin>,
    verdict: Verdict,
    state: Waiting<Item, Origin>,
    before: number,
  ): void {
    const { item, origin, at } = state;
    if (verdict === 'twin' || (verdict === 'copy' && this.#isInDoubt(replica, item))) {
      if (this.#isGuided(replica.source)) this.#doubt(replica, state);
      else this.#sink.tooLate(replica.source, item, origin);
    }
    if (verdict === 'twin') return;
    const isPassed = this.#isPassed(replica, verdict === 'copy' ? replica.place : this.#log.end);
    // They are older than a state whose place is known.
    for (let left = before; left > 0; left--) {
      const older = replica.waiting.shift()!;
      this.#waiting--;
      if (verdict === 'fresh' || !isPassed) this.#late(replica, older);
    }
    replica.isKnown = true;
    if (verdict === 'fresh') this.#handOn(replica, item, origin, at);
    else if (verdict === 'late' && !isPassed) this.#late(replica, { item, origin, at });
  }

  /** Whether a copy may be another state: its price alone says so, and others have come since. */
  #isInDoubt({ place, trail }: Replica<Source, Item, Origin>, item: Item): boolean {
    return !trail.isSure && place < this.#log.end && !this.#log.isDated(item);
  }

  #late(replica: Replica<Source, Item, Origin>, { item, origin }: Waiting<Item, Origin>): void {
    // The time or volume of a state says nothing of the prices that follow.
    if (!this.#log.isDated(item)) {
      replica.isAstray = true;
      replica.trail.restart();
    }
    this.#sink.tooLate(replica.source, item, origin);
  }

  /** Whether another source goes on that has handed on what was there before the log. */
  #isLed(replica: Replica<Source, Item, Origin>): boolean {
    return this.#leader !== replica && this.#leader?.isStreaming === true;
  }

  /** Whether that source has come so far in the log: what is older it has handed on. */
  #isPassed(replica: Replica<Source, Item, Origin>, place: number): boolean {
    return this.#isLed(replica) && this.#leader!.place >= place;
  }

  #handOn(replica: Replica<Source, Item, Origin>, item: Item, origin: Origin, at: number): void {
    const { source } = replica;
    const newest = this.#log.newest;
    const { covers } = this.#kind;
    const isForm = newest?.item !== undefined && covers(item, newest.item) && !covers(newest.item, item);
    // A greater form of the newest state takes its entry. Of a price alone nobody knows whether it is the same state.
    if (isForm && this.#log.isDated(newest.item)) newest.item = item;
    else {
      // Who has brought the price, over the socket that it has, has nothing older to bring.
      if (isForm)
        for (const other of this.#replicas)
          if (other.place === this.#log.end && other.last !== undefined && !other.isAstray && !other.begins)
            other.place++;
      this.#log.push({ item, source, at, isForm, hadOthers: this.isCovered(source), isCopied: false });
    }
    this.#moveBehind(replica, this.#log.end - 1, item);
    this.#isHere(replica, this.#log.end);
    // What it makes too late is told before it.
    if (this.#waiting > 0) for (const other of this.#replicas) if (other !== replica) this.#passOver(other);
    this.#sink.fresh(source, item, origin);
  }

  /** Of what waits at this replica, the first states are older than the newest by now. */
  #passOver(replica: Replica<Source, Item, Origin>): void {
    const { waiting } = replica;
    const newest = this.#log.newest!.item;
    while (waiting.length > 0 && this.#log.compare(waiting[0]!.item, newest) < 0) {
      const state = waiting.shift()!;
      this.#waiting--;
      replica.isKnown = true;
      if (!this.#isPassed(replica, this.#log.end)) this.#late(replica, state);
    }
  }

  #noteCopy(replica: Replica<Source, Item, Origin>, position: number, at: number): void {
    const entry = this.#log.at(position)!;
    if (entry.source === replica.source) return;
    const isKnown = this.#log.isDated(entry.item) || !replica.isAstray;
    const behindMs = Math.max(0, at - entry.at);
    if (position >= replica.joinedAt && isKnown) {
      const { lagMs = 0 } = replica;
      replica.lagMs = Math.max(behindMs, (lagMs + behindMs) / 2);
    }
    if (entry.isCopied) return;
    entry.isCopied = true;
    this.#sink.copied?.(entry.source, behindMs);
  }

  #trim(now: number): void {
    this.#forgetLeft(now);
    const needed = Math.min(...this.#replicas.map(({ place }) => place)) - 1;
    const forgotten = this.#log.trim(needed, now);
    if (forgotten.length === 0) return;
    for (const { source, hadOthers, isCopied } of forgotten)
      if (hadOthers && !isCopied) this.#sink.alone?.(source);
    for (const replica of this.#replicas)
      if (replica.place < this.#log.base) this.#moveBehind(replica, this.#log.base - 1);
    if (this.#log.at(this.#log.base)?.item !== undefined) this.#leader = undefined;
  }
}
