import type { ByteReader, FetchList, ListResponse } from '@kite/instruments';

/** A body without a length that never ends, and what was read of it. */
export class EndlessBody {
  static readonly CHUNK = 1 << 20;
  bytesRead = 0;
  isCancelled = false;

  getReader(): ByteReader {
    return {
      read: () => {
        this.bytesRead += EndlessBody.CHUNK;
        return Promise.resolve({ done: false, value: new Uint8Array(EndlessBody.CHUNK) });
      },
      cancel: () => {
        this.isCancelled = true;
        return Promise.resolve();
      },
    };
  }
}

/** A body that gives a chunk when it is told to. */
export class SlowBody {
  reads = 0;
  isCancelled = false;
  give: () => void = () => undefined;

  getReader(): ByteReader {
    return {
      read: () => {
        this.reads++;
        return new Promise((resolve) => {
          this.give = () => {
            resolve({ done: false, value: new Uint8Array(1) });
          };
        });
      },
      cancel: () => {
        this.isCancelled = true;
        return Promise.resolve();
      },
    };
  }
}

/** What a server answers: a list with its version, a status, or nothing for ever. */
export type Answer =
  | { readonly csv: string; readonly etag?: string }
  | {
      readonly status: number;
      readonly body?: string | ListResponse['body'];
      readonly headers?: Record<string, string>;
    }
  | Error
  | 'never';

/** A request that the server got. */
export interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly signal: { readonly aborted: boolean };
}

/** A server of one list, as `fetch` sees it. It answers what it is told to, and then the last answer again. */
export class FakeServer {
  readonly asked: Asked[] = [];
  /** Requests that have not been answered. */
  pending = 0;
  /** The most requests at once. */
  most = 0;
  #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  answer(...answers: Answer[]): void {
    this.#answers = answers;
  }

  readonly fetch: FetchList = async (url, { headers, signal }) => {
    this.asked.push({ url, headers, signal });
    this.most = Math.max(this.most, ++this.pending);
    const answer = this.#answers.length > 1 ? this.#answers.shift()! : this.#answers[0]!;
    if (answer === 'never') return new Promise<ListResponse>(() => undefined);
    await Promise.resolve();
    this.pending--;
    if (answer instanceof Error) throw answer;
    if ('status' in answer) return response(answer.status, answer.body ?? '', answer.headers);
    const { csv, etag } = answer;
    if (etag !== undefined && headers['If-None-Match'] === etag) return response(304, '');
    return response(200, csv, etag === undefined ? {} : { etag });
  };
}

function response(
  status: number,
  body: string | ListResponse['body'],
  headers: Record<string, string> = {},
): ListResponse {
  if (typeof body === 'object' && body !== null)
    return { status, headers: new Headers(headers), body, arrayBuffer: neverWhole };
  return new Response(status === 304 ? null : body, { status, headers });
}

function neverWhole(): never {
  throw new Error('a stream was read in one piece');
}
