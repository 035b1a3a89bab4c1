import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import { checkHead, HEAD_LENGTH } from '../recording/format.js';
import { notAllowed } from './flag-value.js';

/** The PEM private key in a file. */
export function readKey(path: string): Buffer {
  return reading('a file with a PEM private key', () => {
    const key = readFileSync(path);
    createSecureContext({ key });
    return key;
  });
}

/** The PEM certificate in a file. */
export function readCertificate(path: string): Buffer {
  return reading('a file with a PEM certificate', () => {
    const cert = readFileSync(path);
    createSecureContext({ cert });
    return cert;
  });
}

/** The path of a recording, checked to exist and to begin like one. */
export function recordingAt(path: string): string {
  return reading('a recording', () => {
    const found = statSync(path);
    // A pipe can be read only once, and the replay needs it.
    if (!found.isFIFO() && !found.isCharacterDevice()) checkHead(headOf(path));
    return path;
  });
}

function headOf(path: string): Uint8Array {
  const head = new Uint8Array(HEAD_LENGTH);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return head;
}

function reading<T>(allowed: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw notAllowed(`${allowed} (${error instanceof Error ? error.message : String(error)})`);
  }
}
