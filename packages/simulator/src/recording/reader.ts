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

/** Where a recording is read from: a path, or its bytes in any pieces. */
export type RecordingSource = string | AsyncIterable<Uint8Array>;

/** How a recording is read. */
export interface ReadRecordingOptions {
  /** An end in the middle of a record is taken for the end, as after a crash of the recorder. Default false. */
  allowTruncated?: boolean;
}

/**
 * What a recording holds, in order, without reading it whole.
 *
 * @throws KiteError `KITE_RECORDING_INVALID`, `KITE_RECORDING_VERSION`; and `KITE_RECORDING_TRUNCATED`, after every
 * whole record, where the recording ends in the middle of one
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

/** Pieces of any size in, stretches of a wanted size out. */
class ByteReader {
  /** How many bytes have been taken. */
  offset = 0;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #buffer: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Bytes that were read and not taken. */
  get remaining(): number {
    return this.#buffer.length;
  }

  /** The next `length` bytes, which stay where they are; `undefined` when there are fewer. */
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
