import { type Clock, type Mode, PACKETS } from '@kite/protocol';

import { mix, SeededRandom } from '../random.js';
import type { Catalogue } from './catalogue.js';
import { type Instrument, MAX_TICKS_PER_SECOND } from './instrument.js';
import { InstrumentMarket } from './instrument-market.js';
import { isMoving, type Pace } from './pace.js';
import { ALWAYS_OPEN, type Venue } from './venue.js';

/** One connection's interest in one instrument. */
export interface Subscription {
  readonly market: InstrumentMarket;
  mode: Mode;
  /** The packet that was sent last. */
  shown?: Uint8Array;
  readonly watcher: Watcher;
}

/** Receives changes: a connection. */
export interface Watcher {
  /** @param isGiven it was given from outside, and is sent even if nothing changed */
  changed(subscription: Subscription, isGiven: boolean): void;
}

interface Watched {
  readonly market: InstrumentMarket;
  readonly venue: Venue;
  readonly random: SeededRandom;
  readonly slot: number;
  readonly subscriptions: Set<Subscription>;
}

/** A late step makes up for at most this much: a laptop must not wake up to a flood. */
const MAX_CATCH_UP_MS = 1000;

/**
 * All instruments that were ever requested. Only watched ones move, so a listed instrument costs nothing until then; a
 * step changes some of them and tells their watchers.
 */
export class Market {
  pace: Pace;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #synthetic: boolean;
  readonly #venueOf: (instrument: Instrument) => Venue;
  readonly #markets = new Map<number, InstrumentMarket>();
  readonly #watched = new Map<number, Watched>();
  readonly #expired = new Set<number>();
  /** Instruments that do not move by themselves. */
  readonly #held = new Set<number>();
  /** Watched instruments by slot; rebuilt after a change. */
  #bySlot: Watched[][] = [];
  #totalActivity = 0;
  #step = 0;

  /**
   * @param synthetic false: instruments are unknown and still until something is set (a replay)
   * @param venueOf the venue with an instrument's hours
   */
  constructor(
    catalogue: Catalogue,
    clock: Clock,
    seed: number,
    pace: Pace,
    synthetic: boolean,
    venueOf: (instrument: Instrument) => Venue = () => ALWAYS_OPEN,
  ) {
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#seed = seed;
    this.pace = pace;
    this.#synthetic = synthetic;
    this.#venueOf = venueOf;
  }

  /** How many instruments are watched. */
  get watched(): number {
    return this.#watched.size;
  }

  /** The market of a token, made on first use; `undefined` if no instrument has it, or has it any more. */
  get(token: number): InstrumentMarket | undefined {
    if (this.#expired.has(token)) return undefined;
    const known = this.#markets.get(token);
    if (known !== undefined) return known;
    const instrument = this.#catalogue.get(token);
    if (instrument === undefined) return undefined;
    const market = new InstrumentMarket(instrument, this.#seed, this.#seconds());
    if (!this.#synthetic) market.forget();
    this.#markets.set(token, market);
    return market;
  }

  /** The market of a token, if it was made before. */
  peek(token: number): InstrumentMarket | undefined {
    return this.#markets.get(token);
  }

  /** Starts reporting changes to the watcher. */
  watch(subscription: Subscription): void {
    const { instrument } = subscription.market;
    const token = instrument.instrumentToken;
    let watched = this.#watched.get(token);
    if (watched === undefined) {
      const mixed = mix(token, 3);
      watched = {
        market: subscription.market,
        venue: this.#venueOf(instrument),
        random: new SeededRandom(this.#seed, mixed),
        slot: mixed,
        subscriptions: new Set(),
      };
      this.#watched.set(token, watched);
      this.#totalActivity += instrument.activity;
      this.#bySlot = [];
    }
    watched.subscriptions.add(subscription);
  }

  /** Stops reporting changes to the watcher. */
  unwatch(subscription: Subscription): void {
    const { instrument } = subscription.market;
    const watched = this.#watched.get(instrument.instrumentToken);
    if (!watched?.subscriptions.delete(subscription)) return;
    if (watched.subscriptions.size > 0) return;
    this.#watched.delete(instrument.instrumentToken);
    this.#totalActivity -= instrument.activity;
    this.#bySlot = [];
  }

  /** Ends trading in the instrument: from now on it has no state and no news. */
  expire(token: number): void {
    this.#expired.add(token);
    this.#markets.get(token)?.forget();
    const watched = this.#watched.get(token);
    for (const subscription of watched?.subscriptions ?? []) this.unwatch(subscription);
  }

  /** Moves the market on by this many steps and tells the watchers. */
  run(steps: number): void {
    const { ticksPerSecond, stepMs, slots } = this.pace;
    if (!this.#synthetic || !isMoving(this.pace)) return;
    const due = Math.min(steps, Math.max(1, Math.floor(MAX_CATCH_UP_MS / stepMs)));
    if (ticksPerSecond === undefined) {
      const seconds = (slots * stepMs) / 1000;
      const most = MAX_TICKS_PER_SECOND * seconds;
      for (let n = 0; n < Math.min(due, slots); n++) this.#pass(this.#step++ % slots, slots, seconds, most);
    } else if (this.#totalActivity > 0) {
      this.#pass(0, 1, (ticksPerSecond / this.#totalActivity) * ((due * stepMs) / 1000), Infinity);
    }
  }

  /**
   * All orders of a venue trade at once: one trade of every watched instrument, however lively the venue is.
   *
   * @param opens it is the first of the day
   */
  auction(venue: Venue, opens: boolean): void {
    const now = this.#seconds();
    for (const watched of this.#watched.values()) {
      const { market } = watched;
      if (watched.venue !== venue || this.#held.has(market.instrument.instrumentToken)) continue;
      market.auction(now, opens);
      tell(watched);
    }
  }

  /** Changes one instrument once, whatever the pace. */
  advance(market: InstrumentMarket): void {
    market.advance(this.#seconds());
  }

  /** Takes a packet as an instrument's state and tells its watchers; false if it does not fit. */
  publish(token: number, packet: Uint8Array): boolean {
    const market = this.get(token);
    if (!market?.set(packet)) return false;
    const watched = this.#watched.get(token);
    if (watched !== undefined) tell(watched, packet.length);
    return true;
  }

  /** A trade at this price, in the wire's integers; false if there is no such instrument. */
  trade(token: number, price: number, opens = false): boolean {
    const market = this.get(token);
    if (market === undefined) return false;
    market.trade(price, this.#seconds(), opens);
    const watched = this.#watched.get(token);
    if (watched !== undefined) tell(watched);
    return true;
  }

  /** Stops the instrument from moving by itself. */
  hold(token: number): void {
    this.#held.add(token);
  }

  /** Lets it move by itself again. */
  release(token: number): void {
    this.#held.delete(token);
  }

  /**
   * Changes each instrument of the slot `activity × scale` times on average, times its venue's liveliness, and at most
   * `most` times if the venue is livelier than usual.
   */
  #pass(slot: number, slots: number, scale: number, most: number): void {
    const now = this.#seconds();
    if (this.#bySlot.length !== slots) this.#bySlot = this.#sortBySlot(slots);
    for (const watched of this.#bySlot[slot]!) {
      const { market, random, venue } = watched;
      const { liveliness } = venue;
      if (liveliness === 0) continue;
      const mean = market.instrument.activity * (liveliness * scale);
      let changes = Math.floor((liveliness > 1 ? Math.min(most, mean) : mean) + random.next());
      if (this.#held.has(market.instrument.instrumentToken)) continue;
      while (changes-- > 0) {
        market.advance(now);
        tell(watched);
      }
    }
  }

  #sortBySlot(slots: number): Watched[][] {
    const bySlot: Watched[][] = Array.from({ length: slots }, () => []);
    for (const watched of this.#watched.values()) bySlot[watched.slot % slots]!.push(watched);
    return bySlot;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

/** @param given the length of a packet given from outside; 0: none was */
function tell({ subscriptions }: Watched, given = 0): void {
  for (const subscription of subscriptions) {
    // A given packet is sent even if nothing differs; but an unchanged price in a larger packet is no news in ltp mode.
    const isGiven = given > 0 && (subscription.mode !== 'ltp' || given === PACKETS.ltp.length);
    subscription.watcher.changed(subscription, isGiven);
  }
}
