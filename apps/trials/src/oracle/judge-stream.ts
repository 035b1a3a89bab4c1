import type { Gap } from '@kite/protocol';

import type { HandedTick, Origin } from '../client/client.js';
import type { Arrival, WireLog } from '../run/wire-log.js';
import type { Arrivals } from './arrivals.js';
import type { Failure } from './failure.js';
import type { SentState, SentStates } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';
import type { Wanted } from './wanted.js';

/** What a stream is judged by. */
export interface StreamFacts {
  readonly sent: SentStates;
  readonly wire: WireLog;
  readonly arrivals: Arrivals;
  readonly wanted: Wanted;
  /** The longest way of a message through the network, in milliseconds. */
  readonly longestWayMs: number;
}

interface ReportedGap {
  readonly gap: Gap;
  readonly tokens: ReadonlySet<number> | undefined;
  readonly from: Origin;
}

/** A state that was not delivered and that no gap covers: a drop has to account for it. */
interface Missing {
  readonly token: number;
  readonly state: SentState;
  readonly noticedAt: number;
}

/**
 * Judges what one consumer was handed: each state that the server sent once and in order, or in a gap that was reported
 * before anything newer and concerns the instrument, or in a drop that was counted for the consumer.
 */
export function judgeStream(stream: StreamRecord, facts: StreamFacts): Failure[] {
  return new StreamJudge(stream, facts).judge();
}

class StreamJudge {
  readonly #stream: StreamRecord;
  readonly #facts: StreamFacts;
  readonly #failures: Failure[] = [];
  /** By instrument, the first of the sent states that may come next. */
  readonly #next = new Map<number, number>();
  readonly #gaps: ReportedGap[] = [];
  readonly #missing: Missing[] = [];
  /** Which connection of the client is which of the server, by the states that came over it. */
  readonly #channelOf = new Map<number, number>();
  #dropped = 0;
  /** The first delivery by which more was missing than told. */
  #untold: { readonly at: number; readonly token: number; readonly text: string } | undefined;

  constructor(stream: StreamRecord, facts: StreamFacts) {
    this.#stream = stream;
    this.#facts = facts;
  }

  judge(): Failure[] {
    for (const { at, item } of this.#stream.items) {
      if (item.type === 'gap') this.#reported(item.gap, item.from);
      else if (item.type === 'dropped') this.#dropped += item.count;
      else if (item.type === 'ticks')
        for (const tick of item.ticks) this.#delivered(tick, at, item.from, item.receivedAt);
    }
    const end = this.#stream.to ?? Infinity;
    if (end === Infinity) {
      for (const token of this.#facts.sent.tokens) {
        const states = this.#facts.sent.of(token);
        for (let index = this.#next.get(token) ?? 0; index < states.length; index++)
          this.#skipped(token, index, states.at(-1)!.at);
      }
    }
    this.#accountForMissing();
    return this.#failures;
  }

  #reported(gap: Gap, from: Origin): void {
    this.#gaps.push({ gap, tokens: gap.instrumentTokens && new Set(gap.instrumentTokens), from });
  }

  #delivered({ token, key }: HandedTick, at: number, from: Origin, receivedAt: number): void {
    const states = this.#facts.sent.of(token);
    const next = this.#next.get(token) ?? this.#firstOf(token, key, receivedAt);
    const index =
      this.#arrivedFrom(states, key, next, at) ??
      states.findIndex((state, one) => one >= next && state.key === key);
    if (index < 0) {
      const before = lastIndexBefore(states, key, next);
      if (before === undefined) this.#fail('invented', at, token, 'this state was never sent');
      else if (before === next - 1) this.#fail('repeated', at, token, `sent at ${states[before]!.at}`);
      else
        this.#fail(
          'turned-back',
          at,
          token,
          `sent at ${states[before]!.at}, after one of ${states[next - 1]!.at}`,
        );
      return;
    }
    for (let skipped = next; skipped < index; skipped++) this.#skipped(token, skipped, at);
    if (this.#missing.length > this.#dropped)
      this.#untold ??= {
        at,
        token,
        text: `${this.#missing.length} are missing, ${this.#dropped} told as dropped`,
      };
    this.#next.set(token, index + 1);
    this.#channelOf.set(states[index]!.connectionId, from.channelId);
  }

  /**
   * Where the stream of an instrument begins: with the state that came when its first tick says that it was received, and
   * else with what came after the channel was opened. Others with the same bytes may have come before.
   */
  #firstOf(token: number, key: string, receivedAt: number): number {
    const { sent, arrivals } = this.#facts;
    const states = sent.of(token);
    const first = (isIt: (arrival: Arrival) => boolean): number =>
      states.findIndex((state) => {
        const arrival = state.key === key ? arrivals.of(state) : undefined;
        return arrival && isIt(arrival);
      });
    const exact = first(({ wall }) => Math.abs(wall - receivedAt) <= 1);
    return Math.max(0, exact >= 0 ? exact : first(({ at }) => at >= this.#stream.from));
  }

  /** The next such state that had reached the client by then: another one with the same bytes was sent in vain. */
  #arrivedFrom(states: readonly SentState[], key: string, from: number, at: number): number | undefined {
    for (let index = from; index < states.length; index++) {
      const state = states[index]!;
      if (state.at > at) return undefined;
      if (state.key === key && this.#facts.arrivals.of(state)) return index;
    }
    return undefined;
  }

  #skipped(token: number, index: number, noticedAt: number): void {
    const state = this.#facts.sent.of(token)[index]!;
    const { longestWayMs, wanted } = this.#facts;
    // What was under way when the channel was opened, or the instrument left, may come or not.
    if (state.at < this.#stream.from || !wanted.throughout(token, state.at, longestWayMs)) return;
    if (this.#facts.arrivals.hadEnded(state.connectionId, state.at)) return;
    if (!this.#isInGap(token, state)) this.#missing.push({ token, state, noticedAt });
  }

  #isInGap(token: number, state: SentState): boolean {
    const arrival = this.#facts.arrivals.of(state);
    const sentWall = this.#facts.wire.wallAt(state.at);
    return this.#gaps.some(({ gap, tokens, from }) => {
      if (from.account !== state.account && tokens === undefined) return false;
      const channel = this.#channelOf.get(state.connectionId);
      if (tokens ? !tokens.has(token) : channel !== undefined && channel !== from.channelId) return false;
      return arrival ? gap.from <= arrival.wall && arrival.wall <= gap.to : sentWall <= gap.to;
    });
  }

  #accountForMissing(): void {
    const unaccounted = this.#missing.slice(this.#dropped);
    if (unaccounted.length === 0 && this.#untold)
      this.#fail('drop-late', this.#untold.at, this.#untold.token, this.#untold.text);
    // The first is told in full; a flood of its kind says no more.
    for (const { token, state, noticedAt } of unaccounted.slice(0, 5))
      this.#fail(
        'lost',
        noticedAt,
        token,
        `sent at ${state.at} over connection ${state.connectionId} of ${state.account}; ${unaccounted.length} like it, ${this.#dropped} dropped`,
      );
  }

  #fail(rule: Failure['rule'], at: number, instrument: number, text: string): void {
    this.#failures.push({ rule, at, consumer: this.#stream.consumer, instrument, text });
  }
}

function lastIndexBefore(states: readonly SentState[], key: string, before: number): number | undefined {
  for (let index = before - 1; index >= 0; index--) if (states[index]!.key === key) return index;
  return undefined;
}
