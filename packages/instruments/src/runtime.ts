/**
 * What browsers, Deno, Bun and Node all have beyond the language. Declared by shape, so that this package's
 * declarations need neither Node's types nor the DOM's.
 */

/** The parts of an `AbortSignal` that are used. */
export interface AbortSignalLike {
  /** Whether it is over. */
  readonly aborted: boolean;
  /** The reason, if one was given. */
  readonly reason?: unknown;
  /** Calls back when it is over. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A request's signal: the `AbortSignal` of the program's own types, so that its `fetch` accepts it. */
export type RequestSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike;

/** The parts of a `ReadableStream` of bytes that are used. */
export interface ByteStream {
  /** The one reader that takes the chunks. */
  getReader(): ByteReader;
}

/** The reader of a {@link ByteStream}. */
export interface ByteReader {
  /** The next chunk. */
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** Ends the reading. */
  cancel(reason?: unknown): Promise<unknown>;
}

/** The parts of a `Response` that are used. */
export interface ListResponse {
  /** The HTTP status. */
  readonly status: number;
  /** The HTTP headers. */
  readonly headers: { get(name: string): string | null };
  /** The body, with any compression undone. It is read up to the size limit of a list. */
  readonly body?: ByteStream | null | undefined;
  /** The same in one piece, for runtimes without streams. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The used part of `fetch`. */
export type FetchList = (
  url: string,
  init: { headers: Record<string, string>; signal: RequestSignal; redirect: 'follow' },
) => Promise<ListResponse>;

interface AbortControllerLike {
  readonly signal: RequestSignal;
  abort(reason?: unknown): void;
}

interface Runtime {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    label: string,
    options: { ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
  readonly AbortController: new () => AbortControllerLike;
  readonly URL: new (url: string) => { readonly protocol: string; readonly hostname: string };
  readonly fetch?: FetchList;
}

/** Looked up on use: a bundle may be evaluated before a polyfill. */
const runtime = (): Runtime => globalThis as unknown as Runtime;

/** UTF-8. A lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return new (runtime().TextEncoder)().encode(text);
}

/** A reusable UTF-8 decoder; invalid bytes become U+FFFD. */
export function textDecoder(): { decode(bytes: Uint8Array): string } {
  return new (runtime().TextDecoder)('utf-8', { ignoreBOM: true });
}

export function abortController(): AbortControllerLike {
  return new (runtime().AbortController)();
}

/** Undefined if the text is no URL. */
export function parseUrl(text: string): { readonly protocol: string; readonly hostname: string } | undefined {
  try {
    return new (runtime().URL)(text);
  } catch {
    return undefined;
  }
}

/** The runtime's own `fetch`; undefined if there is none. */
export function systemFetch(): FetchList | undefined {
  const { fetch } = runtime();
  return fetch && ((url, init) => fetch(url, init));
}
