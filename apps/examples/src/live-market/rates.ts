/** Totals at one moment. */
export interface Totals {
  readonly ticks: number;
  readonly frames: number;
}

/** Rates a second. */
export interface Rate {
  readonly ticksPerSecond: number;
  readonly framesPerSecond: number;
}

/** Short enough to show a stall at once and to fit into one-second samples; long enough to average over frames. */
const WINDOW_MS = 900;

/** Rates from growing totals, over about the last second. */
export class Rates {
  readonly #samples: (Totals & { readonly at: number })[] = [];

  /** Adds the current totals, with the time in milliseconds of a clock that never jumps. */
  sample(totals: Totals, at: number): Rate {
    const samples = this.#samples;
    samples.push({ ...totals, at });
    // Keep one entry as old as the window, and everything newer.
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
