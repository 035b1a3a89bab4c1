import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { KiteError } from '@kite/protocol';

import { encodeHead, encodeRecord, type Recorded, type RecordedGap } from './format.js';

/** A frame as it comes out of the raw-frame channels of the other packages. */
export interface RecordableFrame {
  /** The message as it was received. */
  readonly bytes: Uint8Array;
  /** The connection that brought it, 0 to 65535. */
  readonly channelId: number;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** Frames that this consumer lost before this one. */
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
  /** What all who write wait for at once: a stream warns of many listeners. */
  #room: Promise<void> | undefined;
  #closed = false;

  /** @param target a path, whose file is replaced; or a stream, which {@link close} ends */
  constructor(target: string | Writable) {
    this.#stream = typeof target === 'string' ? createWriteStream(target) : target;
    // What fails is told by the next call, and by close(): until then nobody waits for it.
    this.#finished = finished(this.#stream, { readable: false })
      .catch((error: unknown) => error)
      .finally(() => this.#over.abort());
    this.#stream.write(encodeHead());
  }

  /**
   * One message. Waits while the target takes no more.
   *
   * @throws KiteError `KITE_RECORDING_CLOSED` after {@link close}; the stream's own error where writing has failed
   */
  async write(recorded: Recorded): Promise<void> {
    if (this.#closed) throw new KiteError('KITE_RECORDING_CLOSED', 'the recording is closed');
    if (this.#stream.errored) throw this.#stream.errored;
    if (!this.#stream.write(encodeRecord(recorded))) await (this.#room ??= this.#waitForRoom());
  }

  /** One raw frame, with the gap and the loss before it. */
  async record(frame: RecordableFrame): Promise<void> {
    const { bytes, channelId, receivedAt, dropped, gap } = frame;
    if (gap) await this.write({ type: 'gap', channelId, receivedAt, ...gap });
    if (dropped) await this.write({ type: 'dropped', channelId, receivedAt, frames: dropped });
    await this.write({ type: 'binary', channelId, receivedAt, bytes });
  }

  /** Every frame of a channel, until it ends. Several can be recorded at once. */
  async recordAll(frames: AsyncIterable<RecordableFrame>): Promise<void> {
    for await (const frame of frames) await this.record(frame);
  }

  /** Writes out what is left. Idempotent. @throws the stream's own error where writing has failed */
  async close(): Promise<void> {
    if (!this.#closed) this.#stream.end();
    this.#closed = true;
    const error = await this.#finished;
    if (error) throw error as Error;
  }

  /** Until the target takes more; or is over, since a stream that has been ended never says that it does. */
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
