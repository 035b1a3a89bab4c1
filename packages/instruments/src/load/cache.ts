import { textOf } from '@kite/kit';

import { hashBytes, NEWLINE } from '../list/bytes.js';
import { encodeText, textDecoder } from '../runtime.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';

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

/**
 * The list of one URL in one file: a head line, then the list. It is written to a temporary file and renamed, so that a
 * reader always finds a whole list, old or new, whenever a process dies. Length and hash reveal any other damage; a
 * damaged list counts as missing.
 */
export class ListCache {
  readonly #directory: string;
  readonly #file: string;
  readonly #onTrouble: (message: string) => void;
  readonly #random: () => number;

  /** @param onTrouble called with what could not be read or written */
  constructor(
    directory: string,
    url: string,
    { onTrouble, random }: { onTrouble: (message: string) => void; random: () => number },
  ) {
    this.#directory = directory;
    const bytes = encodeText(url);
    // A hash: the URL itself may hold a password.
    const name = (hashBytes(bytes, 0, bytes.length) >>> 0).toString(16).padStart(8, '0');
    this.#file = `${directory.replace(/[\\/]+$/u, '') || directory}/kite-instruments-${name}.list`;
    this.#onTrouble = onTrouble;
    this.#random = random;
  }

  /** Undefined if there is no whole list. */
  async read(): Promise<CachedList | undefined> {
    const fs = await nodeFileSystem(this.#directory);
    let file: Uint8Array;
    try {
      file = await fs.readFile(this.#file);
    } catch (cause) {
      if ((cause as { code?: unknown } | null)?.code !== 'ENOENT') this.#trouble('read', cause);
      return undefined;
    }
    const end = file.indexOf(NEWLINE);
    const bytes = file.subarray(end + 1);
    const head = end < 0 ? undefined : parseHead(textDecoder().decode(file.subarray(0, end)));
    if (head?.length !== bytes.length || head.hash !== hashBytes(bytes, 0, bytes.length)) {
      this.#trouble('read', 'it is damaged');
      return undefined;
    }
    return { bytes, etag: head.etag, loadedAt: head.loadedAt };
  }

  /** Replaces the list. A failure to write costs only the next request. */
  async write({ bytes, etag, loadedAt }: CachedList): Promise<void> {
    const hash = hashBytes(bytes, 0, bytes.length);
    const head: Head = { format: 1, etag, loadedAt, length: bytes.length, hash };
    const first = encodeText(`${JSON.stringify(head)}\n`);
    const file = new Uint8Array(first.length + bytes.length);
    file.set(first);
    file.set(bytes, first.length);
    const fs = await nodeFileSystem(this.#directory);
    // Two processes may write at once: each has its own file until the rename.
    const own = `${this.#file}.${Math.floor(this.#random() * 2 ** 48).toString(36)}.tmp`;
    try {
      await fs.mkdir(this.#directory, { recursive: true });
      await writeWhole(fs, own, file);
      await fs.rename(own, this.#file);
    } catch (cause) {
      this.#trouble('written', cause);
      await fs.rm(own, { force: true }).catch(() => undefined);
    }
  }

  #trouble(what: 'read' | 'written', cause: unknown): void {
    this.#onTrouble(`the cached list ${this.#file} cannot be ${what}: ${textOf(cause)}`);
  }
}

async function writeWhole(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const handle = await fs.open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    // Before the rename: otherwise a crash of the machine may leave an empty file under the name.
    await handle.sync();
  } finally {
    await handle.close();
  }
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
