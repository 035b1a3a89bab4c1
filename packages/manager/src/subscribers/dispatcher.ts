import type { EventOf, KiteError, Mode, TickerMessage } from '@kite/protocol';

import type { MessageConsumer, SourceTag } from '../connection-parts.js';
import type { LastKnown } from './last-known.js';
import type { Outlet } from './outlet.js';
import { holdsAny, type IsHeldBy, ownGap } from './own-gap.js';

const UNKNOWN: LastKnown = { last: undefined, receivedAt: 0, source: undefined, isInterrupted: false };

/** An instrument that somebody wants: whose it is, and what is known of it. */
export interface Route extends LastKnown {
  /** Replaced, never changed: subscribers come and go while it is gone through. */
  outlets: readonly Outlet[];
}

/**
 * Hands each subscriber what is its own. One look-up for each tick finds everybody who wants it; what nobody wants costs
 * that look-up alone.
 */
export class Dispatcher implements MessageConsumer {
  readonly takesTicks: boolean;
  /** Of every instrument that is streamed, the manager's own included: who joins one gets its last tick. */
  readonly #routes = new Map<number, Route>();
  readonly #isHeldBy: IsHeldBy;
  readonly #kept: (token: number) => LastKnown | undefined;
  #outlets: readonly Outlet[] = [];

  /** @param kept what is known of an instrument already */
  constructor(takesTicks: boolean, isHeldBy: IsHeldBy, kept: (token: number) => LastKnown | undefined) {
    this.takesTicks = takesTicks;
    this.#isHeldBy = isHeldBy;
    this.#kept = kept;
  }

  /** From now on it gets what is its own. */
  add(outlet: Outlet): void {
    this.#outlets = [...this.#outlets, outlet];
  }

  remove(outlet: Outlet): void {
    this.#outlets = this.#outlets.filter((one) => one !== outlet);
  }

  /** Of an instrument that somebody wants. */
  routeOf(token: number): Route | undefined {
    return this.#routes.get(token);
  }

  /** These instruments are streamed. */
  streamed(tokens: Iterable<number>): void {
    for (const token of tokens)
      if (!this.#routes.has(token))
        this.#routes.set(token, { outlets: [], ...(this.#kept(token) ?? UNKNOWN) });
  }

  /** Nobody wants these any more. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#routes.delete(token);
  }

  /** This subscriber wants these instruments from now on, or no longer where the mode is undefined. Returns those that it has joined. */
  changed(outlet: Outlet, change: ReadonlyMap<number, Mode | undefined>): number[] {
    const joined: number[] = [];
    for (const [token, mode] of change) {
      const route = this.#routes.get(token);
      if (!route) continue;
      const isOn = route.outlets.includes(outlet);
      if (mode === undefined) route.outlets = route.outlets.filter((one) => one !== outlet);
      else if (!isOn) {
        route.outlets = [...route.outlets, outlet];
        joined.push(token);
      }
    }
    return joined;
  }

  message(message: TickerMessage, source: SourceTag): void {
    switch (message.type) {
      case 'ticks':
        this.#ticks(message, source);
        break;
      case 'gap':
        this.#gap(message, source);
        break;
      case 'lagged':
        for (const outlet of this.#outlets)
          if (holdsAny(this.#isHeldBy, source, outlet.modes)) outlet.message(message, source);
        break;
      default:
        for (const outlet of this.#outlets) outlet.message(message, source);
    }
  }

  end(error?: KiteError): void {
    for (const outlet of this.#outlets) outlet.finish(error);
  }

  #ticks(message: EventOf<'ticks'>, source: SourceTag): void {
    const touched: Outlet[] = [];
    for (const tick of message.ticks) {
      const route = this.#routes.get(tick.instrumentToken);
      if (!route) continue;
      const before = route.isInterrupted ? undefined : route.last;
      for (const outlet of route.outlets) if (outlet.take(tick, before)) touched.push(outlet);
      route.last = tick;
      route.receivedAt = message.receivedAt;
      route.source = source;
      route.isInterrupted = false;
    }
    for (const outlet of touched) outlet.flush(message, source);
  }

  #gap(message: EventOf<'gap'>, source: SourceTag): void {
    const { instrumentTokens } = message;
    const tokens = instrumentTokens ?? [...this.#routes.keys()];
    for (const token of tokens) {
      const route = this.#routes.get(token);
      if (route && (instrumentTokens || this.#isHeldBy(source, token))) route.isInterrupted = true;
    }
    for (const outlet of this.#outlets) {
      const own = ownGap(message, source, outlet.modes, this.#isHeldBy);
      if (own) outlet.message(own, source);
    }
  }
}
