import { MarketCalendar } from '@kite/calendar';
import { KiteInputError, type Tick, type TickBatch, type TickerMessage } from '@kite/protocol';

import { Assembler } from './assembler.js';
import type { Bar } from './bar.js';
import type { Draft } from './draft.js';
import { Instrument } from './instrument.js';
import { type BarOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { NO_TRADE, OLD, remember, tradedIn } from './trade.js';
import { Exchanges, type TradingDay } from './trading-day.js';

/** What a builder has seen and done. Plain and JSON-safe. */
export interface BarStats {
  /** Instruments with at least one tick. */
  instruments: number;
  /** Bars delivered, revisions included. */
  bars: number;
  /** Trades whose bar could no longer be changed. Their volume went into the next bar. */
  lateTicks: number;
  /** Ticks older than the known state, ignored. */
  oldTicks: number;
  /** Requests for history that wait for their turn or an answer. */
  repairsWaiting: number;
  /** Requests for history that were answered. */
  repairsDone: number;
  /** Requests for history that failed, or had no answer within 30 s. */
  repairsFailed: number;
  /** Why the last one failed; null if none has. */
  lastRepairError: string | null;
}

/**
 * Builds bars from ticks. Pure: no clock, no timer; the same ticks and times give the same bars.
 *
 * For several intervals use several builders. Keeps the last state and a few bars of each instrument.
 */
export class BarBuilder {
  readonly #options: ResolvedOptions;
  readonly #exchanges: Exchanges;
  readonly #assembler: Assembler;
  readonly #instruments = new Map<number, Instrument>();
  /** The index of a connection, by its account and number; ticks without a connection have index 0. */
  readonly #sources = new Map<string, number>();
  /** When the next bar is closed. */
  #nextDue = Infinity;
  #lateTicks = 0;
  #oldTicks = 0;

  /** @throws KiteInputError `KITE_BARS_INVALID_OPTION` for an unknown or invalid option */
  constructor(options: BarOptions) {
    this.#options = resolveOptions(options);
    this.#exchanges = new Exchanges(this.#options.calendar ?? new MarketCalendar());
    this.#assembler = new Assembler(this.#options);
  }

  /**
   * Takes ticks: an array, an item of `ticks()` or an item of `messages()`. Returns the bars they completed or changed:
   * full bars by ticks or volume, and revisions of closed bars. {@link poll} closes time bars; at most 16 per
   * instrument wait for that, and one more closes the oldest.
   *
   * @param receivedAt Unix milliseconds; needed for ltp and quote ticks in an array, which carry no time
   * @throws KiteInputError `KITE_BARS_INVALID_INPUT` for anything else, `KITE_BARS_UNKNOWN_TIME` if a tick has no time
   */
  push(input: Iterable<Tick> | TickBatch | TickerMessage, receivedAt?: number): Bar[] {
    if (typeof input !== 'object' || (input as unknown) === null) throw refusedInput('input', input);
    if (Symbol.iterator in input) this.#ticks(input, receivedAt ?? NaN, 0);
    else if ('type' in input) this.#message(input);
    else if ('ticks' in input) {
      const source = this.#sourceOf(input);
      if (input.dropped > 0) this.#assembler.losses[source]!++;
      if (input.gap) this.#gap(input.gap, source);
      this.#ticks(input.ticks, input.receivedAt, source);
    } else throw refusedInput('input', input);
    return this.#taken();
  }

  /**
   * Closes the bars that ended `closeAfterMs` ago, sends due requests for history, and returns what is new. Pass
   * `Infinity` after the last tick of a tape to close all.
   *
   * @param now Unix milliseconds
   */
  poll(now: number): Bar[] {
    if (typeof now !== 'number' || Number.isNaN(now)) throw refusedInput('now', now, 'Unix milliseconds');
    if (now >= this.#nextDue) {
      this.#nextDue = Infinity;
      for (const state of this.#instruments.values()) this.#dueAt(this.#assembler.closeDue(state, now));
    }
    if (now < Infinity)
      this.#assembler.repairs?.poll(now, (request, candles) => {
        this.#assembler.heal(this.#instruments.get(request.token)!, request, candles);
      });
    return this.#taken();
  }

  /** When {@link poll} has something to do next, in Unix milliseconds; null while nothing waits. @param now Unix milliseconds */
  dueAt(now: number): number | null {
    const due = Math.min(this.#nextDue, this.#assembler.repairs?.dueAt(now) ?? Infinity);
    return due === Infinity ? null : due;
  }

  /** The instrument's newest open bar, as it is now. */
  forming(instrumentToken: number): Bar | undefined {
    const state = this.#instruments.get(instrumentToken);
    const draft = state?.forming ?? state?.ended.at(-1);
    if (!state || !draft) return undefined;
    const bar = draft.toBar(instrumentToken, this.#options.interval, 'forming');
    return { ...bar, gap: bar.gap || this.#assembler.hasLoss(draft) };
  }

  /** The instruments with an open bar. */
  *formingTokens(): IterableIterator<number> {
    for (const [token, { forming, ended }] of this.#instruments)
      if (forming !== null || ended.length > 0) yield token;
  }

  /** Plain figures: what it has seen and done. */
  getStats(): BarStats {
    const { repairs, count } = this.#assembler;
    return {
      instruments: this.#instruments.size,
      bars: count,
      lateTicks: this.#lateTicks,
      oldTicks: this.#oldTicks,
      repairsWaiting: repairs?.waiting ?? 0,
      repairsDone: repairs?.done ?? 0,
      repairsFailed: repairs?.failed ?? 0,
      lastRepairError: repairs?.lastError ?? null,
    };
  }

  #taken(): Bar[] {
    const { out } = this.#assembler;
    if (out.length > 0) this.#assembler.out = [];
    return out.length > 0 ? out : [];
  }

  #message(message: TickerMessage): void {
    if (message.type === 'ticks') this.#ticks(message.ticks, message.receivedAt, this.#sourceOf(message));
    else if (message.type === 'gap') this.#gap(message, this.#sourceOf(message));
    else if (message.type === 'lagged') this.#assembler.losses[this.#sourceOf(message)]!++;
  }

  /** Index 0 for ticks without a connection, else one index per connection. */
  #sourceOf({ channelId, apiKeyId = '' }: { channelId: number; apiKeyId?: string }): number {
    const key = `${channelId} ${apiKeyId}`;
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = this.#assembler.losses.push(0) - 1;
      this.#sources.set(key, source);
    }
    return source;
  }

  #ticks(ticks: Iterable<Tick>, receivedAt: number, source: number): void {
    for (const tick of ticks) this.#tick(tick, receivedAt, source);
  }

  #tick(tick: Tick, receivedAt: number, source: number): void {
    if (
      typeof (tick as Tick | null | undefined)?.instrumentToken !== 'number' ||
      !Number.isFinite(tick.lastPrice)
    )
      throw refusedInput('tick', tick, 'ticks with an instrumentToken and a lastPrice');
    let state = this.#instruments.get(tick.instrumentToken);
    if (state === undefined) {
      state = new Instrument(tick.instrumentToken, this.#exchanges.daysOf(tick.instrumentToken));
      this.#instruments.set(tick.instrumentToken, state);
    }
    const exchangeTime = tick.mode === 'full' ? tick.exchangeTimestamp : null;
    const time = exchangeTime ?? receivedAt;
    if (!Number.isFinite(time)) throw unknownTime(tick);
    const day = state.days.at(time);
    const volume = tradedIn(state, tick, time, day);
    state.source = source;
    if (volume >= 0) this.#trade(state, tick, time, day, volume, exchangeTime === null);
    else if (volume === OLD) this.#oldTicks++;
    else if (volume === NO_TRADE) this.#openInterest(state, tick, time);
    state.isAfterGap = false;
  }

  #trade(
    state: Instrument,
    tick: Tick,
    time: number,
    day: TradingDay,
    volume: number,
    byArrival: boolean,
  ): void {
    const draft = this.#assembler.draftAt(state, day, time);
    // Keep the known state: the volume of this trade goes to the next one.
    if (draft === null) {
      this.#lateTicks++;
      return;
    }
    if (state.isAfterGap) draft.gap = true;
    draft.trade(tick.lastPrice, volume, time);
    if (byArrival) draft.byArrival = true;
    if (tick.mode !== 'ltp') this.#extremes(state, tick.ohlc, draft);
    if (tick.mode === 'full' && tick.tradable) draft.oi = tick.oi;
    remember(state, tick, time, day);
    this.#dueAt(draft.due);
    this.#assembler.traded(state, draft, time);
  }

  /** Adds a new high or low of the day since the last trade, between two snapshots. A low of 0 is none. */
  #extremes(state: Instrument, { high, low }: { high: number; low: number }, draft: Draft): void {
    if (high > state.dayHigh && high > draft.high) draft.high = high;
    if (low < state.dayLow && low < draft.low && low !== 0) draft.low = low;
  }

  #openInterest({ forming }: Instrument, tick: Tick, time: number): void {
    if (forming === null || tick.mode !== 'full' || !tick.tradable) return;
    if (time >= forming.start && time < forming.end) forming.oi = tick.oi;
  }

  #gap(gap: { from: number; to: number; instrumentTokens?: readonly number[] }, source: number): void {
    if (gap.instrumentTokens) {
      for (const token of gap.instrumentTokens) this.#gapOf(this.#instruments.get(token), gap);
    } else
      for (const state of this.#instruments.values()) if (state.source === source) this.#gapOf(state, gap);
  }

  #gapOf(state: Instrument | undefined, { from, to }: { from: number; to: number }): void {
    if (state === undefined) return;
    state.gapFrom = state.isAfterGap ? Math.min(state.gapFrom, from) : from;
    state.gapTo = to;
    state.isAfterGap = true;
    this.#assembler.gap(state, from, to);
  }

  #dueAt(due: number): void {
    if (due < this.#nextDue) this.#nextDue = due;
  }
}

function refusedInput(
  field: string,
  value: unknown,
  allowed = 'an iterable of ticks, a batch of ticks, or a message of a feed',
) {
  return new KiteInputError('KITE_BARS_INVALID_INPUT', { field, value, allowed });
}

function unknownTime(tick: Tick): KiteInputError {
  return new KiteInputError(
    'KITE_BARS_UNKNOWN_TIME',
    { field: 'receivedAt', value: undefined, allowed: 'Unix milliseconds' },
    `a tick of ${tick.instrumentToken} in mode ${tick.mode} carries no time: pass receivedAt, or the batch that has it`,
  );
}
