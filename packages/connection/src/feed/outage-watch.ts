import type { Gap, KiteError, TickerState } from '@kite/protocol';

/** Nothing has come since `from`, because of `reason`. */
export interface Outage extends Pick<Gap, 'from' | 'reason'> {
  /** `from` by the monotonic clock; undefined: not known. */
  readonly since?: number;
}

/** The clocks are read a moment apart, and one shows whole milliseconds: a smaller difference says nothing. */
const ROUNDING_MS = 5;

/**
 * The gap from the beginning of an outage to this time. If the wall clock was set back meanwhile, it covers both times,
 * and is no shorter than the outage was by the monotonic clock.
 *
 * @param endedAt `to` by the monotonic clock
 */
export function spanOf({ from, reason, since }: Outage, to: number, endedAt: number): Gap {
  const lastedMs = since === undefined ? 0 : endedAt - since;
  const wasSetBack = lastedMs - (to - from) > ROUNDING_MS;
  const began = wasSetBack ? Math.floor(to - lastedMs) : from;
  return { from: Math.min(from, began), to: Math.max(from, to), reason };
}

/** A silence of this length, in milliseconds, is longer than any between two heartbeats: the machine may have slept. */
export const LONG_SILENCE_MS = 3000;

/** What waited in the kernel while the machine slept arrives within this time after it woke, in milliseconds. */
const BACKLOG_MS = 10_000;

/** When an outage began, by both clocks. */
export type Beginning = Required<Pick<Outage, 'from' | 'since'>>;

/**
 * Derives outages and gaps from what a source reports. A gap begins with the last data before the outage and ends when
 * the source is open again.
 *
 * Data after a long silence may have waited: in the kernel while this machine slept, or in a network that stood still.
 * If the source is lost soon after that, the gap begins before the silence: what the server sent meanwhile may not all
 * have come.
 */
export class OutageWatch {
  /** When something last came, or the source opened: Unix milliseconds, and by the monotonic clock. */
  #flowedAt: number | undefined;
  #flowedMonotonic = 0;
  /** The last long silence; `resumedAt` is by the monotonic clock. */
  #silence: { readonly began: Beginning; readonly resumedAt: number } | undefined;
  #outage: (Beginning & { reason: string }) | undefined;
  #ended: Beginning | undefined;
  #isOpen = false;

  /** The present outage; undefined while the source is open, and before its first open. */
  get current(): Outage | undefined {
    return this.#outage;
  }

  /** When the outage began that ended with the last open; undefined: there was none. */
  get ended(): Beginning | undefined {
    return this.#ended;
  }

  /** When something last came, or the source opened; undefined before the first open. */
  get flowed(): Beginning | undefined {
    return this.#flowedAt === undefined ? undefined : { from: this.#flowedAt, since: this.#flowedMonotonic };
  }

  /** Whether what has come last may have waited in the kernel, or in the network, during a long silence. */
  get mayHaveWaited(): boolean {
    return this.#isBacklog(this.#flowedMonotonic);
  }

  /** The beginning of an outage that is noticed at this time: the last data, or a long silence shortly before. */
  begin(noticedAt: number, monotonic: number): Beginning {
    if (this.#silence && this.#isBacklog(this.#inOrder(monotonic))) return this.#silence.began;
    return this.flowed ?? { from: noticedAt, since: monotonic };
  }

  /**
   * Something came at this time, Unix milliseconds.
   *
   * @param monotonic the same by the monotonic clock; undefined: not known
   */
  data(at: number, monotonic?: number): void {
    const ordered = this.#inOrder(monotonic ?? this.#runTo(at));
    if (this.#flowedAt !== undefined) this.#wasSilent(at - this.#flowedAt, ordered - this.#flowedMonotonic);
    this.#flows(at, ordered);
  }

  /**
   * Something came time and again, last at `at`: from `since` on, without a long silence.
   *
   * @param monotonic `at` by the monotonic clock
   */
  steady(since: number, at: number, monotonic = this.#runTo(at)): void {
    if (since > (this.#flowedAt ?? -Infinity)) this.data(since, monotonic - Math.max(0, at - since));
    this.#flows(at, this.#inOrder(monotonic));
  }

  /** The source has entered this state. Returns the gap if that ends an outage. */
  entered(state: TickerState, at: number, monotonic = this.#runTo(at), error?: KiteError): Gap | undefined {
    const wasOpen = this.#isOpen;
    this.#isOpen = state === 'open';
    if (state === 'open') return this.#opened(at, monotonic);
    if (state === 'closed') this.#forget();
    else if (wasOpen)
      this.#outage = { ...this.begin(at, monotonic), reason: error?.message ?? 'the connection was lost' };
    else if (this.#outage && error) this.#outage.reason = error.message;
    return undefined;
  }

  /** This time by the monotonic clock, if both clocks have run alike since something came last. */
  #runTo(at: number): number {
    return this.#flowedMonotonic + Math.max(0, at - (this.#flowedAt ?? at));
  }

  /**
   * This time by the monotonic clock, but no earlier than what came before. The time that something was under way is
   * known by the wall clock, and the monotonic one may have stood still meanwhile.
   */
  #inOrder(monotonic: number): number {
    return Math.max(monotonic, this.#flowedMonotonic);
  }

  #isBacklog(monotonic: number): boolean {
    return this.#silence !== undefined && monotonic - this.#silence.resumedAt < BACKLOG_MS;
  }

  /** Nothing came for this long, by each clock. The monotonic one may stand still while the machine sleeps. */
  #wasSilent(wallMs: number, monotonicMs: number): void {
    if (Math.max(wallMs, monotonicMs) > LONG_SILENCE_MS)
      this.#silence = { began: this.flowed!, resumedAt: this.#flowedMonotonic + monotonicMs };
  }

  #flows(at: number, monotonic: number): void {
    const setBackMs = monotonic - this.#flowedMonotonic - (at - (this.#flowedAt ?? at));
    if (setBackMs > ROUNDING_MS && this.#silence) {
      // The wall clock has been set back since: the silence began earlier by that.
      const { began, resumedAt } = this.#silence;
      this.#silence = { began: { ...began, from: Math.floor(began.from - setBackMs) }, resumedAt };
    }
    this.#flowedAt = at;
    this.#flowedMonotonic = monotonic;
  }

  #opened(at: number, monotonic: number): Gap | undefined {
    const outage = this.#outage;
    this.#forget();
    this.#ended = outage && { from: outage.from, since: outage.since };
    this.#flowedAt = at;
    this.#flowedMonotonic = this.#inOrder(monotonic);
    return outage && spanOf(outage, at, monotonic);
  }

  #forget(): void {
    this.#flowedAt = undefined;
    this.#silence = undefined;
    this.#outage = undefined;
    this.#ended = undefined;
  }
}
