import { safeCause } from '@kite/kit';
import { KiteError, KiteInputError } from '@kite/protocol';

import type { InstrumentList } from './list/instrument-list.js';
import type { ListIssue } from './list/list-issue.js';
import { ListParser } from './list/list-parser.js';
import { type ByteStream, encodeText } from './runtime.js';

type OnIssue = ((issue: ListIssue) => unknown) | undefined;

/** Text is encoded and parsed in pieces of this many characters, to avoid a second copy in memory. */
const PIECE = 1 << 16;

/** A list in one text, or in bytes. */
export function parseAtOnce(csv: string | Uint8Array, onIssue: OnIssue): InstrumentList {
  const parser = new ListParser(onIssue);
  if (typeof csv === 'string') for (const piece of pieces(csv)) parser.push(encodeText(piece));
  else parser.push(csv);
  return parser.end();
}

/** A list that comes in chunks. */
export async function parseStream(stream: ByteStream, onIssue: OnIssue): Promise<InstrumentList> {
  const parser = new ListParser(onIssue);
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await read(reader);
      if (done) return parser.end();
      if (!(value instanceof Uint8Array)) {
        const allowed = 'a stream of Uint8Array';
        throw new KiteInputError('KITE_INSTRUMENTS_INVALID_OPTION', { field: 'csv', value, allowed });
      }
      parser.push(value);
    }
  } catch (error) {
    // Tells the stream's writer that reading has ended.
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

async function read(reader: ReturnType<ByteStream['getReader']>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new KiteError('KITE_INSTRUMENTS_LOAD_FAILED', 'the stream of the instruments list has failed', {
      cause: safeCause(cause, []),
    });
  }
}

/** Never splits a surrogate pair. */
function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + PIECE);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to++;
    yield text.slice(from, to);
    from = to;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
