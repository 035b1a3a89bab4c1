import type { Clock, KiteError } from '@kite/protocol';

import type { SourceStatus } from '../../connection-parts.js';
import { encodeReport, encodeText, type Reports, toPlainError } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';
import { Overflow } from './overflow.js';
import type { RingWriter } from './ring-writer.js';

/** How often to retry a full ring while nothing else happens. */
const RETRY_MS = 2;

/** A state that a connection has entered. */
export interface StateOfLink extends Omit<Reports[typeof RecordType.State], 'error'> {
  error?: KiteError;
}

const settled = Promise.resolve();

/**
 * A worker's output, in order: straight into the ring, or through the overflow while the ring is full. The ring's
 * reader sees all output of a turn of the event loop at once.
 */
export class Outbox {
  readonly #writer: RingWriter;
  readonly #clock: Clock;
  readonly #overflow = new Overflow();
  /** By link: the status that waits. A later state makes up for it. */
  readonly #statuses = new Map<number, { at: number; status: SourceStatus }>();
  #isWaiting = false;
  #isPublishing = false;
  readonly #publish = (): void => {
    this.#isPublishing = false;
    this.#writer.publish();
  };

  constructor(writer: RingWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  frame(link: number, at: number, frame: Uint8Array): void {
    if (this.#wrote(RecordType.Binary, link, at, frame)) return;
    this.#overflow.frame(link, at, frame);
    this.#retryLater();
  }

  text(link: number, at: number, text: string): void {
    if (this.#wrote(RecordType.Text, link, at, encodeText(text))) return;
    this.#overflow.text(link, at, text);
    this.#retryLater();
  }

  state(link: number, at: number, { error, ...report }: StateOfLink): void {
    const { state } = report;
    const bytes = encodeReport(RecordType.State, {
      ...report,
      ...(error && { error: toPlainError(error) }),
    });
    if (this.#wrote(RecordType.State, link, at, bytes)) return;
    this.#statuses.delete(link);
    this.#overflow.state(link, at, state, bytes);
    this.#retryLater();
  }

  /** The connection was asked for everything wanted up to this revision. None of its later data overtakes this. */
  asked(link: number, at: number, revision: number): void {
    const bytes = encodeReport(RecordType.Asked, { revision });
    if (this.#wrote(RecordType.Asked, link, at, bytes)) return;
    this.#overflow.asked(link, at, bytes);
    this.#retryLater();
  }

  /** A status that changed without a state. While the ring is full only the newest of each link waits. */
  status(link: number, at: number, status: SourceStatus): void {
    if (this.#wrote(RecordType.Status, link, at, encodeReport(RecordType.Status, { status }))) return;
    this.#statuses.set(link, { at, status });
    this.#retryLater();
  }

  /** Straight into the ring, if nothing waits and there is room, or soon will be. */
  #wrote(type: RecordType, link: number, at: number, bytes: Uint8Array): boolean {
    while (!this.#isFlushed() || !this.#writer.write(type, link, at, bytes))
      if (!this.#writer.awaitRoom()) return false;
    this.#finishLater();
    return true;
  }

  /** Whether the ring can be written to directly: nothing waits any more. */
  #isFlushed(): boolean {
    this.#publishAfterTurn();
    return (this.#overflow.isEmpty || this.#overflow.flushTo(this.#writer)) && this.#wroteStatuses();
  }

  #wroteStatuses(): boolean {
    for (const [link, { at, status }] of this.#statuses) {
      const report = encodeReport(RecordType.Status, { status });
      if (!this.#writer.write(RecordType.Status, link, at, report)) return false;
      this.#statuses.delete(link);
    }
    return true;
  }

  /** The last record may have been too long to go through at once. */
  #finishLater(): void {
    if (!this.#writer.finish()) this.#retryLater();
  }

  #publishAfterTurn(): void {
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    void settled.then(this.#publish);
  }

  /** The reader does not announce that it has made room, to keep it simple; a check costs nothing. */
  #retryLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#clock.setTimeout(() => {
      this.#isWaiting = false;
      this.#publishAfterTurn();
      if (!this.#writer.finish() || !this.#isFlushed()) this.#retryLater();
      else this.#finishLater();
    }, RETRY_MS);
  }
}
