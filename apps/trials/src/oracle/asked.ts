import { type Mode, PACKETS } from '@kite/protocol';

interface Request {
  readonly at: number;
  /** Undefined: the mode stays. */
  readonly mode: Mode | undefined;
}

/** What the program asked for, by instrument: each request lets the current state come once more. */
export class Asked {
  readonly #requests = new Map<number, Request[]>();

  /** Streams these from their newest state on; `mode`: in this mode. */
  note(tokens: Iterable<number>, at: number, mode?: Mode): void {
    for (const token of tokens) {
      let requests = this.#requests.get(token);
      if (!requests) this.#requests.set(token, (requests = []));
      requests.push({ at, mode });
    }
  }

  /** Whether there was a request after `from`, and not after `to`. */
  between(token: number, from: number, to: number): boolean {
    return (this.#requests.get(token) ?? []).some(({ at }) => at > from && at <= to);
  }

  /** The packet length of the smallest mode wanted from `from` to `to`. */
  leastBytes(token: number, from: number, to: number): number {
    let before: Mode | undefined;
    let least: number | undefined;
    for (const { at, mode } of this.#requests.get(token) ?? []) {
      if (at > to) break;
      if (mode === undefined) continue;
      if (at <= from) before = mode;
      else least = Math.min(least ?? Infinity, PACKETS[mode].length);
    }
    return Math.min(least ?? Infinity, before === undefined ? (least ?? 0) : PACKETS[before].length);
  }
}
