import { setImmediate as turn } from 'node:timers/promises';

import type { Clock } from '@kite/connection';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes when a test says so. Wall clock and monotonic clock are far apart, so that mixing them up shows. */
export class FakeClock implements Clock {
  #elapsed = 0;
  #order = 0;
  #wallStart: number;
  readonly #timers = new Set<Timer>();

  constructor(wallStart = Date.UTC(2026, 10, 20, 4)) {
    this.#wallStart = wallStart;
  }

  /** Timers that wait: none may be left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#wallStart + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { due: this.#elapsed + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** The clock on the wall is put right: nothing else notices. */
  setBack(ms: number): void {
    this.#wallStart -= ms;
  }

  /** Time passes: what falls due runs at its time. */
  pass(ms: number): void {
    const end = this.#elapsed + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) this.#fire(timer);
    this.#elapsed = end;
  }

  /** As {@link pass}, with all that promises bring about before each timer and at the end. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await turn();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#fire(timer);
      await turn();
    }
    this.#elapsed = end;
  }

  /** Time passes while the event loop is blocked; what fell due meanwhile runs afterwards, late. */
  block(ms: number): void {
    const end = (this.#elapsed += ms);
    const late = [...this.#timers].filter(({ due }) => due <= end).sort(byDue);
    for (const timer of late) if (this.#timers.delete(timer)) timer.callback();
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    timer.callback();
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ due }) => due <= end).sort(byDue)[0];
  }
}

function byDue(a: Timer, b: Timer): number {
  return a.due - b.due || a.order - b.order;
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  await turn();
}
