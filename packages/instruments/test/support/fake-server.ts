import type { FetchList, ListResponse } from '@kite/instruments';

/** What a server answers: a list with its version, a status, or nothing for ever. */
export type Answer =
  | { readonly csv: string; readonly etag?: string }
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
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

function response(status: number, body: string, headers: Record<string, string> = {}): ListResponse {
  return new Response(status === 304 ? null : body, { status, headers });
}
