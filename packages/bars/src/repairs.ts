import { textOf } from '@kite/kit';

import type { Candle } from './bar.js';
import type { Repair } from './options.js';

/** 3 a second, which is Kite's limit for history. */
const PACE_MS = 334;
/** Requests that are not answered yet, at most. */
const MAX_PENDING = 10;
/** A request without an answer is given up after this. */
const DEADLINE_MS = 30_000;
/** How often answers are looked for. */
const LOOK_MS = 250;

/** A closed bar that history is asked for. */
interface Damaged {
  readonly start: number;
  readonly revision: number;
  readonly tickCount: number;
}

/** What is asked for of one instrument. */
export interface RepairRequest {
  readonly token: number;
  readonly from: number;
  readonly to: number;
  readonly bars: readonly Damaged[];
}

interface Pending {
  readonly request: RepairRequest;
  readonly since: number;
  candles?: readonly Candle[];
  error?: unknown;
  isSettled: boolean;
}

/** Asks for history, so many times a second and no more. It has no clock: time is passed to {@link poll}. */
export class Repairs {
  readonly #repair: Repair;
  /** At most one for each instrument. */
  readonly #queue = new Map<number, RepairRequest>();
  #pending: Pending[] = [];
  #nextAt = -Infinity;
  done = 0;
  failed = 0;
  lastError: string | null = null;

  constructor(repair: Repair) {
    this.#repair = repair;
  }

  get waiting(): number {
    return this.#queue.size + this.#pending.length;
  }

  /** A request for an instrument that waits already is made one with it. */
  add(request: RepairRequest): void {
    const before = this.#queue.get(request.token);
    if (!before) this.#queue.set(request.token, request);
    else
      this.#queue.set(request.token, {
        token: request.token,
        from: Math.min(before.from, request.from),
        to: Math.max(before.to, request.to),
        bars: [
          ...before.bars.filter(({ start }) => request.bars.every((one) => one.start !== start)),
          ...request.bars,
        ],
      });
  }

  /** When to poll again; null where nothing waits. */
  dueAt(now: number): number | null {
    if (this.#pending.length > 0) return now + LOOK_MS;
    return this.#queue.size > 0 ? Math.max(now, this.#nextAt) : null;
  }

  /** Asks for what is due, and hands over each answer that has come. */
  poll(now: number, onAnswer: (request: RepairRequest, candles: readonly Candle[]) => void): void {
    this.#settle(now, onAnswer);
    // A clock that was set back must not stop the repairs.
    if (this.#nextAt > now + PACE_MS) this.#nextAt = now + PACE_MS;
    if (now < this.#nextAt || this.#pending.length >= MAX_PENDING) return;
    for (const [token, request] of this.#queue) {
      this.#queue.delete(token);
      this.#nextAt = now + PACE_MS;
      this.#ask(request, now);
      return;
    }
  }

  #ask(request: RepairRequest, now: number): void {
    const pending: Pending = { request, since: now, isSettled: false };
    this.#pending.push(pending);
    const settle = (found: Pick<Pending, 'candles' | 'error'>) =>
      Object.assign(pending, found, { isSettled: true });
    // An error that is thrown at once is one that is rejected.
    void (async () => this.#repair(request.token, request.from, request.to))().then(
      (candles) => settle({ candles }),
      (error: unknown) => settle({ error }),
    );
  }

  #settle(now: number, onAnswer: (request: RepairRequest, candles: readonly Candle[]) => void): void {
    if (this.#pending.length === 0) return;
    const open: Pending[] = [];
    for (const pending of this.#pending) {
      const { request, candles, error } = pending;
      if (!pending.isSettled && now - pending.since < DEADLINE_MS) open.push(pending);
      else if (!pending.isSettled) this.#fail(`no answer within ${DEADLINE_MS} ms`);
      else if (error !== undefined) this.#fail(textOf(error));
      else if (!isCandles(candles)) this.#fail('the answer is no list of candles');
      else {
        this.done++;
        onAnswer(request, candles);
      }
    }
    this.#pending = open;
  }

  #fail(reason: string): void {
    this.failed++;
    this.lastError = reason;
  }
}

function isCandles(candles: unknown): candles is readonly Candle[] {
  const fields = ['start', 'open', 'high', 'low', 'close', 'volume'] as const;
  return (
    Array.isArray(candles) &&
    candles.every((one: Partial<Candle> | null) => fields.every((field) => Number.isFinite(one?.[field])))
  );
}
