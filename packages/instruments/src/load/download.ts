import { redacted, retryAfter, safeCause, Timer } from '@kite/kit';
import { KiteError, type KiteErrorFields } from '@kite/protocol';

import { abortController, type AbortSignalLike, type ListResponse, textDecoder } from '../runtime.js';
import { readBody } from './body.js';
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

/** The longest list, uncompressed. Far above any: today's has 9 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** How many bytes of a refusal are read and shown. */
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
      .then((response) => read(response, etag, config, controller.signal));
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
  { secrets, clock }: LoadConfig,
  signal: AbortSignalLike,
): Promise<Download | DownloadFailure> {
  const { status, headers } = response;
  if (status === 304 && etag !== null) return { kind: 'unchanged' };
  if (status === 200) {
    const { bytes, isWhole } = await readBody(response, MAX_BYTES, signal);
    return isWhole ? { kind: 'list', bytes, etag: headers.get('etag') } : tooLarge();
  }
  const { bytes } = await readBody(response, SHOWN_BYTES, signal);
  const retryAfterMs = retryAfter(headers.get('retry-after'), clock.now()) ?? 0;
  const patience = retryAfterMs > 0 ? `, and asks for ${Math.ceil(retryAfterMs / 1000)} s of patience` : '';
  return {
    kind: 'failed',
    error: loadFailed(`the server answered ${status}${patience}`, {
      status,
      response: redacted(textDecoder().decode(bytes), secrets),
    }),
    mayRetry: status === 429 || status >= 500,
    retryAfterMs,
  };
}

function tooLarge(): DownloadFailure {
  const error = loadFailed(`the answer has more than ${MAX_BYTES} bytes`);
  return { kind: 'failed', error, mayRetry: false, retryAfterMs: 0 };
}
