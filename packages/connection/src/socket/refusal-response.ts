import type { IncomingMessage } from 'node:http';
import { retryAfter, Timer } from '@kite/kit';

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
    // A date is compared with the answer's own: our clock may be wrong.
    const { 'retry-after': header, date = '' } = response.headers;
    const retryAfterMs = retryAfter(header, Date.parse(date));
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
