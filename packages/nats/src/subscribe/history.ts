import type { TickHead } from '../wire/head.js';
import { type Position, Tracker, type Verdict } from './tracker.js';

/** A publisher of whom the stream has nothing for this long is taken to be gone. */
const GONE_AFTER_MS = 3000;
/** Of an instrument something is missing; Unix milliseconds of the publisher's clock. */
export interface Missing {
  readonly token: number;
  readonly from: number;
  readonly to: number;
}

/** Why what the live feed has handed out is missing here. */
export const NOT_STORED = 'packets are missing in the stream of ticks';
const SEEN: Verdict = { isNew: false };

/**
 * Tells which packets of the stream of ticks are new to a reader who begins at a time, where some are missing, and when the
 * live feed can take over: behind the packet of each instrument that it had handed out last. Pure.
 */
export class History {
  readonly #from: number;
  readonly #tokens: ReadonlySet<number>;
  readonly #tracker: Tracker;
  /** When the last packet of each publisher was received, Unix milliseconds. */
  readonly #heardAt = new Map<number, number>();
  /** Of instruments whose end has not come: the packet that is their last here. */
  #ends: Map<number, Position> | undefined;
  readonly #missing: Missing[] = [];
  #head: TickHead | undefined;

  /** @param from Unix milliseconds: what the publisher had received before is left out */
  constructor(tokens: Iterable<number>, from: number) {
    this.#tokens = new Set(tokens);
    this.#from = from;
    this.#tracker = new Tracker((epoch) => this.#isAtWork(epoch));
  }

  /** Whether the instrument is read here. */
  has(token: number): boolean {
    return this.#tokens.has(token);
  }

  /** The next packet of the stream; what is missing before it is told even where the packet itself is not handed out. */
  take(token: number, head: TickHead): Verdict {
    if (!this.#tokens.has(token) || this.#ends?.has(token) === false) return SEEN;
    const end = this.#ends?.get(token);
    const isPast = end?.epoch === head.epoch && head.sequence >= end.sequence;
    if (isPast) this.#ends!.delete(token);
    const before = this.#tracker.at(token);
    if (isPast && head.sequence > end.sequence) {
      // The live feed has this one: the end itself is missing here.
      const gap = { from: before?.receivedAt ?? this.#from, to: end.receivedAt, reason: NOT_STORED };
      return { isNew: false, gap: this.#clipped(gap) };
    }
    this.#head = isPast ? { ...head, previous: 0 } : head;
    const wasSame = before?.epoch === head.epoch;
    const from = before?.receivedAt ?? head.receivedAt;
    const verdict = this.#tracker.take(token, head);
    this.#heardAt.set(head.epoch, Math.max(head.receivedAt, this.#heardAt.get(head.epoch) ?? 0));
    const here = this.#tracker.at(token)!;
    if (isPast && here.epoch !== head.epoch) {
      // The live feed has this one from a publisher that is behind the one that was read here.
      const gap = { from: head.receivedAt, to: here.receivedAt, reason: NOT_STORED };
      return { isNew: false, gap: this.#clipped(gap) };
    }
    if (!verdict.isNew || head.receivedAt < this.#from) return SEEN;
    if (verdict.gap) return { isNew: true, gap: this.#clipped(verdict.gap) };
    if (!wasSame || !head.cached) return verdict;
    const reason = 'the published feed had a gap';
    return { isNew: true, gap: this.#clipped({ from, to: Math.max(from, head.receivedAt), reason }) };
  }

  /** Whether nothing was handed out here that the live feed has not handed out. */
  canEndAt(live: (token: number) => Position | undefined): boolean {
    for (const token of this.#tokens) {
      const here = this.#tracker.at(token);
      const there = live(token);
      if (here && here.epoch === there?.epoch && here.sequence > there.sequence) return false;
    }
    return true;
  }

  /** From now on each instrument ends with the packet that the live feed had handed out last; one without ends here. */
  endAt(live: (token: number) => Position | undefined): void {
    this.#ends = new Map();
    for (const token of this.#tokens) {
      const end = live(token);
      const here = this.#tracker.at(token);
      if (!end || end.receivedAt < this.#from) continue;
      if (here?.epoch === end.epoch && here.sequence >= end.sequence) continue;
      const { epoch, sequence, receivedAt } = end;
      if (sequence > 0) this.#ends.set(token, { epoch, sequence, receivedAt });
      else this.#missing.push(this.#missingOf(token, receivedAt));
    }
  }

  /**
   * What is missing between here and the live feed: of instruments whose end has not come, and of those whose publisher was
   * replaced, which the live feed has reported before.
   */
  get missing(): readonly Missing[] {
    const open = [...(this.#ends ?? [])].map(([token, { receivedAt }]) => this.#missingOf(token, receivedAt));
    return [...this.#missing, ...open];
  }

  /** Whether the live feed can take over. */
  get isComplete(): boolean {
    return this.#ends?.size === 0;
  }

  /**
   * Of two publishers one is read. The first packet of another one's life takes over at once: it may be the same, restarted.
   * So does the end, which the live feed has.
   */
  #isAtWork(epoch: number): boolean {
    const { previous, receivedAt } = this.#head!;
    return previous !== 0 && (this.#heardAt.get(epoch) ?? 0) > receivedAt - GONE_AFTER_MS;
  }

  #missingOf(token: number, to: number): Missing {
    const from = this.#tracker.at(token)?.receivedAt ?? this.#from;
    return { token, ...this.#clipped({ from, to }) };
  }

  #clipped<G extends { from: number; to: number }>(gap: G): G {
    return { ...gap, from: Math.min(gap.to, Math.max(gap.from, this.#from)) };
  }
}
