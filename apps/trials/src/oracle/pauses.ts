/** A time in which the client's main thread did nothing: it was blocked, or the machine slept. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

/** When the client's main thread did nothing: whatever was due then came late, and the code is not to blame. */
export class Pauses {
  readonly #pauses: readonly Pause[];

  constructor(pauses: readonly Pause[]) {
    this.#pauses = pauses;
  }

  /** When the program can act: at this time, or just after it stops being blocked or asleep. */
  awakeAt(at: number): number {
    for (;;) {
      const pause = this.#pauses.find(({ from, to }) => from <= at && at <= to);
      if (!pause) return at;
      at = pause.to + 1;
    }
  }

  /** The time since which the program was awake for this long, until `at`. */
  awakeSince(at: number, awakeMs: number): number {
    for (let since = at - awakeMs; ;) {
      const next = at - awakeMs - this.#within(since, at);
      if (next === since) return since;
      since = next;
    }
  }

  /** The total length of the pauses that touch a span, in milliseconds. */
  between(from: number, to: number): number {
    let ms = 0;
    for (const pause of this.#pauses) if (pause.from <= to && pause.to >= from) ms += pause.to - pause.from;
    return ms;
  }

  /** How much of a span the pauses take. They may overlap. */
  #within(from: number, to: number): number {
    let ms = 0;
    let upTo = from;
    for (const pause of [...this.#pauses].sort((one, other) => one.from - other.from)) {
      const end = Math.min(pause.to, to);
      ms += Math.max(0, end - Math.max(pause.from, upTo));
      upTo = Math.max(upTo, end);
    }
    return ms;
  }
}
