import { Lags } from './lags.js';
import { MEMORY_MS, RECENT_MS, type StateLog } from './state-log.js';
import { Trail } from './trail.js';

/**
 * A source that brings so many entries of others in a row, and leaves none out, is shown what they are shown: what it has
 * not brought yet is still to come, however late.
 */
const ALIKE = 12;

/** A state that waits for its place to become known. */
export interface Waiting<Item, Origin> {
  readonly item: Item;
  readonly origin: Origin;
  readonly at: number;
}

/**
 * One source of an instrument's states: its place in the log of delivered states, and how it differs from the others,
 * as far as known. It finds where the log has a state that the source brings; it does not decide what becomes of the
 * state.
 */
export class Replica<Source, Item, Origin> {
  readonly source: Source;
  isStreaming = false;
  /** When its subscription ended: what was under way may still come. Undefined: it has not left. */
  leftAt: number | undefined;
  /** Whether what it brings next comes over another socket. */
  begins = false;
  /** When it began over this socket. */
  beganAt = -Infinity;
  /** Whether something that it brought over this socket was decided on. */
  isKnown = false;
  /** Whether it was shown something else than the others: its prices alone say nothing until its trail is sure. */
  isAstray = false;
  readonly trail = new Trail<Item>();
  /** How late the socket is over which it came last, by all instruments. */
  socketLags: Lags | undefined;
  /**
   * When it went on over the same socket after a silence or a pause in reading: what it brings first is old. Infinity:
   * it is silent.
   */
  resumedAt = -Infinity;
  /** States that only it has brought, while it is not known whether they are new. */
  readonly waiting: Waiting<Item, Origin>[] = [];
  readonly #log: StateLog<unknown, Item>;
  #place: number;
  #last: Item | undefined;
  /** Whether it begins, perhaps with the state of the entry before its place. */
  #repeats = true;
  /** Whether something that it has brought since it began, or was asked anew, came too late. */
  #hasBegun = false;
  /** The position behind the last entry when it began: it may bring earlier states at any time. */
  #joinedAt: number;
  /** The position of the entry that it brought first over this socket. Undefined: it is not known. */
  #first: number | undefined;
  readonly #lags = new Lags();
  /** From here to its place, it has left entries out with what it brought last. Undefined: it has not. */
  #skippedFrom: number | undefined;
  /** How many entries of others it has brought without leaving one out. */
  #inRow = 0;
  /** Prices of the last seconds that equal one in the log: it is not known whether others bring them too. */
  #doubtful: Waiting<Item, Origin>[] = [];

  /** A source that has brought nothing yet. */
  constructor(source: Source, log: StateLog<unknown, Item>) {
    this.source = source;
    this.#log = log;
    this.#place = log.base;
    this.#joinedAt = log.end;
  }

  /** The position behind the last entry that is surely not newer than what the source brings next. */
  get place(): number {
    return this.#place;
  }

  /** The form in which it brought the entry before its place, over this socket; undefined: it has not. */
  get last(): Item | undefined {
    return this.#last;
  }

  /** Whether everything delivered is behind it. */
  get isAtEnd(): boolean {
    return this.#place === this.#log.end;
  }

  /** What it brings next comes over another socket, and may repeat what it has brought. */
  begin(): void {
    this.isKnown = false;
    this.isAstray = false;
    this.trail.restart();
    // A pause in reading held up the new socket too, its silence only the old one.
    if (this.resumedAt === Infinity) this.resumedAt = -Infinity;
    this.#last = undefined;
    this.#repeats = true;
    this.#hasBegun = false;
    this.#joinedAt = this.#log.end;
    this.#first = undefined;
    this.#skippedFrom = undefined;
    this.#lags.clear();
    this.#inRow = 0;
  }

  /** It is asked for the instrument again a moment after it left, and repeats what it had brought. */
  comesBack(at: number): void {
    this.isStreaming = true;
    this.leftAt = undefined;
    this.beganAt = at;
    this.#last = undefined;
    this.#repeats = true;
    this.#hasBegun = false;
    this.#first = undefined;
  }

  /** What it began with over this socket is known: this entry, or something older. */
  beganWith(position: number): void {
    this.#first ??= position;
  }

  /**
   * Whether the other one began about when this one did or later, a short time ago, and this one may not have come to
   * what that began with. Which of two was asked first is not known when they open together.
   */
  isBehindBeginOf(other: Replica<Source, Item, Origin>, at: number): boolean {
    if (other.beganAt <= this.beganAt - RECENT_MS || at - other.beganAt > MEMORY_MS) return false;
    return other.#first === undefined || this.#place <= other.#first;
  }

  /** It begins with the newest state of this time: what was received before is not newer. */
  passBefore(at: number): void {
    for (let entry = this.#log.at(this.#place); entry; entry = this.#log.at(this.#place)) {
      // It may begin with the state from before the log.
      if (entry.at > at || entry.item === undefined) return;
      this.#place++;
    }
  }

  /** It is at the end of the log, without having brought anything. */
  toEnd(): void {
    this.#place = this.#log.end;
  }

  /**
   * What looks like the newest entry was brought by another source that begins, and may be a newer state: a source that
   * has brought nothing since it began may bring what was between the two.
   */
  unpassNewest(): void {
    if (this.isAtEnd && this.#last === undefined && this.#repeats) this.#place--;
  }

  /** The newest entry shows more of the price before it: a source that brought that has nothing older to bring. */
  passForm(): void {
    if (this.isAtEnd && this.#last !== undefined && !this.isAstray && !this.begins) this.#place++;
  }

  /**
   * How its age compares with that of the newest entry, of which it has only brought a part, if that. Positive: it is
   * newer; negative: older; 0: nothing tells. Undefined: it has brought that entry, or this is another price alone.
   */
  ageAfterForm(item: Item): number | undefined {
    const log = this.#log;
    const newest = log.newest?.item;
    const last = this.#last;
    if (newest === undefined || last === undefined || log.covers(last, newest)) return undefined;
    if (!log.isDated(item) || !log.isDated(newest)) return undefined;
    const age = log.compare(item, newest);
    return age === 0 && log.isDated(last) ? undefined : age;
  }

  /** Whether this is a lesser form of what it has just brought: the same state. */
  isLesser(item: Item): boolean {
    const last = this.#last;
    return last !== undefined && this.#log.covers(last, item) && !this.#log.covers(item, last);
  }

  /** @param brought the form in which it brought this entry, if it has */
  moveBehind(position: number, brought?: Item): void {
    if (position + 1 < this.#place) {
      // It was asked for the instrument once more over its socket, and repeats what it had brought.
      if (brought !== undefined) {
        this.#last = undefined;
        this.#repeats = true;
      }
      return;
    }
    if (position >= this.#place && (brought === undefined || !this.#isNext(position))) this.#inRow = 0;
    this.#skippedFrom = brought !== undefined && position > this.#place ? this.#place : undefined;
    this.#place = position + 1;
    this.#last = brought;
  }

  /** It is surely at this position. */
  isHere(place: number): void {
    this.isAstray = false;
    this.#doubtful = [];
    this.trail.settle(place);
  }

  /** Something that it has brought came too late. */
  wasLate(item: Item): void {
    this.#hasBegun = true;
    // Only what it brings from now on can tell where it is. The time or volume of a state says nothing of that.
    if (this.#log.isDated(item)) return;
    this.isAstray = true;
    this.trail.restart();
  }

  /** Whether its place is lost: it is astray, shows its price alone, and others have brought something lately. */
  isLost(item: Item, at: number): boolean {
    if (!this.isAstray || this.#log.isDated(item)) return false;
    const { newest } = this.#log;
    return newest !== undefined && newest.at + RECENT_MS >= at;
  }

  /** Whether it is astray, shows its price alone, and has probably brought everything. */
  isLikelyAtEnd(item: Item, at: number): boolean {
    if (!this.isAstray || this.#mayHaveWaited(at) || this.#log.isDated(item)) return false;
    return this.trail.isLikely(this.#log.end);
  }

  /** Whether a copy may be another state: it shows its price alone, and others have come since. */
  isInDoubt(item: Item): boolean {
    return !this.trail.isSure && !this.isAtEnd && !this.#log.isDated(item);
  }

  /**
   * Whether a copy of this entry would come so late that it may be another state: it shows its price alone, and its source
   * is not that far behind, as far as is known.
   */
  isUnlikely(item: Item, position: number, at: number): boolean {
    if (this.#log.isDated(item) || position < this.#place) return false;
    return at - this.#log.at(position)!.at > this.#mostBehindMs(at, RECENT_MS);
  }

  /**
   * The first entry that shows this state and may be what the source brings.
   *
   * @param hasOthers whether another source streams that has not just begun
   */
  find(item: Item, at: number, hasOthers: boolean): number | undefined {
    if (this.#log.isDated(item)) {
      let position = this.findFrom(item) ?? (hasOthers ? this.#findSkipped(item, at) : undefined);
      while (position !== undefined && this.#isLongAgo(item, position, at))
        position = this.#log.find(item, position + 1);
      // It begins with the newest state, which may be one that has come back. Others would bring that as well.
      const isBack = position !== undefined && !hasOthers && this.#hasComeBack(item, position);
      return isBack ? undefined : position;
    }
    const position = this.findFrom(item);
    if (position === undefined) return undefined;
    const mostMs = this.#inRow >= ALIKE ? MEMORY_MS : this.#mostBehindMs(at, MEMORY_MS);
    const isRecent = at - this.#log.at(position)!.at <= mostMs;
    if (position < this.#place) {
      if (isRecent || !this.#hasBegun || this.#last !== undefined) return position;
      // What it began with was given up: it does not begin with this.
      this.#repeats = false;
      return this.find(item, at, hasOthers);
    }
    if (this.#isNext(position) && (isRecent || this.isLesser(item))) return position;
    const begins = this.#last === undefined && this.#repeats;
    // A price that comes back much later is no copy, unless the source begins with it.
    this.passOld(item, at);
    return this.findFrom(item) ?? this.#findNewest(item, begins ? Infinity : MEMORY_MS, at);
  }

  /** The first entry that shows this state, from the source's place on. */
  findFrom(item: Item): number | undefined {
    const log = this.#log;
    if (log.isDated(item)) {
      const position = log.find(item, this.#place - 1);
      if (position !== undefined) return position;
      // Orders come and go within a second, and without a trade: what looks like a state from before the one that the
      // source has brought last is a newer one.
      return log.isDated(this.#last) ? undefined : log.findLast(item);
    }
    // A price alone that the source brings again is another state, unless it began with a greater form of that entry.
    const before = log.at(this.#place - 1);
    const hadLess = (of: Item): boolean =>
      before?.item !== undefined && (before.isForm || !log.covers(before.item, of)) && !log.covers(item, of);
    const last = this.#last;
    const mayRepeat = last === undefined ? this.#repeats : !log.covers(last, item) || hadLess(last);
    return log.find(item, mayRepeat ? this.#place - 1 : this.#place);
  }

  /**
   * Whether what it brings is this entry, and not another state that looks the same.
   *
   * @param before how many of the waiting states came before it
   */
  isSure(item: Item, position: number, before: number): boolean {
    if (this.#log.isDated(item)) return true;
    if (position < this.#place) return before === 0 || this.isAtEnd;
    return this.#isNext(position);
  }

  /** The entry that this is surely a greater form of. */
  findLesser(item: Item): number | undefined {
    const log = this.#log;
    // A price alone is a greater form of nothing but itself.
    const end = log.isDated(item) ? log.end : this.#place;
    for (let position = Math.max(log.base, this.#place - 1); position < end; position++) {
      const entry = log.at(position)!.item;
      if (entry === undefined || !log.covers(item, entry)) continue;
      if (log.isDated(entry) || position < this.#place) return position;
    }
    return undefined;
  }

  /** Moves the place behind entries that were received long enough before that no source is that far behind. */
  passOld(item: Item, at: number): void {
    const log = this.#log;
    while (!this.isAtEnd) {
      const entry = log.at(this.#place)!;
      const areDated = log.isDated(item) && log.isDated(entry.item);
      if (entry.at + this.#mostBehindMs(at, areDated ? MEMORY_MS : RECENT_MS) >= at) return;
      this.moveBehind(this.#place);
      this.#repeats = false;
    }
  }

  /**
   * Moves the place behind entries that are older than this state by its time or volume. Returns whether something
   * newer has been delivered.
   *
   * @param isCovered whether another source streams
   */
  passOlder(item: Item, isCovered: boolean): boolean {
    const log = this.#log;
    if (!log.isDated(item)) return false;
    // For a source that has brought nothing yet, the entry before its place is not newer.
    const from = this.#last === undefined && isCovered ? this.#place - 1 : this.#place;
    for (let position = log.end - 1; position >= Math.max(from, log.base); position--) {
      const age = log.compare(item, log.at(position)!.item);
      if (age < 0) return true;
      if (age === 0) continue;
      if (position >= this.#place) this.moveBehind(position);
      return false;
    }
    return false;
  }

  /** It has brought this entry this much later than another source. */
  noteLag(position: number, behindMs: number, at: number): void {
    const isKnown = this.#log.isDated(this.#log.at(position)!.item) || !this.isAstray;
    if (position < this.#joinedAt || !isKnown) return;
    if (position >= this.#place) this.#inRow++;
    this.#lags.note(behindMs, at);
    this.socketLags?.note(behindMs, at);
  }

  /** The price equals one of the log, and is dropped: another source brings it if it is new. */
  doubt(state: Waiting<Item, Origin>): void {
    this.#doubtful.push(state);
    let old = 0;
    while (this.#doubtful[old]!.at + RECENT_MS < state.at) old++;
    if (old > 0) this.#doubtful.splice(0, old);
  }

  /** Recent states that were dropped in doubt, unless it goes on from there. They are in doubt no longer. */
  takeDoubtful(at: number): readonly Waiting<Item, Origin>[] {
    if (this.#doubtful.length === 0) return this.#doubtful;
    const doubtful = this.#doubtful;
    this.#doubtful = [];
    if (this.trail.isLikely(this.#log.end)) return [];
    return doubtful.filter((state) => state.at + RECENT_MS >= at);
  }

  /**
   * How far it is behind others at most, in milliseconds.
   *
   * @param unknownMs if its lag is not known
   */
  #mostBehindMs(at: number, unknownMs: number): number {
    if (this.#mayHaveWaited(at)) return MEMORY_MS;
    const ownMs = this.#lags.leastMs;
    // A streaming source is silent for this long at most, and then as far behind as before, or as its socket is by now.
    const mostMs = RECENT_MS + 2 * Math.max(ownMs ?? 0, this.socketLags?.recentMs(at) ?? 0);
    return Math.min(MEMORY_MS, ownMs === undefined ? Math.max(unknownMs, mostMs) : mostMs);
  }

  /** Whether what comes now may have waited: it went on a short time ago. */
  #mayHaveWaited(at: number): boolean {
    const { resumedAt } = this;
    return resumedAt === Infinity || (at >= resumedAt && at < resumedAt + RECENT_MS);
  }

  /** Whether another state stands between this entry, which shows the same, and its place, and is not newer. */
  #hasComeBack(item: Item, position: number): boolean {
    const log = this.#log;
    for (let other = this.#place - 1; other > position; other--) {
      const entry = log.at(other)!.item;
      if (entry !== undefined && log.isDated(entry) && !log.covers(item, entry))
        return log.compare(item, entry) >= 0;
    }
    return false;
  }

  /**
   * The entry that shows this state among those that it has left out a short time ago. If it brings one of them, what it
   * brought before was an older state that looks like an entry.
   */
  #findSkipped(item: Item, at: number): number | undefined {
    if (this.#skippedFrom === undefined) return undefined;
    const position = this.#log.find(item, this.#skippedFrom);
    if (position === undefined || position >= this.#place) return undefined;
    return at - this.#log.at(position)!.at <= this.#mostBehindMs(at, RECENT_MS) ? position : undefined;
  }

  /**
   * Whether this entry is older than the source can be behind, and no trade came since: what looks like it has come
   * back. A source that has just begun may begin with something old, and any may repeat what it has brought last.
   */
  #isLongAgo(item: Item, position: number, at: number): boolean {
    const { newest, end } = this.#log;
    if (!this.isKnown || position < this.#place || position === end - 1 || !newest?.item) return false;
    if (this.#log.at(position)!.at + this.#mostBehindMs(at, MEMORY_MS) >= at) return false;
    return this.#log.isDated(newest.item) && this.#log.compare(item, newest.item) === 0;
  }

  /** Whether only repeats of the price that it brought last stand between its place and this entry. */
  #isNext(position: number): boolean {
    if (this.isAstray) return false;
    for (let between = this.#place; between < position; between++)
      if (this.#last === undefined || !this.#log.shows(between, this.#last)) return false;
    return true;
  }

  /** The newest entry, if it shows this price and is no older: the price stays, whether or not it is the same state. */
  #findNewest(item: Item, withinMs: number, at: number): number | undefined {
    const newest = this.#log.end - 1;
    return this.#log.shows(newest, item) && at - this.#log.at(newest)!.at <= withinMs ? newest : undefined;
  }
}
