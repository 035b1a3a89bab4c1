import { Timer } from '@kite/kit';
import type { Clock, Gap } from '@kite/protocol';

import type { Copies } from './copies.js';
import { APART_MS } from './joining.js';
import type { Span } from './span.js';
import { TOOK_OVER } from './tracker.js';

/** A span that one publisher has missed, of these instruments. */
interface Hole extends Span {
  readonly epoch: number;
  readonly reason: string;
  tokens: number[];
  /** When the rest of it is reported, by the monotonic clock. */
  readonly dueAt: number;
}

/** Every publisher reports its progress once a second. */
const DECIDED_WITHIN_MS = 5000;
const MOST_WAITING = 10_000;

/**
 * What one publisher has missed is a gap, unless another has sent it. While that is not known, the hole waits for the
 * other publisher's report, 5 s at most.
 */
export class Holes {
  readonly #copies: Copies;
  readonly #clock: Clock;
  readonly #tell: (tokens: readonly number[], gap: Omit<Gap, 'instrumentTokens'>) => void;
  readonly #timer: Timer;
  #waiting: Hole[] = [];

  /** @param tell called with what no publisher has sent */
  constructor(
    copies: Copies,
    clock: Clock,
    tell: (tokens: readonly number[], gap: Omit<Gap, 'instrumentTokens'>) => void,
  ) {
    this.#copies = copies;
    this.#clock = clock;
    this.#tell = tell;
    this.#timer = new Timer(clock);
  }

  /** The publisher of this epoch has missed this. */
  found(tokens: readonly number[], epoch: number, { from, to, reason }: Omit<Gap, 'instrumentTokens'>): void {
    const dueAt = this.#clock.monotonic() + DECIDED_WITHIN_MS;
    const hole = { epoch, from, to, reason, tokens: [...tokens], dueAt };
    this.#decide(hole, this.#waiting.length >= MOST_WAITING);
    if (hole.tokens.length === 0) return;
    this.#waiting.push(hole);
    if (this.#waiting.length === 1) this.#timer.set(DECIDED_WITHIN_MS, () => this.#expire());
  }

  /** Call it when more is known about what publishers have sent, or when one of them is gone. */
  look(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const hole of waiting) this.#decide(hole, false);
    this.#waiting = [...waiting.filter(({ tokens }) => tokens.length > 0), ...this.#waiting];
    if (this.#waiting.length === 0) this.#timer.clear();
  }

  /** This instrument is unsubscribed: what is not decided yet is reported. */
  forget(token: number): void {
    for (const hole of this.#waiting) {
      if (!hole.tokens.includes(token)) continue;
      hole.tokens = hole.tokens.filter((other) => other !== token);
      this.#decide({ ...hole, tokens: [token] }, true);
    }
  }

  /** Reports nothing more. */
  close(): void {
    this.#timer.clear();
    this.#waiting = [];
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const hole of this.#waiting) this.#decide(hole, hole.dueAt <= now);
    this.#waiting = this.#waiting.filter(({ tokens }) => tokens.length > 0);
    const [next] = this.#waiting;
    if (next) this.#timer.set(Math.max(1, next.dueAt - now), () => this.#expire());
  }

  /** Reports what no publisher has sent; keeps the hole's undecided instruments. */
  #decide(hole: Hole, mustDecide: boolean): void {
    const { epoch, reason } = hole;
    const told = new Map<string, Span & { tokens: number[] }>();
    hole.tokens = hole.tokens.filter((token) => {
      const left = this.#copies.uncovered(token, epoch, hole);
      if (left.length === 0) return false;
      if (!mustDecide && this.#copies.mayBeCovered(token, epoch, hole)) return true;
      for (const { from, to } of left) {
        const key = `${from} ${to}`;
        const known = told.get(key);
        if (known) known.tokens.push(token);
        else told.set(key, { from, to, tokens: [token] });
      }
      return false;
    });
    // Between two publishers: the one that was heard until then may have received a state later than the other one.
    const apartMs = reason === TOOK_OVER ? APART_MS : 0;
    for (const { from, to, tokens } of told.values())
      this.#tell(tokens, { from: from - apartMs, to, reason });
  }
}
