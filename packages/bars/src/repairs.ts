import { textOf } from '@kite/kit';

import type { Candle } from './bar.js';
import type { Repair } from './options.js';

/** 3 a second: Kite's limit for history. */
const PACE_MS = 334;
/** At most this many unanswered requests. */
const MAX_PENDING = 10;
/** A request without an answer fails after this. */
const DEADLINE_MS = 30_000;
/** How often to look for answers. */
const LOOK_MS = 250;

/** A closed bar to repair from history. */
interface Damaged {
  readonly start: number;
  readonly revision: number;
  readonly tickCount: number;
}

/** A request for one instrument. */
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

/** Requests history at a limited rate. It has no clock: pass the time to {@link poll}. */
export class Repairs {
  readonly #repair: Repair;
  /** At most one per instrument. */
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

  /** Adds a request; merges it with a waiting one of the same instrument. */
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

  /** When to poll again; null if nothing waits. */
  dueAt(now: number): number | null {
    if (this.#pending.length > 0) return now + LOOK_MS;
    return this.#queue.size > 0 ? Math.max(now, this.#nextAt) : null;
  }

  /** Sends due requests and delivers each answer that has come. */
  poll(now: number, onAnswer: (request: RepairRequest, candles: readonly Candle[]) => void): void {
    this.#settle(now, onAnswer);
    // A clock set back must not stop the repairs.
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
    // Turns an error thrown at once into a rejection.
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
