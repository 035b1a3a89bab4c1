import { countWhile } from './count-while.js';
import type { ReadStream } from './read-stream.js';
import type { SentState } from './sent-states.js';

/** An item that reached the main thread: its number, counted from 0, and when it came. */
export interface Coming {
  readonly number: number;
  readonly at: number;
}

/**
 * What reached the main thread, and when, as seen by the consumer that reads everything at once and loses nothing. Slow
 * consumers are judged against it.
 */
export class Reference {
  readonly #states = new Map<SentState, Coming>();
  readonly #nextOf = new Map<SentState, Coming>();
  readonly #unowed = new Set<SentState>();
  readonly #movedAway = new Set<SentState>();
  readonly #orders = new Map<string, Coming>();
  /** By the time of a stop. */
  readonly #lastWords = new Map<number, number>();
  /** The arrival of every item, in order. */
  readonly #times: number[] = [];
  /** By item number, how many earlier items were ticks, how many gaps and states, and how many orders. */
  readonly #ticksBefore: number[] = [0];
  readonly #breaksBefore: number[] = [0];
  readonly #ordersBefore: number[] = [0];

  constructor(streams: readonly ReadStream[]) {
    for (const { deliveries, record, unowed, movedAway } of streams) {
      for (const state of unowed) this.#unowed.add(state);
      for (const state of movedAway) this.#movedAway.add(state);
      const { stoppedAt } = record;
      if (stoppedAt !== undefined)
        this.#lastWords.set(
          stoppedAt,
          record.items.filter(({ at, item }) => at > stoppedAt && item.type !== 'dropped').length,
        );
      const newest = new Map<number, SentState[]>();
      const comings: (Coming | undefined)[] = record.items.map(({ at, item }) => {
        if (item.type === 'dropped') return undefined;
        const coming = this.#came(at, item.type);
        if (item.type === 'order') this.#orders.set(item.order.order_id, coming);
        return coming;
      });
      for (const { state, position } of deliveries) {
        const coming = comings[position]!;
        this.#states.set(state, coming);
        const before = newest.get(state.token) ?? [];
        for (const one of before) if (isOneStream(one, state)) this.#nextOf.set(one, coming);
        newest.set(state.token, [...before.filter((one) => !isOneStream(one, state)), state]);
      }
    }
  }

  /** How the state came; undefined: it was lost on its way. */
  of(state: SentState): Coming | undefined {
    return this.#states.get(state);
  }

  /** How the next state of its instrument, which replaces it, came; undefined: none did. */
  nextOf(state: SentState): Coming | undefined {
    return this.#nextOf.get(state);
  }

  /** Whether its instrument had moved to another connection, so that no consumer gets it. */
  isUnowed(state: SentState): boolean {
    return this.#unowed.has(state);
  }

  /** Whether its instrument had moved before the main thread read it: the new connection reported the gap. */
  hasMovedAway(state: SentState): boolean {
    return this.#movedAway.has(state);
  }

  ofOrder(id: string): Coming | undefined {
    return this.#orders.get(id);
  }

  /**
   * How many items came after the program stopped its manager at this time: those that the I/O worker had already sent,
   * and the closing states of the connections.
   */
  lastWords(stoppedAt: number): number {
    return this.#lastWords.get(stoppedAt) ?? 0;
  }

  /** When the item with this number came. */
  cameAt(number: number): number {
    return this.#times[number] ?? Infinity;
  }

  /** How many items had come by a time. */
  upTo(at: number): number {
    return countWhile(this.#times, (time) => time <= at);
  }

  /** How many items had come before a time. */
  before(at: number): number {
    return countWhile(this.#times, (time) => time < at);
  }

  /** How many batches of ticks are among the items from one number up to another, excluded. */
  ticks(from: number, to: number): number {
    return between(this.#ticksBefore, from, to);
  }

  /** How many gaps and states. */
  breaks(from: number, to: number): number {
    return between(this.#breaksBefore, from, to);
  }

  /** How many orders. */
  orders(from: number, to: number): number {
    return between(this.#ordersBefore, from, to);
  }

  #came(at: number, type: string): Coming {
    const number = this.#times.push(at) - 1;
    this.#ticksBefore.push(this.#ticksBefore[number]! + (type === 'ticks' ? 1 : 0));
    this.#breaksBefore.push(this.#breaksBefore[number]! + (type === 'gap' || type === 'state' ? 1 : 0));
    this.#ordersBefore.push(this.#ordersBefore[number]! + (type === 'order' ? 1 : 0));
    return { number, at };
  }
}

function between(before: readonly number[], from: number, to: number): number {
  return to <= from ? 0 : before[to]! - before[from]!;
}

/** A state from another connection in another mode replaces nothing. */
function isOneStream(one: SentState, other: SentState): boolean {
  return one.connectionId === other.connectionId || one.packet.length === other.packet.length;
}
