import { settled } from './settled.js';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that passes when a test says so. The clock on the wall and the monotonic one are far apart, so that code which
 * mixes them up fails.
 */
export class VirtualClock {
  #wallStart: number;
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param wallStart the first `now()`, in Unix milliseconds; 09:30 in India on a trading day unless given */
  constructor(wallStart = Date.UTC(2026, 10, 20, 4)) {
    this.#wallStart = wallStart;
  }

  /** Timers that wait: none may be left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Unix milliseconds. */
  now(): number {
    return this.#wallStart + this.#elapsed;
  }

  /** Milliseconds since the clock was made. */
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

  /** Sets the clock on the wall back; the monotonic one does not notice. */
  setBack(ms: number): void {
    this.#wallStart -= ms;
  }

  /** Lets time pass: what falls due runs at its time, in its order. */
  pass(ms: number): void {
    const end = this.#elapsed + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) this.#fire(timer);
    this.#elapsed = end;
  }

  /** As {@link pass}, and lets promises settle before each timer and at the end. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settled();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#fire(timer);
      await settled();
    }
    this.#elapsed = end;
  }

  /**
   * Lets time pass unnoticed, as while the event loop is blocked or the machine is asleep: what fell due meanwhile runs
   * afterwards, late, and what it sets anew waits for the next passing of time.
   */
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
