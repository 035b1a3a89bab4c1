import { KiteInputError } from '@kite/protocol';

/** The parts of `node:fs/promises` that are used. */
export interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readFile(path: string): Promise<Uint8Array>;
  open(path: string, flags: 'wx'): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

interface FileHandle {
  writeFile(data: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Node's file system, loaded on demand. Its name is in a variable so that bundlers for browsers do not look for it.
 *
 * @throws KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION` if there is none
 */
export async function nodeFileSystem(cacheDir: string): Promise<FileSystem> {
  const name = 'node:fs/promises';
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as FileSystem;
  } catch {
    throw new KiteInputError('KITE_INSTRUMENTS_INVALID_OPTION', {
      field: 'cacheDir',
      value: cacheDir,
      allowed: 'nothing in a runtime without node:fs, such as a browser',
    });
  }
}
