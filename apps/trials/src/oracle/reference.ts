import { countWhile } from './count-while.js';
import type { ReadStream } from './judge-stream.js';
import type { SentState } from './sent-states.js';

/** An item that came to the main thread: which one, counted from 0, and when. */
export interface Coming {
  readonly number: number;
  readonly at: number;
}

/**
 * What came to the main thread, and when: as the consumer saw it that reads everything at once and loses nothing. Slow
 * consumers are judged by it.
 */
export class Reference {
  readonly #states = new Map<SentState, Coming>();
  readonly #nextOf = new Map<SentState, Coming>();
  readonly #orders = new Map<string, Coming>();
  /** Of everything that came, in order. */
  readonly #times: number[] = [];
  /** By number of coming, how many of all before it were ticks, and how many were gaps and states. */
  readonly #ticksBefore: number[] = [0];
  readonly #breaksBefore: number[] = [0];

  constructor(streams: readonly ReadStream[]) {
    for (const { deliveries, record } of streams) {
      const last = new Map<number, SentState>();
      const comings: (Coming | undefined)[] = record.items.map(({ at, item }) => {
        if (item.type === 'dropped') return undefined;
        const coming = this.#came(at, item.type);
        if (item.type === 'order') this.#orders.set(item.order.order_id, coming);
        return coming;
      });
      for (const { state, position } of deliveries) {
        const coming = comings[position]!;
        this.#states.set(state, coming);
        const before = last.get(state.token);
        if (before) this.#nextOf.set(before, coming);
        last.set(state.token, state);
      }
    }
  }

  /** How the state came; undefined: it was lost on its way. */
  of(state: SentState): Coming | undefined {
    return this.#states.get(state);
  }

  /** How the next state of its instrument came; undefined: none did. */
  nextOf(state: SentState): Coming | undefined {
    return this.#nextOf.get(state);
  }

  ofOrder(id: string): Coming | undefined {
    return this.#orders.get(id);
  }

  /** How many items had come by a time. */
  upTo(at: number): number {
    return countWhile(this.#times, (time) => time <= at);
  }

  /** How many items had come before a time. */
  before(at: number): number {
    return countWhile(this.#times, (time) => time < at);
  }

  /** How many batches of ticks are among the items from one number up to another, which is excluded. */
  ticks(from: number, to: number): number {
    return between(this.#ticksBefore, from, to);
  }

  /** How many gaps and states. */
  breaks(from: number, to: number): number {
    return between(this.#breaksBefore, from, to);
  }

  #came(at: number, type: string): Coming {
    const number = this.#times.push(at) - 1;
    this.#ticksBefore.push(this.#ticksBefore[number]! + (type === 'ticks' ? 1 : 0));
    this.#breaksBefore.push(this.#breaksBefore[number]! + (type === 'gap' || type === 'state' ? 1 : 0));
    return { number, at };
  }
}

function between(before: readonly number[], from: number, to: number): number {
  return to <= from ? 0 : before[to]! - before[from]!;
}
