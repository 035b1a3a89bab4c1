import type { AbortSignalLike, ListResponse } from '../runtime.js';

/** A body, or its beginning. */
export interface Body {
  readonly bytes: Uint8Array;
  /** There are no more bytes than these. */
  readonly isWhole: boolean;
}

/**
 * Reads a body, uncompressed, up to a limit, and ends the transfer there. The length that a server declares does not
 * say how long a compressed body becomes.
 */
export async function readBody(
  response: ListResponse,
  limit: number,
  signal: AbortSignalLike,
): Promise<Body> {
  if (!response.body) return readAtOnce(response, limit);
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= limit && !signal.aborted) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length), isWhole: true };
    chunks.push(value!);
    length += value!.length;
  }
  reader.cancel().catch(() => undefined);
  return { bytes: joined(chunks, length).subarray(0, limit), isWhole: false };
}

/** Where a runtime gives no stream, only the declared length can stop a large body from being read. */
async function readAtOnce(response: ListResponse, limit: number): Promise<Body> {
  if (Number(response.headers.get('content-length')) > limit)
    return { bytes: new Uint8Array(0), isWhole: false };
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes: bytes.subarray(0, limit), isWhole: bytes.length <= limit };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
