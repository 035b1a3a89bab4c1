/** Totals at one moment. */
export interface Totals {
  readonly ticks: number;
  readonly frames: number;
}

/** How much a second. */
export interface Rate {
  readonly ticksPerSecond: number;
  readonly framesPerSecond: number;
}

/** Short, so that a stall shows at once; long enough to average over frames; under a second, for those who sample each second. */
const WINDOW_MS = 900;

/** Rates out of totals that only grow, over about the last second. */
export class Rates {
  readonly #samples: (Totals & { readonly at: number })[] = [];

  /** Takes in the totals of this moment, in milliseconds of a clock that never jumps. */
  sample(totals: Totals, at: number): Rate {
    const samples = this.#samples;
    samples.push({ ...totals, at });
    // The oldest that stays is the newest that is as old as the window.
    while (samples.length > 2 && samples[1]!.at <= at - WINDOW_MS) samples.shift();
    const first = samples[0]!;
    const elapsedMs = at - first.at;
    if (elapsedMs <= 0) return { ticksPerSecond: 0, framesPerSecond: 0 };
    return {
      ticksPerSecond: ((totals.ticks - first.ticks) * 1000) / elapsedMs,
      framesPerSecond: ((totals.frames - first.frames) * 1000) / elapsedMs,
    };
  }
}
