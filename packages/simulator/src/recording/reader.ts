import { createReadStream } from 'node:fs';
import { KiteError } from '@kite/protocol';

import {
  checkHead,
  decodeRecord,
  HEAD_LENGTH,
  payloadLength,
  RECORD_HEAD_LENGTH,
  type Recorded,
} from './format.js';

/** A recording to read: a path, or its bytes in any pieces. */
export type RecordingSource = string | AsyncIterable<Uint8Array>;

/** How a recording is read. */
export interface ReadRecordingOptions {
  /** Accepts an end in the middle of a record, as after a crash of the recorder. Default false. */
  allowTruncated?: boolean | undefined;
}

/**
 * Yields the items of a recording in order, without loading all of it.
 *
 * @throws KiteError `KITE_RECORDING_INVALID`, `KITE_RECORDING_VERSION`; and, after the last whole record,
 * `KITE_RECORDING_TRUNCATED` if the recording ends in the middle of one
 */
export async function* readRecording(
  source: RecordingSource,
  { allowTruncated = false }: ReadRecordingOptions = {},
): AsyncGenerator<Recorded, void, undefined> {
  const bytes = new ByteReader(typeof source === 'string' ? createReadStream(source) : source);
  try {
    checkHead((await bytes.take(HEAD_LENGTH)) ?? new Uint8Array());
    for (;;) {
      const at = bytes.offset;
      const head = await bytes.peek(RECORD_HEAD_LENGTH);
      const record = head && (await bytes.take(RECORD_HEAD_LENGTH + payloadLength(head, at)));
      if (record === undefined) {
        if (bytes.remaining === 0 || allowTruncated) return;
        throw new KiteError(
          'KITE_RECORDING_TRUNCATED',
          `the recording ends in the middle of a record that begins at offset ${at}`,
        );
      }
      yield decodeRecord(record, at);
    }
  } finally {
    await bytes.close();
  }
}

/** Takes pieces of any size, gives stretches of a wanted size. */
class ByteReader {
  /** How many bytes have been taken. */
  offset = 0;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #buffer: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Bytes read but not taken. */
  get remaining(): number {
    return this.#buffer.length;
  }

  /** The next `length` bytes, without taking them; `undefined` if there are fewer. */
  async peek(length: number): Promise<Uint8Array | undefined> {
    const pieces = [this.#buffer];
    let available = this.#buffer.length;
    while (available < length) {
      const next = await this.#pieces.next();
      if (next.done) break;
      pieces.push(next.value);
      available += next.value.length;
    }
    if (pieces.length > 1) this.#buffer = concatenate(pieces, available);
    return available < length ? undefined : this.#buffer.subarray(0, length);
  }

  async take(length: number): Promise<Uint8Array | undefined> {
    const taken = await this.peek(length);
    if (taken === undefined) return undefined;
    this.#buffer = this.#buffer.subarray(length);
    this.offset += length;
    return taken;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
