import { hashBytes, NEWLINE } from '../list/bytes.js';
import { encodeText, textDecoder } from '../runtime.js';

/** A list as the server gave it. */
export interface CachedList {
  readonly bytes: Uint8Array;
  /** Its version; null if the server sent none. */
  readonly etag: string | null;
  /** When the server gave or last confirmed it, in Unix milliseconds. */
  readonly loadedAt: number;
}

/** The first line of the file. */
interface Head {
  readonly format: 1;
  readonly etag: string | null;
  readonly loadedAt: number;
  /** The length of the list that follows, in bytes. */
  readonly length: number;
  /** A hash of those bytes. */
  readonly hash: number;
}

/** Encodes a list for its file: a head line, then the list. */
export function encodeCacheFile({ bytes, etag, loadedAt }: CachedList): Uint8Array {
  const hash = hashBytes(bytes, 0, bytes.length);
  const head: Head = { format: 1, etag, loadedAt, length: bytes.length, hash };
  const first = encodeText(`${JSON.stringify(head)}\n`);
  const file = new Uint8Array(first.length + bytes.length);
  file.set(first);
  file.set(bytes, first.length);
  return file;
}

/** Reads such a file; undefined if it is damaged, which its length and its hash tell. Never throws. */
export function decodeCacheFile(file: Uint8Array): CachedList | undefined {
  const end = file.indexOf(NEWLINE);
  const bytes = file.subarray(end + 1);
  const head = end < 0 ? undefined : parseHead(textDecoder().decode(file.subarray(0, end)));
  if (head?.length !== bytes.length || head.hash !== hashBytes(bytes, 0, bytes.length)) return undefined;
  return { bytes, etag: head.etag, loadedAt: head.loadedAt };
}

function parseHead(line: string): Head | undefined {
  try {
    const head = JSON.parse(line) as Partial<Head> | null;
    const isHead =
      head?.format === 1 &&
      (head.etag === null || typeof head.etag === 'string') &&
      Number.isFinite(head.loadedAt);
    return isHead ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}
