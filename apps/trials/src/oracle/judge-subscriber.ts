import type { Mode, Tick } from '@kite/protocol';

import type { Item, Origin } from '../client/client.js';
import type { Failure, Rule } from './failure.js';
import { isCovered } from './gap-cover.js';
import type { OwnWants, WantedSpan } from './own-wants.js';
import { shownIn } from './shown-in.js';
import type { StreamRecord } from './stream-record.js';
import type { Wanted } from './wanted.js';

/** A subscriber, what it received, and what the program wanted. */
export interface SubscriberFacts {
  readonly id: string;
  readonly isExact: boolean;
  readonly records: readonly StreamRecord[];
  /** What the consumer `all` of the whole feed received; it is judged separately. */
  readonly all: readonly StreamRecord[];
  readonly own: OwnWants;
  /** What all of them wanted. */
  readonly wanted: Wanted;
  /** Whether the feed kept the last tick of each instrument throughout this span. */
  readonly keptLastTicks: (from: number, to: number) => boolean;
  /** Whether this connection streams the instrument, as far as is known. */
  readonly isHeldBy: (token: number, connection: Origin, at: number) => boolean;
  /** Whether the thread of the program was blocked at some time of this span. */
  readonly wasBlocked: (from: number, to: number) => boolean;
}

/**
 * How long the last known tick of an instrument may take to reach a subscriber that joins it, in milliseconds. The
 * program's other callbacks come first.
 */
const CATCHES_UP_MS = 1000;

/** The most breaches reported for one subscriber. */
const MOST_TOLD = 5;

/** A tick and its place in a stream. `key` distinguishes it from others of its instrument. */
interface Seen {
  readonly at: number;
  /** The connection that it names. */
  readonly source: string;
  readonly tick: Tick;
  readonly key: string;
}

/** A tick that a subscriber may be handed, and whether it must be. */
interface Due {
  readonly key: string;
  readonly at: number;
  readonly isOwed: boolean;
}

type Timed = StreamRecord['items'][number];

/**
 * Judges a subscriber's stream against the whole feed. It gets the feed's ticks of its own instruments, once and in
 * order. If it is exact, it gets its mode, without ticks that show nothing new in it. An instrument that it joins, or of
 * which it sees more from now on, begins with the last known tick. It gets the gaps that concern it, and all other items.
 */
export function judgeSubscriber(facts: SubscriberFacts): Failure[] {
  return new SubscriberJudge(facts).judge();
}

class SubscriberJudge {
  readonly #facts: SubscriberFacts;
  readonly #all: readonly Timed[];
  readonly #read: readonly Timed[];
  /** The ticks of the whole feed, by instrument. */
  readonly #ticks: ReadonlyMap<number, readonly Seen[]>;
  /** When gaps were reported to the whole feed. */
  readonly #gapsAt: readonly number[];
  readonly #failures: Failure[] = [];

  constructor(facts: SubscriberFacts) {
    this.#facts = facts;
    this.#all = facts.all.flatMap(({ items }) => items);
    this.#read = facts.records.flatMap(({ items }) => items);
    this.#ticks = ticksOf(this.#all);
    this.#gapsAt = this.#all.filter(({ item }) => item.type === 'gap').map(({ at }) => at);
  }

  judge(): Failure[] {
    const all = this.#ticks;
    const read = ticksOf(this.#read);
    for (const [token, ticks] of read)
      for (const { at } of ticks)
        if (!this.#facts.own.within(token, at - CATCHES_UP_MS, at))
          this.#fail('invented', at, token, 'it does not want it');
    for (const token of this.#facts.own.tokens)
      this.#judgeTicks(token, all.get(token) ?? [], read.get(token) ?? []);
    this.#judgeGaps();
    this.#judgeOthers();
    return this.#failures.slice(0, MOST_TOLD);
  }

  #judgeTicks(token: number, all: readonly Seen[], read: readonly Seen[]): void {
    const due = this.#duesOf(token, all);
    /** Delivered without need: another tick with the same key may be meant. */
    const spare: string[] = [];
    const skip = (one: Due, at: number): void => {
      const place = one.isOwed ? spare.indexOf(one.key) : -1;
      if (place >= 0) spare.splice(place, 1);
      else this.#judgeSkipped(one, token, at);
    };
    let next = 0;
    for (const { key, at } of read) {
      let index = next;
      while (index < due.length && due[index]!.key !== key) index++;
      if (index === due.length) {
        const isOld = due.slice(0, next).some((one) => one.key === key);
        this.#fail(isOld ? 'repeated' : 'invented', at, token, 'the whole feed had nothing like it then');
        continue;
      }
      for (; next < index; next++) skip(due[next]!, at);
      if (!due[index]!.isOwed) spare.push(key);
      next = index + 1;
    }
    for (; next < due.length; next++) skip(due[next]!, due[next]!.at);
  }

  /** Everything that it may receive of one instrument, in order. */
  #duesOf(token: number, all: readonly Seen[]): Due[] {
    let begunAt = -Infinity;
    return this.#facts.own.of(token).flatMap((span) => {
      // An exact one has not been shown what a higher mode shows.
      const begins = span.isJoined || (span.isRaised && this.#facts.isExact);
      if (begins) begunAt = span.from;
      const known = span.from <= begunAt + CATCHES_UP_MS ? this.#knownAt(span, begins, token, all) : [];
      return [...known, ...this.#dueIn(span, token, all, begunAt + CATCHES_UP_MS)];
    });
  }

  /** The last known tick of an instrument that it joins, or of which it sees more from now on. */
  #knownAt({ from, to, mode }: WantedSpan, begins: boolean, token: number, all: readonly Seen[]): Due[] {
    const known = all.filter(({ at }) => at <= from).at(-1);
    const tick = known && this.#shown(known.tick, mode);
    if (!tick) return [];
    const until = from + CATCHES_UP_MS;
    const isOwed =
      begins &&
      known.at < from &&
      to > until &&
      !all.some(({ at }) => at >= from && at <= until) &&
      !this.#facts.wasBlocked(from, until) &&
      this.#wasUninterrupted(token, known.at, from);
    return [{ key: keyOf(known, tick), at: from, isOwed }];
  }

  #shown(tick: Tick, mode: Mode): Tick | undefined {
    return this.#facts.isExact ? shownIn(tick, mode) : tick;
  }

  #judgeSkipped(due: Due, token: number, at: number): void {
    if (due.isOwed && this.#wasOpen(due.at))
      this.#fail('lost', at, token, `the whole feed had it at ${due.at}`);
  }

  /** What the subscriber may receive of one instrument while it wants it. */
  #dueIn({ from, to, mode }: WantedSpan, token: number, all: readonly Seen[], caughtUpBy: number): Due[] {
    return all.flatMap((seen, index) => {
      const { at } = seen;
      // At the time of a call, ticks before and after it look alike.
      if (at < from || at > to) return [];
      const tick = this.#shown(seen.tick, mode);
      if (!tick) return [];
      const before = all[index - 1];
      const repeats =
        tick !== seen.tick && before !== undefined && isSame(this.#shown(before.tick, mode), tick);
      // Until it has caught up, this may be its last known tick.
      if (repeats && at > caughtUpBy && this.#wasUninterrupted(token, before.at, at)) return [];
      return [{ key: keyOf(seen, tick), at, isOwed: at > from && at < to && !repeats }];
    });
  }

  /** Whether the last known tick still counts: no gap and no restart since, and the instrument was always wanted. */
  #wasUninterrupted(token: number, from: number, to: number): boolean {
    const { all, wanted, keptLastTicks } = this.#facts;
    return (
      wanted.throughout(token, from, to) &&
      keptLastTicks(from, to) &&
      !all.some((record) => record.from > from && record.from <= to) &&
      !this.#gapsAt.some((at) => at >= from && at <= to)
    );
  }

  /** Each gap is one of the whole feed. It gets those that concern it, or, after moves, others over the same time. */
  #judgeGaps(): void {
    const told = this.#read.flatMap(({ item }) => (item.type === 'gap' ? [item] : []));
    const left = told.map(gapKey);
    for (const { at, item } of this.#all) {
      if (item.type !== 'gap') continue;
      const place = left.indexOf(gapKey(item));
      if (place >= 0) left.splice(place, 1);
      else if (
        this.#wasOpen(at) &&
        this.#concerns(item, at) &&
        !isCovered(
          item.gap,
          told.map(({ gap }) => gap),
        )
      )
        this.#fail(
          'gap-missing',
          at,
          undefined,
          `of ${item.from.account}, connection ${item.from.channelId + 1}`,
        );
    }
    if (left.length > 0) this.#fail('gap-wrong', 0, undefined, `the whole feed had no gap ${left[0]}`);
  }

  #concerns({ gap, from }: Extract<Item, { type: 'gap' }>, at: number): boolean {
    const { own, isHeldBy } = this.#facts;
    const isWanted = (token: number): boolean => own.of(token).some((span) => span.from < at && span.to > at);
    if (gap.instrumentTokens) return gap.instrumentTokens.some(isWanted);
    const source = JSON.stringify(from);
    return [...own.tokens].some(
      (token) => isWanted(token) && isHeldBy(token, from, at) && this.#cameFrom(token, source, at),
    );
  }

  /** Whether the instrument's last tick before a time and the first one after came from this connection. */
  #cameFrom(token: number, source: string, at: number): boolean {
    const sources = this.#ticks.get(token) ?? [];
    const before = sources.filter((one) => one.at < at).at(-1);
    const after = sources.find((one) => one.at > at);
    return before?.source === source && after?.source === source;
  }

  /** It gets orders, states and every other message like any consumer. */
  #judgeOthers(): void {
    const others = (items: readonly Timed[]): { at: number; text: string }[] =>
      items.flatMap(({ at, item }) =>
        item.type === 'order' || item.type === 'state' || item.type === 'other'
          ? [{ at, text: JSON.stringify(item) }]
          : [],
      );
    const read = others(this.#read);
    let next = 0;
    // It may have opened its channel before the whole feed's, in the same moment.
    const skipEarly = (text?: string): void => {
      while (next < read.length && read[next]!.text !== text && !isOpen(this.#facts.all, read[next]!.at))
        next++;
    };
    for (const { at, text } of others(this.#all)) {
      skipEarly(text);
      if (read[next]?.text === text) next++;
      else if (this.#wasOpen(at)) this.#fail('order-lost', at, undefined, `${text} came to everybody else`);
    }
    skipEarly();
    if (next < read.length)
      this.#fail('invented', read[next]!.at, undefined, `${read[next]!.text} came to nobody else`);
  }

  /** Whether one of its channels was open. */
  #wasOpen(at: number): boolean {
    return isOpen(this.#facts.records, at);
  }

  #fail(rule: Rule, at: number, instrument: number | undefined, text: string): void {
    this.#failures.push({
      rule,
      at,
      consumer: this.#facts.id,
      ...(instrument !== undefined && { instrument }),
      text,
    });
  }
}

/** Whether a channel was open, and not just being opened or closed. */
function isOpen(records: readonly StreamRecord[], at: number): boolean {
  return records.some(({ from, to = Infinity }) => from < at && to > at);
}

function ticksOf(items: readonly Timed[]): Map<number, Seen[]> {
  const byToken = new Map<number, Seen[]>();
  for (const { at, item } of items) {
    if (item.type !== 'ticks') continue;
    for (const tick of item.ticks) {
      const { receivedAt, from } = item;
      const list = byToken.get(tick.instrumentToken) ?? [];
      byToken.set(tick.instrumentToken, list);
      list.push({ at, source: JSON.stringify(from), tick, key: JSON.stringify([receivedAt, from, tick]) });
    }
  }
  return byToken;
}

/** The key of a tick as shown to a subscriber. */
function keyOf({ tick, key }: Seen, shown: Tick): string {
  if (shown === tick) return key;
  const [receivedAt, from] = JSON.parse(key) as unknown[];
  return JSON.stringify([receivedAt, from, shown]);
}

function isSame(a: Tick | undefined, b: Tick): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** A gap without its list of instruments: each subscriber sees only its own. */
function gapKey({ gap, from }: Extract<Item, { type: 'gap' }>): string {
  return JSON.stringify([gap.from, gap.to, gap.reason, from]);
}
