import { redacted, safeCause, Timer } from '@kite/kit';
import { KiteError, type KiteErrorFields } from '@kite/protocol';

import { abortController, type AbortSignalLike, type ListResponse, textDecoder } from '../runtime.js';
import type { LoadConfig } from './load-options.js';

/** A server's answer. */
export type Download =
  | { readonly kind: 'list'; readonly bytes: Uint8Array; readonly etag: string | null }
  /** The server's list has our version. */
  | { readonly kind: 'unchanged' };

/** A failed request: whether and when to try again. */
export interface DownloadFailure {
  readonly kind: 'failed';
  readonly error: KiteError;
  readonly mayRetry: boolean;
  /** The pause that the server asked for, in milliseconds. */
  readonly retryAfterMs: number;
}

/** Time limit of a request, body included, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Far above any list: today's has 9 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** How many bytes of a refusal are shown. */
const SHOWN_BYTES = 1024;

/**
 * One request for the list. It settles in time, whatever the given `fetch` does, and rejects only with
 * `KITE_INSTRUMENTS_ABORTED`.
 */
export async function download(
  config: LoadConfig,
  etag: string | null,
  signal?: AbortSignalLike,
): Promise<Download | DownloadFailure> {
  const controller = abortController();
  const timer = new Timer(config.clock);
  let onAbort = (): void => undefined;
  const cut = new Promise<never>((_, reject) => {
    const end = (error: KiteError): void => {
      reject(error);
      controller.abort(error);
    };
    onAbort = () => {
      end(aborted(signal));
    };
    timer.set(REQUEST_TIMEOUT_MS, () => {
      end(loadFailed(`no answer within ${REQUEST_TIMEOUT_MS} ms`));
    });
  });
  cut.catch(() => undefined);
  signal?.addEventListener('abort', onAbort);
  try {
    if (signal?.aborted) throw aborted(signal);
    const headers = { ...config.headers, ...(etag !== null && { 'If-None-Match': etag }) };
    const answer = config
      .fetch(config.url, { headers, signal: controller.signal, redirect: 'follow' })
      .then((response) => read(response, etag, config.secrets, config.clock.now()));
    answer.catch(() => undefined);
    return await Promise.race([answer, cut]);
  } catch (cause) {
    if (cause instanceof KiteError && cause.code === 'KITE_INSTRUMENTS_ABORTED') throw cause;
    const error =
      cause instanceof KiteError
        ? cause
        : loadFailed('the request failed', { cause: safeCause(cause, config.secrets) });
    return { kind: 'failed', error, mayRetry: true, retryAfterMs: 0 };
  } finally {
    timer.clear();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The error for a wait ended by a signal. */
export function aborted(signal: AbortSignalLike | undefined): KiteError {
  return new KiteError('KITE_INSTRUMENTS_ABORTED', 'loading the instruments list was aborted', {
    cause: signal?.reason,
  });
}

/** The error for a list that did not come. */
export function loadFailed(why: string, fields: KiteErrorFields = {}): KiteError {
  return new KiteError(
    'KITE_INSTRUMENTS_LOAD_FAILED',
    `the instruments list could not be loaded: ${why}`,
    fields,
  );
}

async function read(
  response: ListResponse,
  etag: string | null,
  secrets: readonly string[],
  now: number,
): Promise<Download | DownloadFailure> {
  const { status, headers } = response;
  if (status === 304 && etag !== null) return { kind: 'unchanged' };
  if (Number(headers.get('content-length')) > MAX_BYTES) return tooLarge();
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > MAX_BYTES) return tooLarge();
  if (status === 200) return { kind: 'list', bytes, etag: headers.get('etag') };
  const body = redacted(textDecoder().decode(bytes.subarray(0, SHOWN_BYTES)), secrets);
  return {
    kind: 'failed',
    error: loadFailed(`the server answered ${status}`, { status, response: body }),
    mayRetry: status === 429 || status >= 500,
    retryAfterMs: retryAfter(headers.get('retry-after'), now),
  };
}

function tooLarge(): DownloadFailure {
  const error = loadFailed(`the answer has more than ${MAX_BYTES} bytes`);
  return { kind: 'failed', error, mayRetry: false, retryAfterMs: 0 };
}

/** Converts the header, seconds or a date, to milliseconds. */
function retryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  const ms = /^\d+$/u.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
