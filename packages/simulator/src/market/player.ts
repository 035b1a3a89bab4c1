import { type Clock, KiteInputError, priceDivisor } from '@kite/protocol';

import { checkArgument, checkToken } from '../argument.js';
import { mix } from '../random.js';
import { type ScenarioName, scenarioRule } from '../scenario-name.js';
import type { InstrumentMarket } from './instrument-market.js';
import type { Market } from './market.js';
import { type Beat, scenarioBeats } from './scenario.js';
import { checkPrice } from './tick-size.js';

/** How prices are played. */
export interface PlayOptions {
  /** Between two prices, in milliseconds. Default 250: Kite sends an instrument at most 4 times a second. */
  everyMs?: number | undefined;
}

/** The highest price, in the wire's unit: leaves room for the book around it. */
const MOST_WIRE_PRICE = 2_000_000_000;

/** One play, and what ends it early. */
interface Play {
  readonly beats: readonly Beat[];
  readonly everyMs: number;
  played: number;
  timer: unknown;
  readonly end: (played: number) => void;
}

/**
 * Plays price courses, at most one per instrument, which does not move by itself meanwhile. A play resolves to how many
 * beats were played: fewer if another play of the instrument, the simulator's stop or the instrument's end came first.
 */
export class Player {
  readonly #market: Market;
  readonly #clock: Clock;
  readonly #seed: number;
  /** Sends what watchers have gathered. */
  readonly #flush: () => void;
  readonly #plays = new Map<number, Play>();
  #isStopped = false;

  constructor(market: Market, clock: Clock, seed: number, flush: () => void) {
    this.#market = market;
    this.#clock = clock;
    this.#seed = seed;
    this.#flush = flush;
  }

  /**
   * Trades at these prices, in rupees.
   *
   * @returns how many were played, see {@link Player}
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
   */
  playPrices(token: number, prices: Iterable<number>, options: PlayOptions): Promise<number> {
    const { instrument } = this.#marketOf(token);
    const divisor = priceDivisor(token);
    const beats = [...prices].map((price, index): Beat => {
      const field = `prices[${index}]`;
      checkPrice(field, price, instrument);
      const most = MOST_WIRE_PRICE / divisor;
      checkArgument(Math.abs(price) <= most, field, price, `a price in rupees, from −${most} to ${most}`);
      return { price: Math.round(price * divisor) };
    });
    return this.#play(token, beats, options);
  }

  /** @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
  playScenario(name: ScenarioName, token: number, options: PlayOptions): Promise<number> {
    checkArgument(scenarioRule.accepts(name), 'name', name, scenarioRule.allowed);
    const { place } = this.#marketOf(token);
    return this.#play(token, scenarioBeats(name, place, mix(this.#seed, token)), options);
  }

  #marketOf(token: number): InstrumentMarket {
    checkToken('token', token);
    const market = this.#market.get(token);
    if (market !== undefined) return market;
    throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', {
      field: 'token',
      value: token,
      allowed: 'the token of an instrument that is traded here',
    });
  }

  /** Begins at once. */
  #play(token: number, beats: readonly Beat[], { everyMs = 250 }: PlayOptions): Promise<number> {
    const accepted = Number.isFinite(everyMs) && everyMs > 0;
    checkArgument(accepted, 'everyMs', everyMs, 'a finite positive number of milliseconds');
    if (this.#isStopped) return Promise.resolve(0);
    this.#end(token);
    return new Promise((end) => {
      this.#plays.set(token, { beats, everyMs, played: 0, timer: undefined, end });
      this.#market.hold(token);
      this.#beat(token);
    });
  }

  /** Ends every play. */
  stop(): void {
    this.#isStopped = true;
    for (const token of [...this.#plays.keys()]) this.#end(token);
  }

  #beat(token: number): void {
    const play = this.#plays.get(token);
    if (play === undefined) return;
    const beat = play.beats[play.played];
    if (
      beat === undefined ||
      (beat.price !== undefined && !this.#market.trade(token, beat.price, beat.opens))
    ) {
      this.#end(token);
      return;
    }
    play.played++;
    this.#flush();
    if (play.played === play.beats.length) this.#end(token);
    else play.timer = this.#clock.setTimeout(() => this.#beat(token), play.everyMs);
  }

  #end(token: number): void {
    const play = this.#plays.get(token);
    if (play === undefined) return;
    this.#plays.delete(token);
    this.#clock.clearTimeout(play.timer);
    this.#market.release(token);
    play.end(play.played);
  }
}
