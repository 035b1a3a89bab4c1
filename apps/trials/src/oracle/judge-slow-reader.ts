import type { Gap } from '@kite/protocol';

import type { Item } from '../client/client.js';
import type { Failure, Rule } from './failure.js';
import { isCovered } from './gap-cover.js';
import { judgePolicy } from './judge-policy.js';
import { type Came, type CameState, OwnStream } from './own-stream.js';
import type { Pauses } from './pauses.js';
import type { Delivery, Lost } from './read-stream.js';
import { Reference } from './reference.js';
import { sourceOf, type StreamRecord } from './stream-record.js';

/** The most breaches reported for one channel. */
const MOST_TOLD = 5;

type Ticks = Extract<Item, { type: 'ticks' }>;

/** A tick that a channel which gathers has handed over. */
interface Taken {
  readonly look: string;
  readonly at: number;
  readonly position: number;
}

/**
 * Judges the bounded channel of a subscriber that is read slowly by its channel that is read at once: it brings the same
 * in the same order, less what it was told as dropped. Drops are told before anything newer, for the connection that
 * brought them, and follow the channel's policy. Gaps are told before anything newer of their instruments.
 */
export function judgeSlowReader(
  slow: readonly StreamRecord[],
  whole: readonly StreamRecord[],
  pauses: Pauses,
): Failure[] {
  const streams = whole.map((record) => new OwnStream(record));
  const reference = new Reference(streams.map(({ read }) => read));
  return slow.flatMap((record) => {
    const stream = streams.filter((one) => one.record.from <= record.from).at(-1);
    // A channel that is opened during a stop goes on after it, and the other one ends with it.
    const { stoppedAt = Infinity } = stream?.record ?? {};
    return stream && record.from < stoppedAt ? new SlowJudge(record, stream).judge(reference, pauses) : [];
  });
}

class SlowJudge {
  readonly #record: StreamRecord;
  readonly #stream: OwnStream;
  readonly #isGathered: boolean;
  readonly #deliveries: Delivery[] = [];
  readonly #lost: Lost[] = [];
  readonly #failures: Failure[] = [];
  /** Gaps that it was told. */
  readonly #gaps: Gap[] = [];
  /** By instrument, how many gaps of the stream have been judged. */
  readonly #judgedGaps = new Map<number, number>();
  /** By instrument, of a channel that gathers: what it handed over, and the first tick of the stream that may come next. */
  readonly #taken = new Map<number, Taken[]>();
  readonly #places = new Map<number, number>();
  /** What is missing, and what it was told as dropped; by connection as well. */
  #missing = 0;
  readonly #missingOf = new Map<string, number>();
  #told = 0;
  readonly #toldOf = new Map<string, number>();
  /** What may be missing as well: it came just as the channel opened. */
  #free = 0;
  /** Whether the stream told a loss on the way since the channel opened: the first may be from before. */
  #hasLostOnTheWay = false;
  /** The first item of the stream that may come next, and that may come first. */
  #next = 0;
  #first = 0;

  constructor(record: StreamRecord, stream: OwnStream) {
    this.#record = record;
    this.#stream = stream;
    this.#isGathered = record.plan.overflow === 'conflate';
  }

  judge(reference: Reference, pauses: Pauses): Failure[] {
    const { came } = this.#stream;
    const { items, from } = this.#record;
    while (this.#next < came.length && came[this.#next]!.at < from) this.#next++;
    this.#first = this.#next;
    items.forEach(({ at, item }, position) => {
      if (item.type === 'dropped') {
        this.#told += item.count;
        add(this.#toldOf, sourceOf(item.from), item.count);
      } else if (item.type === 'gap') this.#gaps.push(item.gap);
      else if (this.#isGathered && item.type === 'ticks') this.#gathered(item, at, position);
      else this.#whole(item, at, position);
    });
    this.#matchGathered();
    if (this.#isReadToItsEnd) this.#judgeEnd();
    const none = new Set<never>();
    const read = {
      ...{ record: this.#record, deliveries: this.#deliveries, gaps: [], lost: this.#lost, failures: [] },
      ...{ unowed: none, movedAway: none },
    };
    return [...this.#failures.slice(0, MOST_TOLD), ...judgePolicy(read, reference, pauses)];
  }

  /** What is left in a channel that was closed, or ended as full, is unknown. */
  get #isReadToItsEnd(): boolean {
    const { endedBy } = this.#record;
    return endedBy !== 'consumer' && endedBy !== 'overflow';
  }

  /** An item that comes as it is, or not at all. */
  #whole(item: Item, at: number, position: number): void {
    const { came } = this.#stream;
    const key = JSON.stringify(item);
    const isIt = (one: Came): boolean => one.key === key && one.at <= at;
    let place = this.#next;
    while (place < came.length && !isIt(came[place]!)) place++;
    if (place === came.length) {
      // It opened in the same moment as the other channel, and just before it.
      if (this.#next === this.#first && this.#record.from === this.#stream.record.from) return;
      const rule = came.some(isIt) ? 'repeated' : 'invented';
      this.#fail(rule, at, `${key.slice(0, 80)} came into no other channel then`);
      return;
    }
    this.#skipUpTo(place, at);
    this.#next = place + 1;
    if (this.#missing > this.#told && !this.#isGathered)
      this.#fail('drop-misplaced', at, `before it ${this.#missing} are missing, and ${this.#told} were told`);
    for (const state of came[place]!.states) {
      this.#deliveries.push({ state, position, at });
      this.#judgeGaps(state, at);
    }
  }

  /** Ticks, each the newest of its instrument. Of those that look the same, each may be the first that fits. */
  #gathered(item: Ticks, at: number, position: number): void {
    const { from } = this.#record;
    for (const tick of item.ticks) {
      const token = tick.instrumentToken;
      const states = this.#stream.states.get(token) ?? [];
      const look = JSON.stringify([item.from, tick]);
      const isIt = (state: CameState): boolean => state.look === look && state.at >= from && state.at <= at;
      const next = this.#places.get(token) ?? 0;
      const place = states.findIndex((state, index) => index >= next && isIt(state));
      if (place < 0) {
        const rule = states.some(isIt) ? 'turned-back' : 'invented';
        this.#fail(rule, at, 'it came into no other channel then', token);
        continue;
      }
      this.#places.set(token, place + 1);
      this.#judgeGaps(states[place]!, at);
      const taken = this.#taken.get(token) ?? [];
      this.#taken.set(token, taken);
      taken.push({ look, at, position });
    }
  }

  /** Takes each of the gathered ticks for the last one that fits: what the policy says of the newest is certain then. */
  #matchGathered(): void {
    for (const [token, taken] of this.#taken) {
      const states = this.#stream.states.get(token)!;
      let place = states.length;
      for (const { look, at, position } of taken.reverse()) {
        do place--;
        while (states[place]!.look !== look || states[place]!.at > at);
        this.#deliveries.push({ state: states[place]!, position, at });
      }
    }
    this.#deliveries.sort((a, b) => a.position - b.position);
  }

  /** The items of the stream up to this place did not come. */
  #skipUpTo(place: number, noticedAt: number): void {
    for (; this.#next < place; this.#next++) {
      const { at, item, weight, states } = this.#stream.came[this.#next]!;
      if (item.type === 'gap') continue;
      const isOld = item.type === 'dropped' && !this.#hasLostOnTheWay;
      if (item.type === 'dropped') this.#hasLostOnTheWay = true;
      // What a channel gathers is counted at its end.
      else if (this.#isGathered && states.length > 0) continue;
      if (at <= this.#record.from || isOld) {
        this.#free += weight;
        continue;
      }
      this.#missing += weight;
      const source = sourceOf(item.from);
      add(this.#missingOf, source, weight);
      for (const state of states) this.#lost.push({ state, noticedAt, after: -1, before: Infinity, source });
    }
  }

  #judgeEnd(): void {
    const { came } = this.#stream;
    this.#skipUpTo(came.length, Infinity);
    if (this.#isGathered) this.#endGathered();
    const at = this.#record.to ?? this.#record.items.at(-1)?.at ?? 0;
    const counts = `${this.#missing} are missing, and ${this.#told} were told as dropped`;
    if (this.#missing > this.#told) this.#fail('lost', at, counts);
    else if (this.#told > this.#missing + this.#free)
      this.#fail('drop-overcounted', at, `${counts}; ${this.#free} more may be missing`);
    else if (!this.#isGathered)
      for (const [source, missing] of this.#missingOf) {
        const told = this.#toldOf.get(source) ?? 0;
        if (missing > told)
          this.#fail('drop-source', at, `${missing} of ${source} are missing, ${told} told`);
      }
  }

  /** Counts the ticks that were replaced. The newest tick of each instrument is never dropped. */
  #endGathered(): void {
    const { from } = this.#record;
    let sure = 0;
    let unsure = 0;
    for (const states of this.#stream.states.values())
      for (const { at } of states) {
        if (at > from) sure++;
        else if (at === from) unsure++;
      }
    const taken = this.#deliveries.length;
    this.#missing += Math.max(0, sure - taken);
    this.#free += unsure - Math.max(0, taken - sure);
    const last = new Map(this.#deliveries.map(({ state }) => [state.token, state as CameState]));
    for (const [token, states] of this.#stream.states) {
      const newest = states.at(-1)!;
      if (newest.at > from && last.get(token)?.look !== newest.look)
        this.#fail('stale', newest.at, 'its newest tick did not come', token);
    }
  }

  /** The gaps of the stream that stand before this tick and concern its instrument have been told. */
  #judgeGaps({ token, position, look }: CameState, at: number): void {
    const { gaps } = this.#stream;
    let next = this.#judgedGaps.get(token) ?? 0;
    for (; next < gaps.length && gaps[next]!.position < position; next++) {
      const { gap, at: cameAt, source } = gaps[next]!;
      const isOwn = gap.instrumentTokens?.includes(token) ?? look.startsWith(`[${source}`);
      if (!isOwn || cameAt <= this.#record.from) continue;
      const told = this.#gaps.filter(({ instrumentTokens }) => instrumentTokens?.includes(token) ?? true);
      if (!isCovered(gap, told))
        this.#fail('gap-missing', at, `from ${gap.from} to ${gap.to}, because of ${gap.reason}`, token);
    }
    this.#judgedGaps.set(token, next);
  }

  #fail(rule: Rule, at: number, text: string, instrument?: number): void {
    const { consumer } = this.#record;
    this.#failures.push({ rule, at, consumer, ...(instrument !== undefined && { instrument }), text });
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
