/** The counting window, in milliseconds. */
const WINDOW_MS = 3000;

/** How often something happens, over the last three seconds. */
export class RateMeter {
  #total = 0;
  readonly #samples: { at: number; total: number }[] = [];

  count(times: number): void {
    this.#total += times;
  }

  /** Call it regularly, with the time in milliseconds. */
  perSecond(now: number): number {
    this.#samples.push({ at: now, total: this.#total });
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0]!;
    return now > oldest.at ? ((this.#total - oldest.total) * 1000) / (now - oldest.at) : 0;
  }
}
