import type { Clock } from '@kite/connection';

interface Timer {
  due: number;
  callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #time = 0;

  now(): number {
    return 1_700_000_000_000 + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { due: this.#time + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.due - b.due)[0];
      if (!next || next.due > end) break;
      this.#time = Math.max(this.#time, next.due);
      this.#timers.delete(next);
      next.callback();
    }
    this.#time = end;
  }
}
