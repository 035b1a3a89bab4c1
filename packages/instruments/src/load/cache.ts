import { textOf } from '@kite/kit';

import { hashBytes } from '../list/bytes.js';
import { encodeText } from '../runtime.js';
import { type CachedList, decodeCacheFile, encodeCacheFile } from './cache-file.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';

/**
 * The list of one URL in one file: a head line, then the list. It is written to a temporary file and renamed, so that a
 * reader always finds a whole list, old or new, whenever a process dies. A file that is
 * damaged otherwise counts as missing.
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
    const list = decodeCacheFile(file);
    if (!list) this.#trouble('read', 'it is damaged');
    return list;
  }

  /** Replaces the list. A failure to write costs only the next request. */
  async write(list: CachedList): Promise<void> {
    const fs = await nodeFileSystem(this.#directory);
    // Two processes may write at once: each has its own file until the rename.
    const own = `${this.#file}.${Math.floor(this.#random() * 2 ** 48).toString(36)}.tmp`;
    try {
      await fs.mkdir(this.#directory, { recursive: true });
      await writeWhole(fs, own, encodeCacheFile(list));
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
