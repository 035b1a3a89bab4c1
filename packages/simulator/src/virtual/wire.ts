/** What travels through a connection in memory: WebSocket messages, and the visible bits of HTTP and TCP. */
export type WireMessage =
  | { readonly kind: 'dial'; readonly bytes: number }
  | { readonly kind: 'open'; readonly bytes: number }
  | { readonly kind: 'refused'; readonly bytes: number; readonly status: number; readonly body: string }
  | { readonly kind: 'unreachable'; readonly bytes: number }
  | { readonly kind: 'binary'; readonly bytes: number; readonly data: Uint8Array }
  | { readonly kind: 'text'; readonly bytes: number; readonly data: string }
  | { readonly kind: 'ping' | 'pong'; readonly bytes: number }
  | { readonly kind: 'close'; readonly bytes: number; readonly code: number; readonly reason: string }
  /** The end of the TCP connection: orderly or not. */
  | { readonly kind: 'fin' | 'reset'; readonly bytes: number };

/** A WebSocket with an unanswered close frame ends after this long, as in `ws`. */
export const CLOSE_TIMEOUT_MS = 30_000;

export const wire = {
  dial: { kind: 'dial', bytes: 600 },
  open: { kind: 'open', bytes: 200 },
  unreachable: { kind: 'unreachable', bytes: 0 },
  ping: { kind: 'ping', bytes: 2 },
  pong: { kind: 'pong', bytes: 2 },
  fin: { kind: 'fin', bytes: 0 },
  reset: { kind: 'reset', bytes: 0 },
  /** The client owns the bytes from now on. */
  binary: (data: Uint8Array) => ({ kind: 'binary', bytes: data.length, data }),
  text: (data: string) => ({ kind: 'text', bytes: Buffer.byteLength(data), data }),
  refused: (status: number, body: string) => ({ kind: 'refused', bytes: 200 + body.length, status, body }),
  close: (code: number, reason: string) => ({ kind: 'close', bytes: 4 + reason.length, code, reason }),
} as const satisfies Record<string, WireMessage | ((...args: never[]) => WireMessage)>;
