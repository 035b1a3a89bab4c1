import type { Mode } from '@kite/protocol';

/** A time in which a subscriber wanted an instrument in one mode, in virtual milliseconds since the trial began. */
export interface WantedSpan {
  readonly from: number;
  to: number;
  readonly mode: Mode;
  /** It did not want it before. */
  readonly isJoined: boolean;
  /** It wanted less of it before. */
  readonly isRaised: boolean;
}

const RANK: Readonly<Record<Mode, number>> = { ltp: 0, quote: 1, full: 2 };

/** What one subscriber wanted, and when. */
export class OwnWants {
  /** By instrument, in order. */
  readonly #spans = new Map<number, WantedSpan[]>();

  /** From now on it wants these in this mode; undefined: no longer. */
  note(tokens: Iterable<number>, at: number, mode: Mode | undefined): void {
    for (const token of tokens) {
      const spans = this.#spans.get(token) ?? [];
      this.#spans.set(token, spans);
      const last = spans.at(-1);
      const isOn = last?.to === Infinity;
      if (isOn) last.to = at;
      if (mode === undefined) continue;
      const isRaised = isOn && RANK[mode] > RANK[last.mode];
      spans.push({ from: at, to: Infinity, mode, isJoined: !isOn, isRaised });
    }
  }

  /** The instruments that it has ever wanted. */
  get tokens(): Iterable<number> {
    return this.#spans.keys();
  }

  /** When it wanted an instrument. */
  of(token: number): readonly WantedSpan[] {
    return this.#spans.get(token) ?? [];
  }

  /** Whether it wanted it at some time of this span. */
  within(token: number, from: number, to: number): boolean {
    return this.of(token).some((span) => span.from <= to && span.to >= from);
  }
}
