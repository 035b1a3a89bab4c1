import type { Clock } from '@kite/protocol';

/** One direction of a connection: what is sent arrives in order, after a while, unless the lane is held up or cut. */
export class Lane {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  #waiting: { readonly due: number; readonly arrive: () => void }[] = [];
  #timer: unknown;
  #isHeld = false;
  #lastDue = 0;

  /** @param delayMs drawn for each message; no message overtakes another */
  constructor(clock: Clock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  send(arrive: () => void): void {
    this.#lastDue = Math.max(this.#lastDue, this.#clock.monotonic() + this.#delayMs());
    this.#waiting.push({ due: this.#lastDue, arrive });
    this.#wait();
  }

  /** Nothing arrives until it is let go again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#wait();
  }

  /** What is on its way is lost. */
  cut(): void {
    this.#waiting = [];
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    const [first] = this.#waiting;
    if (this.#isHeld || !first || this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        const now = this.#clock.monotonic();
        while (!this.#isHeld && this.#waiting[0] && this.#waiting[0].due <= now)
          this.#waiting.shift()!.arrive();
        this.#wait();
      },
      Math.max(0, first.due - this.#clock.monotonic()),
    );
  }
}
