import { offsetsOf } from '@kite/kit';
import { DEPTH, isTradable, type Mode, PACKETS, priceDivisor } from '@kite/protocol';

import { mix, SeededRandom } from '../random.js';
import type { Instrument } from './instrument.js';
import type { ScenarioPlace } from './scenario.js';
import { profileOf } from './segments.js';

const FULL = offsetsOf(PACKETS.full.fields);
const INDEX = offsetsOf(PACKETS.indexFull.fields);
const LEVEL = offsetsOf(DEPTH.fields);
const U32_MAX = 0xffff_ffff;
/** The price can always move this far both ways, the book's depth: a share of a cheap price can be under a tick. */
const LEAST_BAND_TICKS = DEPTH.levels;
/** How many of the changes are trades; the others are of orders alone. */
const TRADES = 0.8;
/** How often the next change, if it is of orders alone too, takes the last ones back. */
const TAKEN_BACK = 0.5;
/** How far an auction moves the price, in changes. */
const AUCTION_MOVE = 4;
const I32_MAX = 0x7fff_ffff;
const TRADABLE_LENGTHS = {
  ltp: PACKETS.ltp.length,
  quote: PACKETS.quote.length,
  full: PACKETS.full.length,
} as const;
const INDEX_LENGTHS = {
  ltp: PACKETS.ltp.length,
  quote: PACKETS.indexQuote.length,
  full: PACKETS.indexFull.length,
} as const;

/**
 * The market of one instrument, held as on the wire: the body of its full packet. A quote and an ltp packet are its
 * first bytes, so sending is copying in any mode.
 *
 * A random walk on the tick size, within the day's circuit limits. Each instrument draws from its own stream: its n-th
 * state depends only on seed, token and n, whatever else is subscribed (timestamps come from the clock).
 */
export class InstrumentMarket {
  readonly instrument: Instrument;
  /** The whole packet body; its first bytes are the packet of a lesser mode. */
  readonly body: Uint8Array;
  readonly #view: DataView;
  readonly #random: SeededRandom;
  readonly #tradable: boolean;
  readonly #derivative: boolean;
  readonly #tick: number;
  readonly #volatility: number;
  #lower: number;
  #upper: number;
  readonly #close: number;
  /** The highest price that the wire can hold. */
  readonly #highest: number;
  #changes = 0;
  /** The last change was of orders alone, and these can be taken back. */
  #hasNewOrders = false;
  /** What was shown before them. */
  readonly #before: Uint8Array;
  #last: number;
  #open: number;
  #high: number;
  #low: number;
  #volume: number;
  #turnover: number;
  #buyBase: number;
  #sellBase: number;
  #oi = 0;
  #oiHigh = 0;
  #oiLow = 0;
  readonly #lengths: Readonly<Record<Mode, number>>;
  #packets!: Readonly<Record<Mode, Uint8Array>>;
  #bodyLength = 0;

  /** @param at Unix seconds: when the instrument last traded before now */
  constructor(instrument: Instrument, seed: number, at: number) {
    const profile = profileOf(instrument.segment);
    const divisor = priceDivisor(instrument.instrumentToken);
    const random = new SeededRandom(seed, mix(instrument.instrumentToken, 2));
    this.instrument = instrument;
    this.#random = random;
    this.#tradable = isTradable(instrument.segment);
    this.#derivative = profile.derivative;
    this.#tick = Math.max(1, Math.round(instrument.tickSize * divisor));
    this.#volatility = instrument.volatility;
    this.#close = Math.round(instrument.lastPrice * divisor);
    const band = Math.floor((this.#close * profile.circuit) / this.#tick);
    const room = Math.max(LEAST_BAND_TICKS, band) * this.#tick;
    this.#lower = Math.max(this.#tick, this.#close - room);
    this.#highest = Math.floor(I32_MAX / this.#tick) * this.#tick;
    this.#upper = Math.min(this.#highest, Math.max(this.#tick, this.#close + room));
    this.#open = this.#last = this.#high = this.#low = this.#clamp(this.#close);
    // The day so far, in four leaps: a gap at the open, then a range.
    this.#move(12);
    this.#open = this.#high = this.#low = this.#last;
    for (let leap = 0; leap < 3; leap++) this.#move(8);

    const lot = instrument.lotSize;
    this.#volume = this.#tradable ? Math.min(U32_MAX, Math.round(instrument.volume / lot) * lot) : 0;
    this.#turnover = (this.#volume * (this.#open + this.#last + this.#high + this.#low)) / 4;
    this.#buyBase = lot * random.integer(50_000);
    this.#sellBase = lot * random.integer(50_000);
    if (this.#derivative) this.#oi = this.#oiHigh = this.#oiLow = lot * (100 + random.integer(20_000));

    this.#lengths = this.#tradable ? TRADABLE_LENGTHS : INDEX_LENGTHS;
    this.body = new Uint8Array(this.#lengths.full);
    this.#before = new Uint8Array(this.#lengths.full);
    this.#view = new DataView(this.body.buffer);
    this.#show(this.#lengths.full);
    this.#view.setUint32(FULL.instrumentToken, instrument.instrumentToken);
    this.#write(lot, at, true);
  }

  /** How often the instrument has changed. */
  get changes(): number {
    return this.#changes;
  }

  /** In rupees. */
  get lastPrice(): number {
    return this.#view.getInt32(FULL.lastPrice) / priceDivisor(this.instrument.instrumentToken);
  }

  /** The packet of a mode as it is now: a view, not a copy. Empty while nothing is known, see {@link forget}. */
  packet(mode: Mode): Uint8Array {
    return this.#packets[mode];
  }

  /**
   * One change, at Unix seconds `now`: a trade most of the time, else only the orders around the price. The orders of
   * the last change can be taken back: then the instrument shows what it showed before.
   */
  advance(now: number): void {
    const random = this.#random;
    this.#changes++;
    if (!this.#tradable || random.next() < TRADES) {
      this.#move(1);
      this.#write(this.#tradable ? this.#trade() : 0, now, true);
    } else if (this.#hasNewOrders && random.next() < TAKEN_BACK) {
      this.body.set(this.#before);
      this.#view.setUint32(FULL.exchangeTimestamp, now);
      this.#hasNewOrders = false;
    } else {
      this.#before.set(this.body);
      this.#write(this.#view.getUint32(FULL.lastTradedQuantity), now, false);
    }
  }

  /**
   * Takes a ready packet as the instrument's state, from a recording or a test. The packet of a lesser mode replaces
   * the head and leaves the rest.
   *
   * @returns false, and takes nothing, if instruments of this kind have no packet of this length
   */
  set(packet: Uint8Array): boolean {
    const { length } = packet;
    if (!Object.values(this.#lengths).includes(length)) return false;
    this.#changes++;
    this.#hasNewOrders = false;
    this.body.set(packet);
    this.#last = this.#view.getInt32(FULL.lastPrice);
    if (length > this.#bodyLength) this.#show(length);
    return true;
  }

  /**
   * A trade at this price, in the wire's integers; the day's range and the book follow. A price beyond the circuit
   * limits moves them, as an exchange relaxes them.
   *
   * @param opens it is the first of the day
   */
  trade(price: number, now: number, opens = false): void {
    const room = LEAST_BAND_TICKS * this.#tick;
    if (price > this.#upper) this.#upper = Math.min(price + room, this.#highest);
    if (price < this.#lower) this.#lower = price - room;
    this.#changes++;
    this.#last = price;
    if (opens) this.#open = this.#high = this.#low = price;
    this.#high = Math.max(this.#high, price);
    this.#low = Math.min(this.#low, price);
    this.#show(this.#lengths.full);
    this.#write(this.#tradable ? this.#trade() : 0, now, true);
  }

  /**
   * The end of an auction: one trade, some way from the last.
   *
   * @param opens it is the first of the day; the day's range begins here
   */
  auction(now: number, opens: boolean): void {
    this.#changes++;
    this.#move(AUCTION_MOVE);
    if (opens) this.#open = this.#high = this.#low = this.#last;
    this.#write(this.#tradable ? this.#trade() : 0, now, true);
  }

  /** The starting point for a scenario, in the wire's integers. */
  get place(): ScenarioPlace {
    return { last: this.#last, close: this.#close, tick: this.#tick, lower: this.#lower, upper: this.#upper };
  }

  /** Makes the instrument unknown until something is {@link set}: how a replay begins. */
  forget(): void {
    this.#show(0);
  }

  /** Only the first `bodyLength` bytes of the body are known; a greater mode shows no more than these. */
  #show(bodyLength: number): void {
    this.#bodyLength = bodyLength;
    const upTo = (length: number) => this.body.subarray(0, Math.min(length, bodyLength));
    const { ltp, quote, full } = this.#lengths;
    this.#packets = { ltp: upTo(ltp), quote: upTo(quote), full: upTo(full) };
  }

  #move(scale: number): void {
    const step = this.#random.normal() * this.#volatility * scale * this.#last;
    // A step below one tick becomes up to two ticks, at times none: else a thin instrument would never move.
    const ticks =
      Math.round(step / this.#tick) || (this.#random.integer(5) - 2) * (this.#random.next() < 0.5 ? 1 : 0);
    this.#last = this.#clamp(this.#last + ticks * this.#tick);
    if (this.#last > this.#high) this.#high = this.#last;
    if (this.#last < this.#low) this.#low = this.#last;
  }

  #clamp(price: number): number {
    return price < this.#lower ? this.#lower : price > this.#upper ? this.#upper : price;
  }

  #trade(): number {
    const random = this.#random;
    const { lotSize } = this.instrument;
    let quantity = lotSize * random.heavyTail(1.1, 5000);
    if (this.#volume + quantity > U32_MAX) quantity = U32_MAX - this.#volume;
    this.#volume += quantity;
    this.#turnover += quantity * this.#last;
    if (this.#derivative && random.next() < 0.3) {
      this.#oi = Math.max(0, this.#oi + lotSize * (random.integer(21) - 10));
      if (this.#oi > this.#oiHigh) this.#oiHigh = this.#oi;
      if (this.#oi < this.#oiLow) this.#oiLow = this.#oi;
    }
    return quantity;
  }

  #write(quantity: number, now: number, trade: boolean): void {
    const view = this.#view;
    this.#hasNewOrders = !trade;
    view.setInt32(FULL.lastPrice, this.#last);
    if (!this.#tradable) {
      view.setInt32(INDEX.high, this.#high);
      view.setInt32(INDEX.low, this.#low);
      view.setInt32(INDEX.open, this.#open);
      view.setInt32(INDEX.close, this.#close);
      view.setInt32(INDEX.priceChange, this.#last - this.#close);
      view.setUint32(INDEX.exchangeTimestamp, now);
      return;
    }
    const bought = this.#writeSide(DEPTH.buyOffset, -this.#tick, this.#last === this.#lower);
    const sold = this.#writeSide(DEPTH.sellOffset, this.#tick, this.#last === this.#upper);
    view.setUint32(FULL.lastTradedQuantity, quantity);
    view.setInt32(
      FULL.averageTradedPrice,
      this.#volume === 0 ? 0 : Math.round(this.#turnover / this.#volume),
    );
    view.setUint32(FULL.volumeTraded, this.#volume);
    view.setUint32(FULL.totalBuyQuantity, bought === 0 ? 0 : bought + this.#buyBase);
    view.setUint32(FULL.totalSellQuantity, sold === 0 ? 0 : sold + this.#sellBase);
    view.setInt32(FULL.open, this.#open);
    view.setInt32(FULL.high, this.#high);
    view.setInt32(FULL.low, this.#low);
    view.setInt32(FULL.close, this.#close);
    if (trade) view.setUint32(FULL.lastTradeTime, now);
    view.setUint32(FULL.oi, this.#oi);
    view.setUint32(FULL.oiDayHigh, this.#oiHigh);
    view.setUint32(FULL.oiDayLow, this.#oiLow);
    view.setUint32(FULL.exchangeTimestamp, now);
  }

  /**
   * Writes five levels away from the last price; returns their quantity. The first is at the price or a tick from it on
   * the buy side and strictly beyond it on the sell side: the book never crosses. At a circuit limit one side is empty.
   */
  #writeSide(at: number, step: number, empty: boolean): number {
    const view = this.#view;
    const random = this.#random;
    const { lotSize } = this.instrument;
    let price = step < 0 ? this.#last + (random.next() < 0.5 ? 0 : step) : this.#last + step;
    let total = 0;
    for (let level = 0; level < DEPTH.levels; level++, at += DEPTH.levelLength) {
      const there = !empty && price >= this.#lower && price <= this.#upper;
      const orders = there ? 1 + random.integer(12) : 0;
      const quantity = orders * lotSize * (there ? 1 + random.integer(40) : 0);
      view.setUint32(at + LEVEL.quantity, quantity);
      view.setInt32(at + LEVEL.price, there ? price : 0);
      view.setUint16(at + LEVEL.orders, orders);
      total += quantity;
      price += random.next() < 0.8 ? step : 2 * step;
    }
    return total;
  }
}
