import type { Clock, Gap, KiteError, TickerState } from '@kite/protocol';

import { encodeReport, encodeText, toPlainError } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';
import { Overflow } from './overflow.js';
import type { RingWriter } from './ring-writer.js';

/** How often a full ring is tried again while nothing else happens. */
const RETRY_MS = 2;

/** What a worker has to say, in order: straight into the ring, or by way of the overflow while the ring is full. */
export class Outbox {
  readonly #writer: RingWriter;
  readonly #clock: Clock;
  readonly #overflow = new Overflow();
  #isWaiting = false;

  constructor(writer: RingWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  binary(link: number, at: number, frame: Uint8Array): void {
    if (this.#isFlushed() && this.#writer.write(RecordType.Binary, link, at, frame)) {
      this.#finishLater();
      return;
    }
    this.#overflow.binary(link, at, frame);
    this.#retryLater();
  }

  text(link: number, at: number, text: string): void {
    this.#keep(RecordType.Text, link, at, encodeText(text));
  }

  state(link: number, at: number, state: TickerState, error: KiteError | undefined): void {
    const report = { state, ...(error && { error: toPlainError(error) }) };
    this.#keep(RecordType.State, link, at, encodeReport(RecordType.State, report));
  }

  gap(link: number, at: number, gap: Gap): void {
    this.#keep(RecordType.Gap, link, at, encodeReport(RecordType.Gap, gap));
  }

  #keep(
    type: Exclude<RecordType, typeof RecordType.Binary>,
    link: number,
    at: number,
    bytes: Uint8Array,
  ): void {
    if (this.#isFlushed() && this.#writer.write(type, link, at, bytes)) {
      this.#finishLater();
      return;
    }
    this.#overflow.keep(type, link, at, bytes);
    this.#retryLater();
  }

  /** Whether the ring can be written to directly: nothing waits any more. */
  #isFlushed(): boolean {
    return this.#overflow.isEmpty || this.#overflow.flushTo(this.#writer);
  }

  /** The last record may have been too long to go through at once. */
  #finishLater(): void {
    if (!this.#writer.finish()) this.#retryLater();
  }

  /** The reader makes room without a word, so that it need not care; a look costs nothing. */
  #retryLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#clock.setTimeout(() => {
      this.#isWaiting = false;
      if (!this.#writer.finish() || !this.#isFlushed()) this.#retryLater();
      else this.#finishLater();
    }, RETRY_MS);
  }
}
