import type { EventOf, KiteError, Mode, TickerMessage } from '@kite/protocol';

import type { MessageConsumer, SourceTag } from '../connection-parts.js';
import type { LastKnown } from './last-known.js';
import type { Outlet } from './outlet.js';
import { holdsAny, type IsHeldBy, ownGap } from './own-gap.js';

const UNKNOWN: LastKnown = { last: undefined, receivedAt: 0, source: undefined, isInterrupted: false };

/** A streamed instrument: its subscribers, and what is known of it. */
export interface Route extends LastKnown {
  /** Replaced, never changed: subscribers come and go during an iteration. */
  outlets: readonly Outlet[];
}

/**
 * Delivers to each subscriber what it wants. One look-up for each tick finds all its subscribers; a tick without any
 * costs only that look-up.
 */
export class Dispatcher implements MessageConsumer {
  readonly takesTicks: boolean;
  /** All streamed instruments, the manager's own included: a subscriber that joins one gets its last tick. */
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

  /** From now on this outlet gets what it wants. */
  add(outlet: Outlet): void {
    this.#outlets = [...this.#outlets, outlet];
  }

  remove(outlet: Outlet): void {
    this.#outlets = this.#outlets.filter((one) => one !== outlet);
  }

  /** Undefined for an instrument that is not streamed. */
  routeOf(token: number): Route | undefined {
    return this.#routes.get(token);
  }

  /** These instruments are streamed. */
  streamed(tokens: Iterable<number>): void {
    for (const token of tokens)
      if (!this.#routes.has(token))
        this.#routes.set(token, { outlets: [], ...(this.#kept(token) ?? UNKNOWN) });
  }

  /** These are no longer streamed. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#routes.delete(token);
  }

  /** This subscriber is about to want these instruments in these modes; mode undefined: no longer. */
  change(outlet: Outlet, change: ReadonlyMap<number, Mode | undefined>): void {
    const joined: number[] = [];
    const left = new Set<number>();
    for (const [token, mode] of change) {
      if (mode === undefined) left.add(token);
      const route = this.#routes.get(token);
      if (!route) continue;
      const isOn = route.outlets.includes(outlet);
      if (mode === undefined) route.outlets = route.outlets.filter((one) => one !== outlet);
      else if (!isOn) {
        route.outlets = [...route.outlets, outlet];
        joined.push(token);
      } else if (outlet.rises(token, mode)) joined.push(token);
    }
    if (left.size > 0) outlet.leave(left);
    if (joined.length > 0) outlet.join(joined);
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
    this.ending()(error);
  }

  ending(): (error?: KiteError) => void {
    const ends = this.#outlets.map((outlet) => outlet.ending());
    return (error) => {
      // What comes after the next start is news, and may be of another day.
      for (const [token, route] of this.#routes) {
        route.isInterrupted = true;
        if (!this.#kept(token)) route.last = undefined;
      }
      for (const end of ends) end(error);
    };
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
