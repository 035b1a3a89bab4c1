import type { Tick } from '@kite/protocol';

import type { Item, Origin } from '../client/client.js';
import { hadEnded, hasComeBack, wasUnsubscribed } from '../run/wire-log.js';
import { countWhile } from './count-while.js';
import type { Marker } from './drops.js';
import type { Facts } from './facts.js';
import type { Failure, Rule } from './failure.js';
import { judgeDrops } from './judge-drops.js';
import { LostPlaces } from './lost-places.js';
import { type Lost, type OwnDelivery, type ReadStream, told, UNKNOWN } from './read-stream.js';
import type { Reference } from './reference.js';
import { ReportedGap } from './reported-gap.js';
import { isSameState } from './same-state.js';
import { keyOf, type SentState, wasSentTooLate } from './sent-states.js';
import { fedUntil, sourceOf, type StreamRecord, timeOf, wasUnheard } from './stream-record.js';

/** A state is delivered within this time, unless its consumer is slow: one unwanted sooner may be left out. */
export const HANDED_OVER_MS = 30_000;

type Ticks = Extract<Item, { type: 'ticks' }>;

/**
 * Judges what one consumer received. Each state that the server sent comes once and in order, or lies in a gap for its
 * instrument that was reported before anything newer, or in a drop counted for the consumer in the right place.
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
  readonly #deliveries: OwnDelivery[] = [];
  /** The same by instrument. */
  readonly #deliveriesOf = new Map<number, OwnDelivery[]>();
  readonly #gaps: ReportedGap[] = [];
  readonly #lost: Pick<Lost, 'state' | 'noticedAt'>[] = [];
  readonly #markers: (Marker & { at: number })[] = [];
  /** States that no consumer is owed: their instrument had moved to another connection. */
  readonly #unowed = new Set<SentState>();
  readonly #movedAway = new Set<SentState>();
  /** States that came, need not be delivered and were not: a drop may count them. */
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
    const places = new LostPlaces(this.#record, this.#facts, this.#deliveries, this.#deliveriesOf);
    const lost = this.#lost.map((one) => ({
      ...one,
      ...places.of(one.state),
      source: this.#sourceOf(one.state),
    }));
    const drops = {
      lost,
      markers: this.#markers,
      free: this.#free,
      isJudgedToItsEnd: this.#isJudgedToItsEnd,
    };
    this.#failures.push(...judgeDrops(this.#record, drops, this.#facts, this.#reference));
    return {
      record: this.#record,
      deliveries: this.#deliveries,
      gaps: this.#gaps,
      lost,
      unowed: this.#unowed,
      movedAway: this.#movedAway,
      failures: this.#failures,
    };
  }

  /** A consumer that closes its channel gives up the items left in it. */
  get #isJudgedToItsEnd(): boolean {
    const { endedBy } = this.#record;
    return endedBy !== 'consumer' && endedBy !== 'overflow';
  }

  #delivered(tick: Tick, at: number, item: Ticks, position: number): void {
    const token = tick.instrumentToken;
    const states = this.#facts.sent.of(token);
    const next = this.#next.get(token) ?? 0;
    const index = this.#find(tick, states, next, at, item);
    const last = this.#deliveriesOf.get(token)?.at(-1);
    const before = last?.state;
    if (index === undefined) {
      if (last && this.#wasEarlier(last, tick, item))
        this.#noteDelivery({ state: before!, position, at, earlier: [] });
      else this.#judgeStray(tick, states, next, at);
      return;
    }
    const state = states[index]!;
    const skipped = states.slice(next, index);
    const homes = [item.from, ...this.#homesOf(skipped)];
    for (const one of skipped) {
      if (isOfOldConnection(one, before, state)) this.#unowed.add(one);
      this.#skipped(one, at, homes);
    }
    this.#next.set(token, index + 1);
    const isGathered = this.#record.plan.overflow === 'conflate';
    const earlier = states
      .slice(next, index)
      .filter((one) => isGathered && one.arrival && isSameState(tick, one.packet) && this.#isOf(one, item));
    this.#noteDelivery({ state, position, at, earlier });
    this.#judgeOrigin(state, at, item.from);
    if (!this.#isTime(state, item.receivedAt))
      this.#fail('origin-wrong', at, token, `received at ${item.receivedAt}, it says`);
  }

  /** The connections that brought these states. One that an instrument joined and left may have reported both gaps. */
  #homesOf(states: readonly SentState[]): Origin[] {
    const homes = new Map<number, Origin>();
    for (const { account, connectionId, arrival } of states) {
      const channelId = this.#facts.channels.get(connectionId);
      if (arrival && channelId !== undefined) homes.set(connectionId, { account, channelId });
    }
    return [...homes.values()];
  }

  #judgeOrigin({ token, account, connectionId }: SentState, at: number, from: Origin): void {
    const channelId = this.#facts.channels.get(connectionId) ?? from.channelId;
    if (account === from.account && channelId === from.channelId) return;
    const [said, right] = [from, { account, channelId }].map(sourceOf);
    this.#fail('origin-wrong', at, token, `it says ${said}, and came over ${right}`);
  }

  /** The state that this tick is, by its bytes and its stated arrival time. */
  #find(
    tick: Tick,
    states: readonly SentState[],
    from: number,
    at: number,
    { receivedAt, from: origin }: Ticks,
  ): number | undefined {
    const cameBy = this.#facts.wire.cameAt(receivedAt, at) ?? at;
    let found: number | undefined;
    let gathered: number | undefined;
    let ofAnother: number | undefined;
    for (let index = from; index < states.length; index++) {
      const state = states[index]!;
      if (state.at > cameBy) break;
      // Data over a socket opened after a stop is in another channel, though the clock may have shown its time before.
      if ((state.socket?.dialledAt ?? 0) > (this.#record.stoppedAt ?? Infinity)) break;
      const { arrival } = state;
      if (!arrival || arrival.at > cameBy || !isSameState(tick, state.packet)) continue;
      // When an instrument moves, both connections may bring the same state, even in one millisecond.
      const isOfSource = this.#sourceOf(state) === sourceOf(origin);
      if (arrival.wall === receivedAt) {
        if (isOfSource) return index;
        ofAnother ??= index;
      }
      // It was gathered with newer ones, and has the time of the newest.
      else if (isOfSource && this.#isTime(state, receivedAt)) gathered = index;
      else found = index;
    }
    return gathered ?? ofAnother ?? found;
  }

  /**
   * Whether the tick is the state that the last delivery was taken for. That delivery was then an earlier state with
   * the same bytes, gathered with newer ones.
   */
  #wasEarlier(last: OwnDelivery, tick: Tick, item: Ticks): boolean {
    const { state } = last;
    if (last.earlier.length === 0 || !isSameState(tick, state.packet) || !this.#isOf(state, item))
      return false;
    const earlier = last.earlier.pop()!;
    const place = this.#lost.findIndex((one) => one.state === earlier);
    if (place >= 0) this.#lost.splice(place, 1);
    else this.#free--;
    last.state = earlier;
    return true;
  }

  /** Whether the state may be in this item: from the same connection, and no later than the item's newest state. */
  #isOf(state: SentState, { receivedAt, from }: Ticks): boolean {
    return this.#sourceOf(state) === sourceOf(from) && this.#isTime(state, receivedAt);
  }

  /** Reports a tick that is none of the states that may come. */
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

  /** Judges a skipped state. `next` are the connections that brought newer ones. */
  #skipped(state: SentState, noticedAt: number, next: readonly Origin[]): void {
    const { wanted } = this.#facts;
    const { from } = this.#record;
    const { token } = state;
    const { arrival } = state;
    if (arrival && arrival.at > fedUntil(this.#record)) {
      if (this.#isLastWord(state)) this.#free++;
      return;
    }
    if (wasUnheard(this.#record, this.#reference?.of(state)?.at)) return;
    if (this.#isCopy(state) || this.#hadLeft(state)) this.#unowed.add(state);
    if (this.#unowed.has(state) || this.#reference?.isUnowed(state)) {
      if (arrival) this.#free++;
      return;
    }
    if (!arrival) {
      if (state.at <= from || wasSentTooLate(state) || wasGivenUp(state)) return;
      if (!wanted.throughout(token, state.at, noticedAt)) return;
      // The stop closed its connection, and reports no gap for states on their way.
      if (noticedAt === Infinity && (this.#record.endedBy !== undefined || this.#facts.isDownAtEnd)) return;
      if (noticedAt === Infinity && this.#isBehindAllBatches(state)) return;
      if (!this.#isInGap(state, next))
        this.#fail(
          'lost',
          timeOf(this.#record, noticedAt),
          token,
          `${told(state)}, and it did not reach the client`,
        );
      return;
    }
    const isOwed =
      arrival.at > from &&
      !this.#hadMovedBefore(state) &&
      !this.#isOfEndedWant(state, arrival.at) &&
      wanted.throughout(token, state.at, Math.min(noticedAt, arrival.at + HANDED_OVER_MS));
    if (!isOwed || this.#isInGap(state, next)) this.#free++;
    else this.#lost.push({ state, noticedAt });
  }

  /**
   * For the reader of one connection: the instrument was no longer subscribed there when the state came, or when the
   * main thread read it. The new connection reports the gap of a move.
   */
  #hadLeft(state: SentState): boolean {
    const { socket, token, at, arrival } = state;
    if (this.#record.plan.kind !== 'connection' || !arrival) return false;
    return (
      wasUnsubscribed(socket, token, { sentAt: at, cameAt: arrival.at }) ||
      (this.#reference?.hasMovedAway(state) ?? false)
    );
  }

  /** The instrument was gone from this connection when the consumer began: the gap of the move was told before that. */
  #hadMovedBefore({ socket, token, at }: SentState): boolean {
    const { from } = this.#record;
    return at <= from && wasUnsubscribed(socket, token, { sentAt: at, cameAt: from });
  }

  /**
   * The program gave the instrument up, and wants it anew: what this socket was still sent for the old request, which the server
   * had not heard the end of, is owed no more.
   */
  #isOfEndedWant({ socket, token, at }: SentState, cameAt: number): boolean {
    const by = this.#facts.wanted.since(token, cameAt);
    return by !== undefined && hadEnded(socket, token, { by, sentAt: at });
  }

  /** After a move, the old connection may still get what the new one brings: a consumer is owed it once. */
  #isCopy(state: SentState): boolean {
    const states = this.#facts.sent.of(state.token);
    // The client may have given it up there, and asked for it anew: the server sends it once for each request.
    const isAnew = (other: SentState): boolean =>
      keyOf(other.packet) === keyOf(state.packet) &&
      hasComeBack(state.socket, state.token, other.arrival?.at ?? other.at);
    const isOne = (other: SentState): boolean =>
      other.arrival !== undefined &&
      other.change === state.change &&
      (other.connectionId !== state.connectionId || isAnew(other));
    // The last copy that came stands for all, else the last copy, unless an earlier one was delivered.
    // A list of one connection's states leaves out some places.
    const place = countWhile(states, ({ index }) => index < state.index);
    for (let at = place + 1; at < states.length; at++) {
      const other = states[at]!;
      if (other.change > state.change && other.at > state.at) break;
      if (isOne(other) && (other.arrival || !state.arrival)) return true;
    }
    for (let at = place - 1; at >= 0 && !state.arrival; at--) {
      const other = states[at]!;
      if (other.change < state.change && other.at < state.at) break;
      if (isOne(other) && other.arrival) return true;
    }
    const deliveries = this.#deliveriesOf.get(state.token) ?? [];
    for (let at = deliveries.length - 1; at >= 0; at--) {
      const other = deliveries[at]!.state;
      if (other.change < state.change && other.at < state.at) break;
      if (isOne(other)) return true;
    }
    return false;
  }

  /**
   * Whether it came while the program stopped its manager, and was handed to the consumer that reads everything: an I/O worker
   * that was behind still passes on what waited for it. A full channel counts what it drops of that.
   */
  #isLastWord(state: SentState): boolean {
    const { stoppedAt } = this.#record;
    if (stoppedAt === undefined || !state.arrival || state.arrival.at <= stoppedAt) return false;
    return (state.socket?.dialledAt ?? 0) <= stoppedAt && this.#reference?.of(state) !== undefined;
  }

  /** Judges the states after the last delivery: all of them had time to arrive. */
  #judgeTail(): void {
    for (const token of this.#facts.sent.tokens) {
      const states = this.#facts.sent.of(token);
      for (let index = this.#next.get(token) ?? 0; index < states.length; index++) {
        const state = states[index]!;
        if (state.at <= fedUntil(this.#record)) this.#skipped(state, Infinity, []);
        else if (this.#isLastWord(state)) this.#free++;
      }
    }
  }

  #isInGap(state: SentState, next: readonly Origin[]): boolean {
    const covering = this.#gaps.filter((gap) => gap.covers(state, next, this.#facts));
    if (covering.length > 0 && covering.every(({ from }) => sourceOf(from) !== this.#sourceOf(state)))
      this.#movedAway.add(state);
    return covering.length > 0;
  }

  /** For a reader of batches: a gap comes with the connection's next batch; after the last one none is reported. */
  #isBehindAllBatches(state: SentState): boolean {
    if (this.#record.plan.kind !== 'ticks') return false;
    const source = this.#sourceOf(state);
    return !this.#deliveries.some((one) => one.state.at > state.at && this.#sourceOf(one.state) === source);
  }

  #noteDelivery(delivery: OwnDelivery): void {
    const { token } = delivery.state;
    this.#deliveries.push(delivery);
    const ofToken = this.#deliveriesOf.get(token);
    if (ofToken) ofToken.push(delivery);
    else this.#deliveriesOf.set(token, [delivery]);
  }

  /** Ticks carry the time at which a frame reached the socket: their own, or the newest one gathered with them. */
  #isTime(state: SentState, receivedAt: number): boolean {
    if (state.arrival?.wall === receivedAt) return true;
    return (state.socket?.upToAt.get(receivedAt) ?? 0) > state.order;
  }

  #sourceOf({ account, connectionId }: SentState): string {
    const channelId = this.#facts.channels.get(connectionId);
    return channelId === undefined ? UNKNOWN : sourceOf({ account, channelId });
  }

  #fail(rule: Rule, at: number, instrument: number, text: string): void {
    this.#failures.push({ rule, at, consumer: this.#record.consumer, instrument, text });
  }
}

/**
 * Whether the instrument had moved to another connection before the state was sent, and stayed there. The server did
 * not know yet, so the old connection brings unwanted data.
 */
function isOfOldConnection(state: SentState, before: SentState | undefined, after: SentState): boolean {
  return before?.connectionId === after.connectionId && state.connectionId !== after.connectionId;
}

/** Whether the client had unsubscribed the instrument there before the server, still unaware, sent the state. */
function wasGivenUp({ socket, token, at }: SentState): boolean {
  return wasUnsubscribed(socket, token, { sentAt: at, cameAt: at });
}
