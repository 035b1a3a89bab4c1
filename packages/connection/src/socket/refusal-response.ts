import type { IncomingMessage } from 'node:http';
import { Timer } from '@kite/kit';

import { systemClock } from '../clock.js';
import type { SocketEnd } from './transport.js';

/** The most bytes of a body to read. */
const BODY_BYTES = 1024;

/** How long to wait for the body, in milliseconds: the status says enough. */
const BODY_TIMEOUT_MS = 1000;

/** Reads the answer of a server that refuses a handshake. Calls back once, in a second at most. */
export function readRefusal(
  response: IncomingMessage,
  done: (refused: SocketEnd & { kind: 'refused' }) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isDone = false;
  const timeout = new Timer(systemClock);
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    timeout.clear();
    const body = Buffer.concat(chunks).subarray(0, BODY_BYTES).toString();
    const retryAfterMs = retryAfter(response.headers);
    done({
      kind: 'refused',
      status: response.statusCode ?? 0,
      ...(body !== '' && { body }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  };
  timeout.set(BODY_TIMEOUT_MS, finish);
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_BYTES) finish();
  });
  for (const event of ['end', 'close', 'error'] as const) response.on(event, finish);
}

/**
 * The header `Retry-After` in milliseconds: a number of seconds, or a date, which is compared with the answer's own
 * date, since our clock may be wrong.
 */
function retryAfter({ 'retry-after': value, date }: IncomingMessage['headers']): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  // Engines take a bare number for a year.
  const ms = /[a-z]/i.test(value) ? Date.parse(value) - Date.parse(date ?? '') : NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
