import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { KiteError } from '@kite/protocol';

import { encodeHead, encodeRecord, type Recorded, type RecordedGap } from './format.js';

/** A frame from a raw-frame channel of the other packages. */
export interface RecordableFrame {
  /** The message as it was received. */
  readonly bytes: Uint8Array;
  /** The connection that received it, 0 to 65535. */
  readonly channelId: number;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** Frames this consumer lost before this one. */
  readonly dropped?: number;
  /** Nothing could be received between these times, before this frame. */
  readonly gap?: RecordedGap | undefined;
}

/**
 * Writes a recording, to a file or to any stream.
 *
 * ```ts
 * const writer = new RecordingWriter('2026-11-20.kiterec');
 * await writer.recordAll(frames); // any async iterable of raw frames: a raw-frame channel
 * await writer.close();
 * ```
 */
export class RecordingWriter implements AsyncDisposable {
  readonly #stream: Writable;
  readonly #finished: Promise<unknown>;
  readonly #over = new AbortController();
  /** One promise shared by all waiting writers: a stream warns about many listeners. */
  #room: Promise<void> | undefined;
  #closed = false;

  /** @param target a path, replacing the file; or a stream, which {@link close} ends */
  constructor(target: string | Writable) {
    this.#stream = typeof target === 'string' ? createWriteStream(target) : target;
    // The next call and close() report a failure; until then no caller waits for it.
    this.#finished = finished(this.#stream, { readable: false })
      .catch((error: unknown) => error)
      .finally(() => this.#over.abort());
    this.#stream.write(encodeHead());
  }

  /**
   * Writes one message. Waits while the target is full.
   *
   * @throws KiteError `KITE_RECORDING_CLOSED` after {@link close}; the stream's own error if writing has failed
   */
  async write(recorded: Recorded): Promise<void> {
    if (this.#closed) throw new KiteError('KITE_RECORDING_CLOSED', 'the recording is closed');
    if (this.#stream.errored) throw this.#stream.errored;
    if (!this.#stream.write(encodeRecord(recorded))) await (this.#room ??= this.#waitForRoom());
  }

  /** Writes one raw frame, with the gap and the loss before it. */
  async record(frame: RecordableFrame): Promise<void> {
    const { bytes, channelId, receivedAt, dropped, gap } = frame;
    if (gap) await this.write({ type: 'gap', channelId, receivedAt, ...gap });
    if (dropped) await this.write({ type: 'dropped', channelId, receivedAt, frames: dropped });
    await this.write({ type: 'binary', channelId, receivedAt, bytes });
  }

  /** Writes every frame of a channel until it ends. Several channels can be recorded at once. */
  async recordAll(frames: AsyncIterable<RecordableFrame>): Promise<void> {
    for await (const frame of frames) await this.record(frame);
  }

  /** Writes the rest. Idempotent. @throws the stream's own error if writing has failed */
  async close(): Promise<void> {
    if (!this.#closed) this.#stream.end();
    this.#closed = true;
    const error = await this.#finished;
    if (error) throw error as Error;
  }

  /** Waits until the target takes more or has ended; an ended stream never emits `drain`. */
  async #waitForRoom(): Promise<void> {
    try {
      await once(this.#stream, 'drain', { signal: this.#over.signal });
    } catch {
      const error = this.#stream.errored ?? (await this.#finished);
      if (error) throw error as Error;
    } finally {
      this.#room = undefined;
    }
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
