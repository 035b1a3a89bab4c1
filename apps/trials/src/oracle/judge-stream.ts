import type { Tick } from '@kite/protocol';

import type { Item, Origin } from '../client/client.js';
import { countWhile } from './count-while.js';
import { type LostState, type Marker, unaccounted, unaccountedBySource } from './drops.js';
import type { Facts } from './facts.js';
import type { Failure, Rule } from './failure.js';
import type { Reference } from './reference.js';
import { ReportedGap } from './reported-gap.js';
import { isSameState } from './same-state.js';
import { type SentState, wasSentTooLate } from './sent-states.js';
import { fedUntil, sourceOf, type StreamRecord } from './stream-record.js';

/** A state is handed over in this time, unless its consumer is slow: what is unwanted sooner may stay away. */
const HANDED_OVER_MS = 30_000;

/** A flood of breaches of one kind says no more than its first ones. */
const MOST_TOLD = 5;

/** Nothing of the connection was ever handed over. */
const UNKNOWN = '';

/** A state that was handed over, and where. */
export interface Delivery {
  readonly state: SentState;
  readonly position: number;
  readonly at: number;
}

/** A stream as the oracle has understood it. */
export interface ReadStream {
  readonly record: StreamRecord;
  readonly deliveries: readonly Delivery[];
  readonly gaps: readonly ReportedGap[];
  /** What came to the client and was not handed over, in no gap. */
  readonly lost: readonly Lost[];
  readonly failures: readonly Failure[];
}

/** A state that came to the client, and was not handed over. */
export interface Lost extends LostState {
  readonly state: SentState;
  readonly noticedAt: number;
}

type Ticks = Extract<Item, { type: 'ticks' }>;

/**
 * Judges what one consumer was handed: each state that the server sent once and in order, or in a gap that was reported
 * before anything newer and concerns the instrument, or in a drop that was counted for the consumer in its place.
 */
export function judgeStream(record: StreamRecord, facts: Facts, reference?: Reference): ReadStream {
  return new StreamJudge(record, facts, reference).judge();
}

class StreamJudge {
  readonly #record: StreamRecord;
  readonly #facts: Facts;
  readonly #reference: Reference | undefined;
  readonly #failures: Failure[] = [];
  /** By instrument, the first of the sent states that may come next. */
  readonly #next = new Map<number, number>();
  readonly #deliveries: Delivery[] = [];
  /** The same by instrument. */
  readonly #deliveriesOf = new Map<number, Delivery[]>();
  readonly #gaps: ReportedGap[] = [];
  readonly #lost: Pick<Lost, 'state' | 'noticedAt'>[] = [];
  readonly #markers: (Marker & { at: number })[] = [];
  /** By connection, the newest packet that was handed over, and where. */
  readonly #newest = new Map<number, { order: number; position: number }[]>();
  /** States that came and need not be handed over, and were not: a drop may count them. */
  #free = 0;

  constructor(record: StreamRecord, facts: Facts, reference: Reference | undefined) {
    this.#record = record;
    this.#facts = facts;
    this.#reference = reference;
  }

  judge(): ReadStream {
    this.#record.items.forEach(({ at, item }, position) => {
      if (item.type === 'gap')
        this.#gaps.push(new ReportedGap(item.gap, item.from, position, at, this.#facts.wire.wall));
      else if (item.type === 'dropped')
        this.#markers.push({ position, at, count: item.count, source: sourceOf(item.from) });
      else if (item.type === 'ticks')
        for (const tick of item.ticks) this.#delivered(tick, at, item, position);
    });
    if (this.#isJudgedToItsEnd) this.#judgeTail();
    const lost = this.#lost.map((one) => ({
      ...one,
      ...this.#placeOf(one.state),
      source: this.#sourceOf(one.state),
    }));
    this.#judgeDrops(lost);
    return {
      record: this.#record,
      deliveries: this.#deliveries,
      gaps: this.#gaps,
      lost,
      failures: this.#failures,
    };
  }

  /** Who closes a channel lets go of what waits in it. */
  get #isJudgedToItsEnd(): boolean {
    const { endedBy } = this.#record;
    return endedBy !== 'consumer' && endedBy !== 'overflow';
  }

  #delivered(tick: Tick, at: number, item: Ticks, position: number): void {
    const token = tick.instrumentToken;
    const states = this.#facts.sent.of(token);
    const next = this.#next.get(token) ?? 0;
    const index = this.#find(tick, states, next, at, item.receivedAt);
    if (index === undefined) {
      this.#judgeStray(tick, states, next, at);
      return;
    }
    for (let skipped = next; skipped < index; skipped++) this.#skipped(states[skipped]!, at, item.from);
    const state = states[index]!;
    this.#next.set(token, index + 1);
    this.#noteDelivery({ state, position, at });
    this.#judgeOrigin(state, at, item.from);
    if (!this.#isTime(state, item.receivedAt))
      this.#fail('origin-wrong', at, token, `received at ${item.receivedAt}, it says`);
  }

  #judgeOrigin({ token, account, connectionId }: SentState, at: number, from: Origin): void {
    const channelId = this.#facts.channels.get(connectionId) ?? from.channelId;
    if (account === from.account && channelId === from.channelId) return;
    const [said, right] = [from, { account, channelId }].map(sourceOf);
    this.#fail('origin-wrong', at, token, `it says ${said}, and came over ${right}`);
  }

  /** The state that this tick is: by its bytes, and by the time at which it says that it came. */
  #find(
    tick: Tick,
    states: readonly SentState[],
    from: number,
    at: number,
    receivedAt: number,
  ): number | undefined {
    const cameAt = this.#facts.wire.cameAt(receivedAt, at);
    let found: number | undefined;
    for (let index = from; index < states.length; index++) {
      const state = states[index]!;
      if (state.at > (cameAt ?? at)) break;
      const { arrival } = state;
      if (!arrival || arrival.at > (cameAt ?? at) || !isSameState(tick, state.packet)) continue;
      if (state.arrival?.wall === receivedAt) return index;
      // Newer ones have been gathered with it, and the time is that of the newest.
      found = index;
    }
    return found;
  }

  /** Says what a tick is that is none of the states that may come. */
  #judgeStray(tick: Tick, states: readonly SentState[], next: number, at: number): void {
    const token = tick.instrumentToken;
    for (let index = next - 1; index >= 0; index--) {
      if (!isSameState(tick, states[index]!.packet)) continue;
      const sentAt = states[index]!.at;
      if (index === next - 1) this.#fail('repeated', at, token, `sent at ${sentAt}`);
      else this.#fail('turned-back', at, token, `sent at ${sentAt}, after one of ${states[next - 1]!.at}`);
      return;
    }
    const early = states.find((state, index) => index >= next && isSameState(tick, state.packet));
    const why = early ? `sent at ${early.at}, and it has not reached the client` : 'it was never sent';
    this.#fail('invented', at, token, why);
  }

  /** A state that was passed over; `next`: the connection that brought a newer one. */
  #skipped(state: SentState, noticedAt: number, next?: Origin): void {
    const { wanted } = this.#facts;
    const { from } = this.#record;
    const { token } = state;
    const { arrival } = state;
    if (arrival && arrival.at > fedUntil(this.#record)) return;
    if (!arrival) {
      if (state.at <= from || wasSentTooLate(state) || !wanted.throughout(token, state.at, noticedAt)) return;
      // With the stop went its connection: nothing tells what was under way.
      if (noticedAt === Infinity && this.#record.endedBy !== undefined) return;
      if (!this.#isInGap(state, next))
        this.#fail('lost', this.#timeOf(noticedAt), token, `${told(state)}, and it did not reach the client`);
      return;
    }
    const isOwed =
      arrival.at > from &&
      wanted.throughout(token, arrival.at, Math.min(noticedAt, arrival.at + HANDED_OVER_MS));
    if (!isOwed || this.#isInGap(state, next)) this.#free++;
    else this.#lost.push({ state, noticedAt });
  }

  /** What never came: everything had its time. */
  #judgeTail(): void {
    for (const token of this.#facts.sent.tokens) {
      const states = this.#facts.sent.of(token);
      for (let index = this.#next.get(token) ?? 0; index < states.length; index++) {
        const state = states[index]!;
        if (state.at > fedUntil(this.#record)) break;
        this.#skipped(state, Infinity);
      }
    }
  }

  #isInGap(state: SentState, next: Origin | undefined): boolean {
    return this.#gaps.some((gap) => gap.covers(state, next, this.#facts));
  }

  /** Counts and lost states, matched in three steps: how many, where, and from which connection. */
  #judgeDrops(lost: readonly Lost[]): void {
    const markers = this.#markers;
    const total = markers.reduce((sum, { count }) => sum + count, 0);
    const left = unaccounted(lost, markers).sort((a, b) => a.noticedAt - b.noticedAt);
    const missing = lost.length - Math.min(lost.length, total);
    const counted = `${lost.length} are missing, ${total} were counted as dropped`;
    this.#tell(left.slice(0, missing), 'lost', counted);
    this.#tell(left.slice(missing), 'drop-misplaced', 'what was counted stands elsewhere');
    const { plan } = this.#record;
    const isToldApart = lost.every(({ source }) => source !== UNKNOWN);
    if (left.length === 0 && isToldApart && plan.overflow !== 'conflate')
      this.#tell(unaccountedBySource(lost, markers), 'drop-source', 'it was counted for another connection');
    const missingInAll = lost.length + this.#free + this.#lostOthers();
    const last = markers.at(-1);
    if (last && this.#isJudgedToItsEnd && total > missingInAll)
      this.#failures.push({
        rule: 'drop-overcounted',
        at: last.at,
        consumer: this.#record.consumer,
        text: `${total} were counted as dropped, and ${missingInAll} are missing`,
      });
  }

  /** What is no tick and was lost counts as one. */
  #lostOthers(): number {
    const { plan, items, from } = this.#record;
    if (plan.kind !== 'messages' || !this.#reference) return 0;
    const taken = items.filter(({ item }) => item.type !== 'ticks' && item.type !== 'dropped').length;
    const [first, end] = [from, fedUntil(this.#record)].map((at) => this.#reference!.upTo(at)) as [
      number,
      number,
    ];
    return Math.max(0, end - first - this.#reference.ticks(first, end) - taken);
  }

  #tell(lost: readonly Lost[], rule: Rule, why: string): void {
    for (const { state, noticedAt } of lost.slice(0, MOST_TOLD))
      this.#fail(rule, this.#timeOf(noticedAt), state.token, `${told(state)}; ${why}`);
  }

  #noteDelivery(delivery: Delivery): void {
    const { state, position } = delivery;
    const { token, connectionId, order } = state;
    this.#deliveries.push(delivery);
    const ofToken = this.#deliveriesOf.get(token);
    if (ofToken) ofToken.push(delivery);
    else this.#deliveriesOf.set(token, [delivery]);
    let newest = this.#newest.get(connectionId);
    if (!newest) this.#newest.set(connectionId, (newest = []));
    if (order > (newest.at(-1)?.order ?? -1)) newest.push({ order, position });
  }

  /** Between which items a drop may account for a lost state: after what is older, and before what is newer. */
  #placeOf({ token, index, twins, connectionId, order }: SentState): { after: number; before: number } {
    const { first, last } = twins ?? { first: index, last: index };
    const deliveries = this.#deliveriesOf.get(token) ?? [];
    const older = countWhile(deliveries, ({ state }) => state.index < first);
    const newer = countWhile(deliveries, ({ state }) => state.index <= last);
    const after = deliveries[older - 1]?.position ?? -1;
    const before = deliveries[newer]?.position ?? Infinity;
    // Batches of the newest states are not in the order of their connection.
    if (this.#record.plan.overflow === 'conflate' || twins) return { after, before };
    const newest = this.#newest.get(connectionId) ?? [];
    const overtaken = newest[countWhile(newest, (one) => one.order <= order)];
    return { after, before: Math.min(before, overtaken?.position ?? Infinity) };
  }

  /** Ticks are stamped with the time at which a frame reached the socket: their own, or that of the newest one gathered with them. */
  #isTime(state: SentState, receivedAt: number): boolean {
    if (state.arrival?.wall === receivedAt) return true;
    return (state.socket?.upToAt.get(receivedAt) ?? 0) > state.order;
  }

  #sourceOf({ account, connectionId }: SentState): string {
    const channelId = this.#facts.channels.get(connectionId);
    return channelId === undefined ? UNKNOWN : sourceOf({ account, channelId });
  }

  #timeOf(noticedAt: number): number {
    return noticedAt === Infinity ? (this.#record.to ?? this.#record.items.at(-1)?.at ?? 0) : noticedAt;
  }

  #fail(rule: Rule, at: number, instrument: number, text: string): void {
    this.#failures.push({ rule, at, consumer: this.#record.consumer, instrument, text });
  }
}

function told({ at, account, connectionId }: SentState): string {
  return `sent at ${at} over connection ${connectionId} of ${account}`;
}
