import type { TickerState } from '@kite/protocol';

import type { Barrier } from './overflow-segment.js';

/** At most this many packets wait: one for each of 9000 instruments over each of three links. */
export const MAX_PACKETS = 32_768;
/** A longer packet does not wait. The longest that Kite documents has 184 bytes. */
export const MAX_PACKET_BYTES = 1024;
/** At most this many texts wait, over all links. */
const MAX_TEXTS = 10_000;
const MAX_TEXT_BYTES = 1024 * 1024;
/** At most this many states of a link wait: almost an hour of a connection that opens and breaks every ten seconds. */
const MAX_STATES = 1000;
/** At most this many asks of one link wait: reports that it was asked for instruments that came back to it. */
const MAX_ASKS = 1000;

/** An order postback, judged by its text; a text that quotes one is kept for as long. */
const ORDER = /"type"\s*:\s*"order"/;

/** The texts that wait. Orders are worth most: they are dropped last. */
export class WaitingTexts {
  readonly #orders = new Set<Barrier>();
  readonly #others = new Set<Barrier>();
  #bytes = 0;

  add(barrier: Barrier, text: string): void {
    (ORDER.test(text) ? this.#orders : this.#others).add(barrier);
    this.#bytes += barrier.bytes.length;
  }

  /** Removes it. True if it is an order. */
  remove(barrier: Barrier): boolean {
    const isOrder = this.#orders.delete(barrier);
    if (isOrder || this.#others.delete(barrier)) this.#bytes -= barrier.bytes.length;
    return isOrder;
  }

  /** The next one to drop: the oldest, orders last; undefined if all may stay. A single text may be of any size. */
  get surplus(): Barrier | undefined {
    const count = this.#orders.size + this.#others.size;
    if (count <= 1 || (count <= MAX_TEXTS && this.#bytes <= MAX_TEXT_BYTES)) return undefined;
    const [oldest] = this.#others.size > 0 ? this.#others : this.#orders;
    return oldest;
  }
}

/** The reports that wait of what a socket was asked for. */
export class WaitingAsks {
  readonly #byLink = new Map<number, Barrier[]>();

  /** If too many wait, returns the one that need not wait any longer: a later one makes up for it. */
  add(barrier: Barrier): Barrier | undefined {
    const asks = this.#byLink.get(barrier.link) ?? [];
    this.#byLink.set(barrier.link, asks);
    asks.push(barrier);
    return asks.length > MAX_ASKS ? asks.shift() : undefined;
  }

  written({ link }: Barrier): void {
    this.#byLink.get(link)?.shift();
  }
}

interface WaitingState {
  readonly barrier: Barrier;
  readonly state: TickerState;
}

/** The states that wait. */
export class WaitingStates {
  readonly #byLink = new Map<number, WaitingState[]>();

  /**
   * Returns the states that need not wait any longer. An outage is its first state and its newest: the failed attempts
   * between them change nothing.
   */
  add(barrier: Barrier, state: TickerState): Barrier[] {
    const states = this.#of(barrier.link);
    const [before, waiting, connecting] = states.slice(-3);
    const isRetry = state === 'waiting' && connecting?.state === 'connecting' && waiting?.state === 'waiting';
    const passed = isRetry && before && before.state !== 'open' ? states.splice(-2) : [];
    states.push({ barrier, state });
    return passed.map((one) => one.barrier);
  }

  /**
   * If too many wait, returns two states: everything between them, the link's data included, must go. One long outage
   * is left. The states between them are forgotten here.
   */
  surplus(link: number): { from: Barrier; to: Barrier } | undefined {
    const states = this.#of(link);
    if (states.length <= MAX_STATES) return undefined;
    const from = states.findIndex(({ state }) => state !== 'open');
    states.splice(from + 1, states.length - from - 2);
    return { from: states[from]!.barrier, to: states.at(-1)!.barrier };
  }

  written({ link }: Barrier): void {
    this.#of(link).shift();
  }

  #of(link: number): WaitingState[] {
    let states = this.#byLink.get(link);
    if (!states) {
      states = [];
      this.#byLink.set(link, states);
    }
    return states;
  }
}
