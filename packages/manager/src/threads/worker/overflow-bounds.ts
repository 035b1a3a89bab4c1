import type { TickerState } from '@kite/protocol';

import type { Barrier } from './overflow-segment.js';

/** Packets that wait, at most: one of each instrument. */
export const MAX_PACKETS = 16_384;
/** A longer packet does not wait. The longest that Kite documents has 184 bytes. */
export const MAX_PACKET_BYTES = 1024;
/** As many texts wait, over all links. */
const MAX_TEXTS = 10_000;
const MAX_TEXT_BYTES = 1024 * 1024;
/** As many states of one link wait: almost an hour of a connection that opens and breaks every ten seconds. */
const MAX_STATES = 1000;
/** As many times a link may have been asked for instruments that came back to it, and nobody has read of it. */
const MAX_ASKS = 1000;

/** An order postback, to judge by its text; what quotes one is kept for as long. */
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

  /** It waits no longer. True if it is an order. */
  remove(barrier: Barrier): boolean {
    const isOrder = this.#orders.delete(barrier);
    if (isOrder || this.#others.delete(barrier)) this.#bytes -= barrier.bytes.length;
    return isOrder;
  }

  /** The next one to drop: the oldest, orders last; undefined where all may stay. A single text may be of any size. */
  get surplus(): Barrier | undefined {
    const count = this.#orders.size + this.#others.size;
    if (count <= 1 || (count <= MAX_TEXTS && this.#bytes <= MAX_TEXT_BYTES)) return undefined;
    const [oldest] = this.#others.size > 0 ? this.#others : this.#orders;
    return oldest;
  }
}

/** What waits of the words that a socket has been asked. */
export class WaitingAsks {
  readonly #byLink = new Map<number, Barrier[]>();

  /** Gives the one that need not wait any longer, where there are too many: a later one makes up for it. */
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
   * Gives the states that need not wait any longer. An outage is its first state and the newest: the attempts between them
   * that failed change nothing.
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
   * Where too many wait: two states of which all between them, and what the link brought meanwhile, has to go. What is left
   * is one long outage. The states between them are forgotten here.
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
