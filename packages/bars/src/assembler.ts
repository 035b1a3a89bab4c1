import type { Bar, Candle } from './bar.js';
import { Draft } from './draft.js';
import type { Instrument } from './instrument.js';
import type { ResolvedOptions } from './options.js';
import { type RepairRequest, Repairs } from './repairs.js';
import { startOf, type TradingDay } from './trading-day.js';

/** At most this many bars of an instrument wait for the clock; if it stands still, one more closes the oldest. */
const MAX_ENDED = 16;

/** Decides which bar a trade belongs to and when a bar is done. Done bars are in `out`, in order. */
export class Assembler {
  readonly #options: ResolvedOptions;
  readonly #length: number;
  readonly #isTime: boolean;
  readonly repairs: Repairs | null;
  /** Bars to deliver. */
  out: Bar[] = [];
  /** How many bars were delivered. */
  count = 0;
  /** How often ticks were lost on the way, by connection: bars of that time have a gap. Index 0: no connection. */
  readonly losses: number[] = [0];

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#length = options.measure.amount;
    this.#isTime = options.measure.kind === 'time';
    this.repairs = options.repair ? new Repairs(options.repair) : null;
  }

  /** The bar for a trade at a time, old or new. Null if that bar can no longer be changed. */
  draftAt(state: Instrument, day: TradingDay, time: number): Draft | null {
    if (!this.#isTime) return this.#counted(state, day, time);
    // A snapshot at the very end and later trades at the closing price belong to the session's last bar.
    const at = time >= day.end && day.end > day.open ? day.end - 1 : time;
    const { forming, ended, closed } = state;
    if (forming !== null && at >= forming.start && at < forming.end) return forming;
    const start = startOf(day, at, this.#length);
    const last = forming ?? closed;
    if (last === null || start > last.start) {
      if (forming !== null && ended.push(forming) > MAX_ENDED) this.close(state, ended[0]!);
      const end = Math.min(start + this.#length, day.end);
      return this.#begin(state, new Draft(start, end, day.end, end + this.#options.closeAfterMs), day);
    }
    const waiting = ended.find((draft) => draft.start === start);
    if (waiting) return waiting;
    return closed?.start === start ? closed : null;
  }

  #counted(state: Instrument, day: TradingDay, time: number): Draft {
    const { forming } = state;
    if (forming !== null && forming.sessionEnd === day.end) return forming;
    if (forming !== null) this.close(state, forming);
    const due = day.end + this.#options.closeAfterMs;
    return this.#begin(state, new Draft(time, time, day.end, due), day);
  }

  #begin(state: Instrument, draft: Draft, day: TradingDay): Draft {
    draft.partial = this.#isTime && draft.start < state.completeFrom;
    draft.source = state.source;
    draft.lossesAtStart = this.losses[state.source]!;
    if (state.isAfterGap || state.gapTo > draft.start) {
      draft.gap = true;
      const known = state.ended.at(-1) ?? state.closed;
      const from = this.#isTime ? startOf(day, Math.max(day.open, state.gapFrom), this.#length) : draft.start;
      draft.missingFrom = Math.min(
        draft.start,
        Math.max(from, known === null ? day.open : known.end, day.open),
      );
    }
    state.forming = draft;
    return draft;
  }

  /** A trade went into a bar: it may have filled it, or changed a closed one. */
  traded(state: Instrument, draft: Draft, time: number): void {
    if (draft === state.closed) {
      draft.revision++;
      this.#emit(state, draft);
    } else if (!this.#isTime) {
      draft.end = Math.max(draft.end, time);
      const reached = this.#options.measure.kind === 'ticks' ? draft.tickCount : draft.volume;
      if (reached >= this.#length) this.close(state, draft);
    }
  }

  /** Closes what is due. Returns when the instrument's next bar is due. */
  closeDue(state: Instrument, now: number): number {
    for (let draft = oldest(state); draft !== null; draft = oldest(state)) {
      // The intervals before it had no trade.
      if (draft.due > now) return Math.min(draft.due, this.#fillTo(state, draft.start, now));
      this.close(state, draft);
    }
    return this.#fillTo(state, Infinity, now);
  }

  close(state: Instrument, draft: Draft): void {
    this.#fillTo(state, draft.start, Infinity);
    if (state.ended[0] === draft) state.ended.shift();
    else state.forming = null;
    state.closed = state.traded = draft;
    draft.gap ||= this.hasLoss(draft);
    this.#emit(state, draft);
    if (draft.gap) this.#repair(state, draft);
  }

  /** Whether ticks were lost since the bar began. */
  hasLoss(draft: Draft): boolean {
    return draft.lossesAtStart !== this.losses[draft.source];
  }

  /** Takes an outage, reported at its end. Bars of that time that were closed meanwhile come again. */
  gap(state: Instrument, from: number, to: number): void {
    const isIn = (draft: Draft) => from < draft.end && to > draft.start;
    for (const draft of [...state.ended, state.forming]) if (draft !== null && isIn(draft)) draft.gap = true;
    const { traded, closed } = state;
    if (traded === null || closed === null) return;
    for (let draft = traded; ; draft = draft.end < closed.start ? this.#flat(draft) : closed) {
      if (isIn(draft) && !draft.gap) {
        draft.gap = true;
        draft.revision++;
        this.#emit(state, draft);
        this.#repair(state, draft);
      }
      if (draft === closed) return;
    }
  }

  /** The next bar, without a trade. */
  #flat(last: Draft): Draft {
    const end = Math.min(last.end + this.#length, last.sessionEnd);
    const draft = new Draft(last.end, end, last.sessionEnd, end + this.#options.closeAfterMs).flat(
      last.close,
    );
    draft.oi = last.oi;
    draft.byArrival = last.byArrival;
    return draft;
  }

  /** Adds due bars without a trade, from the last closed one up to a time. Returns when the next one is due. */
  #fillTo(state: Instrument, limit: number, now: number): number {
    if (!this.#options.fill) return Infinity;
    const stop = (last: Draft) => Math.min(limit, last.sessionEnd);
    for (let last = state.closed; last !== null && last.end < stop(last); last = state.closed) {
      const draft = this.#flat(last);
      if (draft.due > now) return draft.due;
      draft.gap = state.gapTo > draft.start && state.gapFrom < draft.end;
      state.closed = draft;
      this.#emit(state, draft);
    }
    return Infinity;
  }

  #emit(state: Instrument, draft: Draft): void {
    this.count++;
    this.out.push(draft.toBar(state.token, this.#options.interval, 'closed'));
  }

  #repair(state: Instrument, draft: Draft): void {
    if (this.repairs === null || draft.isAsked) return;
    draft.isAsked = true;
    const { start, revision, tickCount } = draft;
    this.repairs.add({
      token: state.token,
      from: draft.missingFrom,
      to: draft.end,
      bars: [{ start, revision, tickCount }],
    });
  }

  /** Takes bars from history: the requested ones, and those that the outage left out. */
  heal(state: Instrument, request: RepairRequest, candles: readonly Candle[]): void {
    const found = new Map<number, Candle>();
    for (const candle of [...candles].sort((a, b) => a.start - b.start)) {
      if (candle.start < request.from || candle.start >= request.to) continue;
      const day = state.days.at(candle.start);
      if (candle.start < day.open || candle.start >= day.end) continue;
      const start = startOf(day, candle.start, this.#length);
      found.set(start, joined(found.get(start), candle));
    }
    for (const [start, candle] of found) {
      const damaged = request.bars.find((bar) => bar.start === start);
      // Neither requested nor left out: keep the bar of its own ticks.
      if (!damaged && state.closed?.start === start) continue;
      const day = state.days.at(start);
      const end = Math.min(start + this.#length, day.end);
      const isLast = state.closed?.start === start;
      const draft = isLast ? state.closed! : new Draft(start, end, day.end, end);
      if (!isLast) {
        draft.revision = damaged?.revision ?? 0;
        draft.tickCount = damaged?.tickCount ?? 0;
      }
      draft.heal(candle);
      this.#emit(state, draft);
    }
  }
}

function joined(first: Candle | undefined, next: Candle): Candle {
  if (!first) return next;
  return {
    ...next,
    start: first.start,
    open: first.open,
    high: Math.max(first.high, next.high),
    low: Math.min(first.low, next.low),
    volume: first.volume + next.volume,
  };
}

/** The instrument's bar that closes next. */
function oldest({ ended, forming }: Instrument): Draft | null {
  return ended[0] ?? forming;
}
