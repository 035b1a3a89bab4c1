import type { Gap, KiteError, TickerState } from '@kite/protocol';

/** Nothing has come since `from`, because of `reason`. */
export type Outage = Pick<Gap, 'from' | 'reason'>;

/** From the beginning of an outage to this time. Where the clock on the wall was set back meanwhile, it covers both times. */
export function spanOf({ from, reason }: Outage, to: number): Gap {
  return from <= to ? { from, to, reason } : { from: to, to: from, reason };
}

/** A silence of this length, in milliseconds, is longer than any between two heartbeats: the machine may have slept. */
const SILENCE_MS = 3000;

/** What waited in the kernel while the machine slept arrives within this time after it woke, in milliseconds. */
const BACKLOG_MS = 10_000;

/**
 * Derives outages and gaps from what a source reports. A gap begins with the last data before the outage and ends when
 * the source is open again.
 *
 * Data that comes after a long silence may have waited: in the kernel while this machine slept, or in a network that
 * stood still. If the source is lost soon after that, the gap begins before the silence: what the server sent meanwhile
 * may not all have come.
 */
export class OutageWatch {
  #flowedAt: number | undefined;
  #before: { readonly flowedAt: number; readonly resumedAt: number } | undefined;
  #outage: { readonly from: number; reason: string } | undefined;
  #isOpen = false;

  /** The outage that it is in; undefined while it is open, and before it first was. */
  get current(): Outage | undefined {
    return this.#outage;
  }

  /** When something came last, or it opened, Unix milliseconds; undefined before the first open. */
  get flowedAt(): number | undefined {
    return this.#flowedAt;
  }

  /** When an outage that is noticed at this time began: with the last data, or with a long silence shortly before. */
  from(noticedAt: number): number {
    const flowedAt = this.#flowedAt ?? noticedAt;
    const before = this.#before;
    if (!before) return flowedAt;
    // Where the clock on the wall was set back since the last data, that is all that is known.
    const sinceMs = Math.max(noticedAt, flowedAt) - before.resumedAt;
    return sinceMs < BACKLOG_MS ? before.flowedAt : flowedAt;
  }

  /** Something came at this time, Unix milliseconds. */
  data(at: number): void {
    const flowedAt = this.#flowedAt ?? at;
    if (at - flowedAt > SILENCE_MS) this.#before = { flowedAt, resumedAt: at };
    // The clock on the wall was set back: the times of before say nothing now.
    else if (at < flowedAt) this.#before = undefined;
    this.#flowedAt = at;
  }

  /** The source has entered this state. Returns the gap where that ends an outage. */
  entered(state: TickerState, at: number, error: KiteError | undefined): Gap | undefined {
    const wasOpen = this.#isOpen;
    this.#isOpen = state === 'open';
    if (state === 'open') return this.#opened(at);
    if (state === 'closed') this.#forget();
    else if (wasOpen)
      this.#outage = { from: this.from(at), reason: error?.message ?? 'the connection was lost' };
    else if (this.#outage && error) this.#outage.reason = error.message;
    return undefined;
  }

  #opened(at: number): Gap | undefined {
    const outage = this.#outage;
    this.#forget();
    this.#flowedAt = at;
    return outage && spanOf(outage, at);
  }

  #forget(): void {
    this.#flowedAt = undefined;
    this.#before = undefined;
    this.#outage = undefined;
  }
}
