import type { Tick } from '@kite/protocol';

import type { Item, Origin } from '../client/client.js';
import { wasUnsubscribed } from '../run/wire-log.js';
import type { Facts } from './facts.js';
import type { Failure, Rule } from './failure.js';
import { HANDED_OVER_MS } from './judge-stream.js';
import type { Pins } from './pins.js';
import { ReportedGap } from './reported-gap.js';
import { isSameState } from './same-state.js';
import { type SentState, wasSentTooLate } from './sent-states.js';
import { fedUntil, sourceOf, type StreamRecord } from './stream-record.js';

/** What the instruments that were ever pinned are judged by. */
export interface PinnedFacts extends Facts {
  readonly pins: Pins;
  /** Whether copies of an instrument are merged: an account's state may come over another one. */
  readonly areMerged: boolean;
}

/** The most breaches that are reported. */
const MOST_TOLD = 5;

/** Of one connection, the newest packet that was delivered. */
type Newest = Map<number, number>;

interface Taken {
  readonly position: number;
  readonly at: number;
}

/**
 * Judges the ticks of instruments that were pinned to accounts. Those of each account are what it sent, once and in
 * order. While an instrument is pinned to an account, each of its states there comes, over this account or another one,
 * or lies in a gap.
 */
export function judgePinned(record: StreamRecord, facts: PinnedFacts): Failure[] {
  return new PinJudge(record, facts).judge();
}

class PinJudge {
  readonly #record: StreamRecord;
  readonly #facts: PinnedFacts;
  readonly #gaps: readonly ReportedGap[];
  readonly #failures: Failure[] = [];

  constructor(record: StreamRecord, facts: PinnedFacts) {
    this.#record = record;
    this.#facts = facts;
    this.#gaps = record.items.flatMap(({ at, item }, position) =>
      item.type === 'gap' ? [new ReportedGap(item.gap, item.from, position, at, facts.wire.wall)] : [],
    );
  }

  judge(): Failure[] {
    for (const token of this.#facts.pins.tokens) {
      const states = this.#facts.sent.of(token);
      const taken = this.#taken(token, states);
      const changes = new Set([...taken.keys()].map(({ change }) => change));
      for (const state of states)
        if (!changes.has(state.change) && !this.#isRepeat(state, taken))
          this.#judgeMissing(state, this.#nextOf(state, taken));
    }
    return this.#failures.slice(0, MOST_TOLD);
  }

  /** The states of one instrument that were delivered. */
  #taken(token: number, states: readonly SentState[]): Map<SentState, Taken> {
    const taken = new Map<SentState, Taken>();
    const newest: Newest = new Map();
    this.#record.items.forEach(({ at, item }, position) => {
      if (item.type !== 'ticks') return;
      for (const tick of item.ticks) {
        if (tick.instrumentToken !== token) continue;
        const come = this.#whichIs(tick, item, states, at);
        const state = come.find((one) => !taken.has(one) && one.order > (newest.get(one.connectionId) ?? -1));
        if (!state) {
          const rule =
            come.length === 0 ? 'invented' : come.every((one) => taken.has(one)) ? 'repeated' : 'turned-back';
          this.#fail(rule, at, token, `over ${sourceOf(item.from)}, received at ${item.receivedAt}`);
          continue;
        }
        newest.set(state.connectionId, state.order);
        taken.set(state, { position, at });
      }
    });
    return taken;
  }

  /** The states that a tick may be. */
  #whichIs(
    tick: Tick,
    { receivedAt, from }: Extract<Item, { type: 'ticks' }>,
    states: readonly SentState[],
    at: number,
  ): SentState[] {
    const { channels } = this.#facts;
    return states.filter(
      ({ account, connectionId, arrival, packet }) =>
        account === from.account &&
        (channels.get(connectionId) ?? from.channelId) === from.channelId &&
        arrival !== undefined &&
        arrival.at <= at &&
        arrival.wall === receivedAt &&
        isSameState(tick, packet),
    );
  }

  /** The first delivery of a newer state of the same account. */
  #nextOf(state: SentState, taken: ReadonlyMap<SentState, Taken>): Taken | undefined {
    let next: Taken | undefined;
    for (const [other, one] of taken)
      if (other.account === state.account && other.index > state.index)
        if (!next || one.position < next.position) next = one;
    return next;
  }

  /** It was reported as too late, after what another account had brought. */
  #isTooLate({ token, arrival }: SentState): boolean {
    return this.#gaps.some(
      ({ gap: { from, to, instrumentTokens } }) =>
        instrumentTokens?.includes(token) && arrival && from <= arrival.wall && arrival.wall <= to,
    );
  }

  /** It shows nothing that another account has not shown of late: where copies are merged, it comes once. */
  #isRepeat({ packet, at }: SentState, taken: ReadonlyMap<SentState, Taken>): boolean {
    if (!this.#facts.areMerged) return false;
    return [...taken.keys()].some(
      (other) =>
        Math.abs(other.at - at) < HANDED_OVER_MS &&
        packet.every((byte, index) => other.packet[index] === byte),
    );
  }

  /** A state that no account has brought. */
  #judgeMissing(state: SentState, next: Taken | undefined): void {
    const { pins, wanted, areMerged } = this.#facts;
    const { account, token, at, arrival, socket } = state;
    const { from } = this.#record;
    const until = Math.min(next?.at ?? Infinity, (arrival?.at ?? at) + HANDED_OVER_MS);
    if (at <= from || (arrival?.at ?? at) >= fedUntil(this.#record)) return;
    if (!pins.throughout(account, token, at, until) || !wanted.throughout(token, at, until)) return;
    if (wasUnsubscribed(socket, token, { sentAt: at, cameAt: arrival?.at ?? at })) return;
    // Another account may stream the instrument while this one is down.
    if (areMerged && !arrival) return;
    if (!arrival && (wasSentTooLate(state) || !next)) return;
    if (areMerged && this.#isTooLate(state)) return;
    const homes = [0, 1, 2].map((channelId): Origin => ({ account, channelId }));
    const isTold = this.#gaps.some(
      (gap) => gap.position < (next?.position ?? Infinity) && gap.covers(state, homes, this.#facts),
    );
    if (!isTold)
      this.#fail('lost', next?.at ?? at, token, `sent at ${at} to ${account}, which it is pinned to`);
  }

  #fail(rule: Rule, at: number, instrument: number, text: string): void {
    this.#failures.push({ rule, at, consumer: this.#record.consumer, instrument, text });
  }
}
