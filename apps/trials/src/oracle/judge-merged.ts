import type { Tick } from '@kite/protocol';

import type { WireLog } from '../run/wire-log.js';
import type { Arrivals, PacketArrival } from './arrivals.js';
import type { Asked } from './asked.js';
import { BarePrices } from './bare-prices.js';
import type { Failure, Rule } from './failure.js';
import { HandedOver } from './handed-over.js';
import type { Deliveries, Delivery } from './judge-follower.js';
import { HANDED_OVER_MS } from './judge-stream.js';
import { MergedGaps } from './merged-gaps.js';
import type { Copy, Form, MergedState, MergedStates } from './merged-states.js';
import type { Pauses } from './pauses.js';
import { BEHIND_MS, LTP_BYTES, priceOf, PriceOrder } from './price-order.js';
import type { StreamRecord } from './stream-record.js';
import type { TickKeys } from './tick-keys.js';
import { Twins } from './twins.js';
import type { Wanted } from './wanted.js';

/** What a merged stream is judged by. */
export interface MergedFacts {
  readonly sent: Pick<MergedStates, 'tokens' | 'of'>;
  readonly wire: WireLog;
  readonly arrivals: Arrivals;
  readonly wanted: Wanted;
  readonly asked: Asked;
  readonly keys: TickKeys;
  readonly pauses: Pauses;
  /** The longest time a message takes through the network, in milliseconds. */
  readonly longestWayMs: number;
  /** Whether each account has an I/O worker: one may be far behind another in handing over what it received. */
  readonly hasWorkers: boolean;
}

/** How long a state may wait for its turn: `replicaWaitMs`. */
const WAIT_MS = 300;

/** An I/O worker hands over what it received within this time, in milliseconds. */
const FROM_WORKER_MS = 5;

/** How long a tick that arrived before a channel was opened may wait before it enters the channel, in milliseconds. */
const HELD_MS = 10_000;

/** The most breaches of one rule and consumer that are reported. */
const MOST_TOLD = 20;

/** The verdict on a merged stream. */
export interface MergedVerdict {
  readonly failures: readonly Failure[];
  readonly deliveries: Deliveries;
}

/** The first arrival of a state that was not delivered. */
interface Skipped extends PacketArrival {
  readonly account: string;
}

/** A state that a gap must report. */
interface Late {
  readonly state: MergedState;
  /** Undefined: it never came. */
  readonly skipped: Skipped | undefined;
}

/** How far the stream of one instrument has got. */
interface Place {
  /** The last delivered state. */
  index: number;
  /** Its delivered forms, and when each came last. */
  readonly forms: Map<string, number>;
  /** The last delivered packet. */
  last: string;
  /** Skipped states that could not yet be known as lost. */
  readonly late: Late[];
  /** The position of bare prices, while they may be delivered; undefined: they continue from the last state. */
  prices: PriceOrder | undefined;
  readonly twins: Twins;
  /** An older state that the last delivered packet may have shown as well. */
  older: number | undefined;
}

/**
 * Judges what one consumer received of instruments that several accounts stream. There is one sequence of states. Each
 * state that reached the client on any account is delivered once, in order and in the largest form that came, or lies
 * in a gap or a drop. A state that came after a newer one may be skipped, if a gap reports it.
 *
 * A bare price does not always identify its state. In `ltp` mode, prices come in the market's order, and each price is
 * delivered or reported as often as it occurred.
 */
export function judgeMerged(stream: StreamRecord, facts: MergedFacts): MergedVerdict {
  return new MergedJudge(stream, facts).judge();
}

class MergedJudge {
  readonly #stream: StreamRecord;
  readonly #facts: MergedFacts;
  readonly #failures: Failure[] = [];
  readonly #told = new Map<Rule, number>();
  readonly #places = new Map<number, Place>();
  readonly #gaps: MergedGaps;
  readonly #handedOver = new HandedOver();
  readonly #deliveries = new Map<number, Delivery[]>();
  readonly #prices: BarePrices;
  readonly #missing: { readonly state: MergedState; readonly noticedAt: number }[] = [];
  #dropped = 0;

  constructor(stream: StreamRecord, facts: MergedFacts) {
    this.#stream = stream;
    this.#facts = facts;
    this.#gaps = new MergedGaps(facts.arrivals, facts.wire.wall);
    this.#prices = new BarePrices(facts, {
      rememberedFrom: (at) => this.#rememberedFrom(at),
      waitedUntil: (cameAt) => this.#waitedUntil(cameAt),
      isReported: (state) => this.#gaps.has(state),
    });
  }

  judge(): MergedVerdict {
    const { items, to } = this.#stream;
    for (const { at, item } of items) {
      if (item.type === 'gap') this.#gaps.reported(item.gap, item.from.account, at);
      else if (item.type === 'dropped') this.#dropped += item.count;
      else if (item.type === 'ticks')
        for (const tick of item.ticks) this.#delivered(tick, at, item.from.account);
    }
    if (to === undefined) for (const token of this.#facts.sent.tokens) this.#ended(token);
    this.#accountForMissing();
    return { failures: this.#failures, deliveries: this.#deliveries };
  }

  #delivered(tick: Tick, at: number, account: string): void {
    const token = tick.instrumentToken;
    const key = this.#facts.keys.of(tick);
    const states = this.#facts.sent.of(token);
    const place = this.#placeOf(token);
    const { from } = this.#stream;
    this.#prices.note(token, key, at);
    const priced = this.#isPriced(token, at) ? this.#pricedIndexOf(states, key, place, at) : undefined;
    const surely =
      this.#indexOf(states, key, place, at, from, account) ??
      this.#indexOf(states, key, place, at, from) ??
      this.#indexOf(states, key, place, at, from - HELD_MS);
    if (surely === undefined && place.older !== undefined && this.#goBack(states, key, place, at)) {
      this.#delivered(tick, at, account);
      return;
    }
    const isForgotten =
      surely !== undefined && priced !== undefined && states[surely]!.until < this.#rememberedFrom(at);
    const index = isForgotten ? priced : (surely ?? (key.length <= LTP_BYTES ? priced : undefined));
    if (index === undefined) {
      if (!place.twins.seemsToFollow(place.index, key, account))
        this.#outOfPlace(states, key, place, at, token);
      this.#noteDelivery(token, { key, at, state: undefined });
      return;
    }
    const wasShown =
      priced === undefined
        ? states[index]!.forms.get(key)!.copies.some((copy) => copy.account === account)
        : this.#hasShown(states, Math.min(index, priced), key, at, account);
    if (!wasShown) this.#fail('origin-wrong', at, token, `it did not come over ${account}`);
    this.#noteHandedOver(states[index]!, key, at, account);
    if (priced === undefined || index < priced) place.prices = undefined;
    else this.#prices.delivered(states[index]!);
    if (index > place.index) {
      const older = place.twins.first(key, place.index, at);
      place.older = older !== undefined && older < index ? older : undefined;
      this.#leave(states, place, index, at, key);
    }
    if (index !== place.index) place.forms.clear();
    place.index = index;
    place.twins.delivered(index, key, at);
    place.last = key;
    place.forms.set(key, at);
    this.#noteDelivery(token, { key, at, state: states[index] });
  }

  /**
   * The last delivered packet showed an older state, which looks the same, if this packet is of a state between the two.
   * Returns whether it is.
   */
  #goBack(states: readonly MergedState[], key: string, place: Place, at: number): boolean {
    const older = place.older!;
    place.older = undefined;
    const between = place.twins.first(key, older, at);
    if (between === undefined || between > place.index || !states[between]!.arrival) return false;
    place.index = older;
    place.twins.delivered(older, place.last, at);
    return true;
  }

  #noteHandedOver({ forms }: MergedState, key: string, at: number, account: string): void {
    const copies = (forms.get(key)?.copies ?? []).filter((copy) => copy.account === account);
    const first = this.#firstArrival(copies);
    if (first && first.at <= at) this.#handedOver.note(account, first, at);
  }

  /** Whether the program may have wanted only prices of late. */
  #isPriced(token: number, at: number): boolean {
    const { asked, longestWayMs } = this.#facts;
    return asked.leastBytes(token, at - longestWayMs, at) <= LTP_BYTES;
  }

  #pricedIndexOf(states: readonly MergedState[], key: string, place: Place, at: number): number | undefined {
    place.prices ??= new PriceOrder(states, place.index, place.last.length);
    return place.prices.next(key, at, this.#rememberedFrom(at));
  }

  /** Whether the account has sent this packet, for the state at this position or a newer one. */
  #hasShown(states: readonly MergedState[], from: number, key: string, at: number, account: string): boolean {
    const { arrivals } = this.#facts;
    for (let index = from; index < states.length && states[index]!.at <= at; index++)
      for (const copy of states[index]!.forms.get(key)?.copies ?? []) {
        const arrival = copy.account === account && arrivals.ofPacket(copy.connectionId, copy.order);
        if (arrival && arrival.at <= at) return true;
      }
    return false;
  }

  /**
   * The first state, from the last one on, that this may be. It had reached the client by then and after `from`; over
   * this account, if given.
   */
  #indexOf(
    states: readonly MergedState[],
    key: string,
    place: Place,
    at: number,
    from: number,
    account?: string,
  ): number | undefined {
    for (let index = Math.max(place.index, 0); index < states.length; index++) {
      const state = states[index]!;
      if (state.at > at) return undefined;
      const form = state.forms.get(key);
      if (!form?.arrival || form.arrival.at > at) continue;
      if (account !== undefined && !form.copies.some((copy) => copy.account === account)) continue;
      if (place.index < 0 && this.#lastArrival(form) < from) continue;
      const before = index === place.index ? place.forms.get(key) : undefined;
      if (before === undefined || this.#mayComeAgain(state, key, before, at)) return index;
    }
    return undefined;
  }

  /** The program has asked for it since, or every account had lost it and started again. */
  #mayComeAgain({ token, forms }: MergedState, key: string, from: number, to: number): boolean {
    const { asked, arrivals } = this.#facts;
    if (asked.between(token, from, to)) return true;
    const carriers = arrivals.carriersOf(token);
    return forms.get(key)!.copies.some(({ connectionId, order }) => {
      const arrival = arrivals.ofPacket(connectionId, order);
      if (!arrival || arrival.at <= from || arrival.at > to) return false;
      const own = carriers.find((carrier) => carrier.connectionId === connectionId)!;
      return own.from > from && carriers.every((other) => other.from >= own.from || other.to <= own.from);
    });
  }

  #outOfPlace(states: readonly MergedState[], key: string, place: Place, at: number, token: number): void {
    let before = place.index;
    while (before >= 0 && !states[before]!.forms.has(key)) before--;
    // The previous state has the same bytes: the two look alike.
    if (before >= 0 && before === place.index && states[before - 1]?.forms.has(key)) return;
    const sentAt = states[before]?.at;
    if (sentAt === undefined) this.#fail('invented', at, token, 'this state was never sent');
    else if (before === place.index) this.#fail('repeated', at, token, `sent at ${sentAt}`);
    else {
      const newer = states[place.index]!.at;
      this.#fail('turned-back', at, token, `sent at ${sentAt}, after one of ${newer}`);
    }
  }

  /** Judges the states before a newly delivered one. */
  #leave(states: readonly MergedState[], place: Place, newer: number, at: number, key: string): void {
    const newerCame = states[newer]!.arrival;
    for (let index = Math.max(place.index, 0); index < newer; index++) {
      const state = states[index]!;
      const missing = this.#missingOf(state, index === place.index ? place.forms : undefined, place.last, at);
      // The same bytes are delivered now: it shows nothing else.
      if (missing === undefined || state.forms.has(key)) continue;
      const late = { state, skipped: missing ?? undefined };
      const isOvertaken = missing && newerCame && missing.sequence > newerCame.sequence;
      if (isOvertaken || this.#dueAt(late) >= at) place.late.push(late);
      else if (!this.#gaps.has(state)) this.#missing.push({ state, noticedAt: at });
    }
    this.#judgeLate(place, at, newerCame?.at ?? at);
  }

  /** The time from which the client remembers arrivals: it forgets nothing while asleep. */
  #rememberedFrom(at: number): number {
    return this.#facts.pauses.awakeSince(at, BEHIND_MS);
  }

  /** A state must be reported before anything that reaches the client after this time. */
  #dueAt({ state, skipped }: Late): number {
    if (!skipped) return this.#knownAt(state);
    const waitedUntil = this.#waitedUntil(skipped.at);
    if (!this.#facts.hasWorkers) return waitedUntil;
    const handedAt = this.#handedOver.at(skipped.account, skipped);
    if (handedAt === undefined) return Math.max(waitedUntil, skipped.at + HANDED_OVER_MS);
    return Math.max(waitedUntil, this.#facts.pauses.awakeAt(handedAt + FROM_WORKER_MS));
  }

  /** When something that came then stops waiting for its turn: it waits on while the client is asleep or busy. */
  #waitedUntil(cameAt: number): number {
    const { pauses } = this.#facts;
    const waitedMs = WAIT_MS + FROM_WORKER_MS;
    return pauses.awakeAt(cameAt + waitedMs + pauses.between(cameAt, cameAt + waitedMs));
  }

  #judgeLate({ late }: Place, at: number, now: number): void {
    for (const one of late.splice(0)) {
      const dueAt = this.#dueAt(one);
      if (now <= dueAt) late.push(one);
      else if (this.#isOwedUntil(one, dueAt) && !this.#gaps.has(one.state))
        this.#missing.push({ state: one.state, noticedAt: at });
    }
  }

  /** What still waited when the instrument was unsubscribed may be given up. */
  #isOwedUntil({ state, skipped }: Late, dueAt: number): boolean {
    return !skipped || this.#facts.wanted.throughout(state.token, state.at, dueAt);
  }

  #ended(token: number): void {
    const states = this.#facts.sent.of(token);
    const place = this.#placeOf(token);
    const last = states.at(-1)!.at;
    for (let index = Math.max(place.index, 0); index < states.length; index++) {
      const state = states[index]!;
      const forms = index === place.index ? place.forms : undefined;
      if (this.#missingOf(state, forms, place.last, Infinity) !== undefined && !this.#gaps.has(state))
        this.#missing.push({ state, noticedAt: last });
    }
    this.#judgeLate(place, last, Infinity);
  }

  /** The first arrival of a state's missing form, null if none of it came; undefined: nothing is missing. */
  #missingOf(
    state: MergedState,
    delivered: ReadonlyMap<string, unknown> | undefined,
    last: string,
    until: number,
  ): Skipped | null | undefined {
    const { wanted, asked, longestWayMs } = this.#facts;
    // States under way when the channel opened, or the instrument left, may come or not.
    const handedBy = state.arrival ? Math.min(state.arrival.at + HANDED_OVER_MS, until) : until;
    const wantedUntil = Math.max(state.at + longestWayMs, handedBy);
    if (state.at < this.#stream.from || !wanted.throughout(state.token, state.at, wantedUntil))
      return undefined;
    if (!state.arrival) return this.#isOutage(state) ? null : undefined;
    let had = 0;
    for (const key of delivered?.keys() ?? []) had = Math.max(had, key.length);
    const enough = asked.leastBytes(state.token, state.at - longestWayMs, until);
    // Only the price is wanted, and it was shown.
    const [one] = state.forms.keys();
    if (enough <= LTP_BYTES && priceOf(one!) === priceOf(last)) return undefined;
    // It shows nothing new: the same bytes were delivered just before.
    if (state.forms.has(last)) had = Math.max(had, last.length);
    let missing: Skipped | undefined;
    for (const [key, { copies }] of state.forms) {
      const arrival = this.#owedArrival(state, key, copies);
      if (!arrival || key.length <= had || (had > 0 && had >= enough)) continue;
      if (!missing || arrival.sequence < missing.sequence) missing = arrival;
    }
    return missing;
  }

  /**
   * The first arrival on a connection that held the instrument then, unless it looks like one of another state;
   * undefined: none.
   */
  #owedArrival(state: MergedState, key: string, copies: Form['copies']): Skipped | undefined {
    const { token } = state;
    const { twins } = this.#placeOf(token);
    const position = this.#facts.sent.of(token).indexOf(state);
    return this.#firstArrival(
      copies,
      (copy, { at }) =>
        this.#facts.arrivals.wasUnsubscribed(copy.connectionId, token, at) ||
        twins.isLikeAnother(position, key, copy),
    );
  }

  #firstArrival(
    copies: Form['copies'],
    isExcepted?: (copy: Copy, arrival: PacketArrival) => boolean,
  ): Skipped | undefined {
    let first: Skipped | undefined;
    for (const copy of copies) {
      const arrival = this.#facts.arrivals.ofPacket(copy.connectionId, copy.order);
      if (!arrival || isExcepted?.(copy, arrival)) continue;
      if (!first || arrival.sequence < first.sequence) first = { ...arrival, account: copy.account };
    }
    return first;
  }

  /** The state was sent while no connection of the client brought the instrument, although one was promised. */
  #isOutage({ token, at, forms }: MergedState): boolean {
    const { arrivals } = this.#facts;
    const copies = [...forms.values()].flatMap((form) => form.copies);
    if (copies.every(({ connectionId }) => arrivals.hadEnded(connectionId, at))) return false;
    const isOwn = (id: number): boolean => copies.some(({ connectionId }) => connectionId === id);
    return !arrivals
      .carriersOf(token)
      .some(({ connectionId, sentFrom, to }) => sentFrom <= at && to > at && !isOwn(connectionId));
  }

  /** When a state is known as lost: the last connection that it was sent over has ended for the client too. */
  #knownAt({ forms }: MergedState): number {
    const { arrivals } = this.#facts;
    const copies = [...forms.values()].flatMap((form) => form.copies);
    return Math.max(...copies.map(({ connectionId }) => arrivals.leftAt(connectionId)));
  }

  /** It was delivered after all, or all that came of it looks like copies of others. */
  #hasCome(state: MergedState): boolean {
    const { token, forms, arrival } = state;
    const position = this.#facts.sent.of(token).indexOf(state);
    if (this.#placeOf(token).twins.wasDelivered(position)) return true;
    if (!arrival) return false;
    return [...forms].every(([key, { copies }]) => this.#owedArrival(state, key, copies) === undefined);
  }

  #noteDelivery(token: number, delivery: Delivery): void {
    const list = this.#deliveries.get(token);
    if (list) list.push(delivery);
    else this.#deliveries.set(token, [delivery]);
  }

  #accountForMissing(): void {
    const missing = this.#missing.filter(
      ({ state }) => !this.#prices.accountFor(state) && !this.#hasCome(state),
    );
    const unaccounted = missing.slice(this.#dropped);
    for (const { state, noticedAt } of unaccounted.slice(0, 5)) {
      const ids = [...state.forms.values()].flatMap(({ copies }) => copies.map((copy) => copy.account));
      const accounts = [...new Set(ids)].join(', ');
      this.#fail(
        'lost',
        noticedAt,
        state.token,
        `sent at ${state.at} to ${accounts}; ${unaccounted.length} like it, ${this.#dropped} dropped`,
      );
    }
  }

  #lastArrival({ copies }: Form): number {
    const times = copies.map(
      ({ connectionId, order }) => this.#facts.arrivals.ofPacket(connectionId, order)?.at ?? -Infinity,
    );
    return Math.max(...times);
  }

  #placeOf(token: number): Place {
    let place = this.#places.get(token);
    if (!place)
      this.#places.set(
        token,
        (place = {
          index: -1,
          forms: new Map(),
          last: '',
          late: [],
          prices: undefined,
          twins: new Twins(this.#facts.sent.of(token), ({ connectionId, order }) => {
            const arrival = this.#facts.arrivals.ofPacket(connectionId, order);
            return arrival && this.#waitedUntil(arrival.at);
          }),
          older: undefined,
        }),
      );
    return place;
  }

  #fail(rule: Rule, at: number, instrument: number, text: string): void {
    const told = this.#told.get(rule) ?? 0;
    this.#told.set(rule, told + 1);
    if (told < MOST_TOLD)
      this.#failures.push({ rule, at, consumer: this.#stream.consumer, instrument, text });
  }
}
