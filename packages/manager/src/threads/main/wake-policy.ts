import type { Clock } from '@kite/protocol';

/**
 * Latency against CPU: `balanced` wakes the reader for each burst while data is sparse, and polls each millisecond
 * while it is dense; `lowest` always wakes it.
 */
export type Latency = 'balanced' | 'lowest';

/** What the reader does after a read of the ring. */
export type NextLook =
  /** It goes on in the next turn of the event loop: there is more. */
  | 'next-turn'
  /** It reads again a millisecond later. */
  | 'poll'
  /** It waits for the writer to wake it. */
  | 'sleep';

/** This many wakes or polls are judged together: fewer would mistake a short burst for a rate. */
const WINDOW = 64;
/** Above this many wakes a second, a poll each millisecond costs less CPU: a wake costs 30 to 35 µs. */
const DENSE_PER_SECOND = 1500;
/** The time of a window of wakes at that rate. */
const WINDOW_MS = (WINDOW * 1000) / DENSE_PER_SECOND;
/** Below this many records a second, wakes cost no more than polls. Well below the other limit, against flapping. */
const SPARSE_PER_SECOND = 1000;
/** If a smaller share of the polls finds something, wakes would be as few. */
const SPARSE_SHARE = 0.6;
/** After this many empty polls in a row, the data has stopped. */
const PATIENCE = 3;

/** Decides how the reader of the ring learns of new data: by a wake or by a poll. */
export class WakePolicy {
  readonly #latency: Latency;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #isDense = false;
  /** In this window: wakes while data is sparse, polls while it is dense. */
  #count = 0;
  #found = 0;
  #records = 0;
  #since: number;
  #inVain = 0;

  constructor(latency: Latency, clock: Pick<Clock, 'monotonic'>) {
    this.#latency = latency;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** The writer has woken the reader. */
  woken(): void {
    this.#inVain = 0;
    if (this.#latency === 'lowest' || this.#isDense) return;
    const now = this.#clock.monotonic();
    if (now - this.#since > WINDOW_MS) this.#begin(false, now);
    else if (++this.#count >= WINDOW) this.#begin(true, now);
  }

  /**
   * What to do after a read.
   *
   * @param records how many it found
   * @param isEmpty whether it left nothing
   */
  next(records: number, isEmpty: boolean): NextLook {
    if (this.#isDense) this.#polled(records);
    if (!isEmpty) return 'next-turn';
    return this.#isDense && this.#inVain < PATIENCE ? 'poll' : 'sleep';
  }

  #polled(records: number): void {
    this.#records += records;
    this.#inVain = records > 0 ? 0 : this.#inVain + 1;
    if (records > 0) this.#found++;
    if (++this.#count < WINDOW) return;
    const now = this.#clock.monotonic();
    const isSparse = this.#records < (SPARSE_PER_SECOND * (now - this.#since)) / 1000;
    this.#begin(this.#found >= WINDOW * SPARSE_SHARE && !isSparse, now);
  }

  #begin(isDense: boolean, now: number): void {
    this.#isDense = isDense;
    this.#count = this.#found = this.#records = 0;
    this.#since = now;
  }
}
