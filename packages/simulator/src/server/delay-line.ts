import type { Clock } from '@kite/protocol';

/** Delivers messages later, in order, even if the delay changes. */
export class DelayLine {
  readonly #clock: Clock;
  readonly #waiting: { due: number; deliver: () => void }[] = [];
  #timer: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Delivers after `delayMs`, but not before what was pushed earlier. */
  push(deliver: () => void, delayMs: number): void {
    if (delayMs === 0 && this.#waiting.length === 0) {
      deliver();
      return;
    }
    const due = Math.max(this.#clock.monotonic() + delayMs, this.#waiting.at(-1)?.due ?? 0);
    this.#waiting.push({ due, deliver });
    this.#timer ??= this.#schedule();
  }

  /** Drops what is under way. */
  clear(): void {
    this.#waiting.length = 0;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): unknown {
    const next = this.#waiting[0];
    if (next === undefined) return undefined;
    return this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#deliverDue();
        this.#timer ??= this.#schedule();
      },
      Math.max(0, next.due - this.#clock.monotonic()),
    );
  }

  #deliverDue(): void {
    // Half a millisecond of grace: timers fire on whole ones.
    const now = this.#clock.monotonic() + 0.5;
    while (this.#waiting.length > 0 && this.#waiting[0]!.due <= now) this.#waiting.shift()!.deliver();
  }
}
