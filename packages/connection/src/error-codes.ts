import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const CONNECTION_ERRORS = {
  KITE_CONNECTION_INVALID_OPTION: {
    cause: 'An option is unknown, or its value is not allowed.',
    cure: 'The error names the option, the value and what is allowed; for an unknown option, the nearest known one.',
  },
  KITE_CONNECTION_INSECURE_URL: {
    cause: 'A plain ws: URL to another machine would send the access token unencrypted.',
    cure: 'Use wss:. If the network to the server is safe, set allowInsecure.',
  },
  KITE_CONNECTION_LIMIT_REACHED: {
    cause: 'This thread already has three connections with this API key, all that Kite allows.',
    cure: 'Close one, or use one KiteTickerManager for the whole process instead of several tickers.',
  },
  KITE_CONNECTION_UNAUTHORIZED: {
    cause:
      'The server answered 403, or 400 with a body that names the token or the key. The access token has expired (all do at about 06:00 IST), the API key is wrong, or the app has no market data (the free Personal plan has none). The error has the body in `response`.',
    cure: 'Log in for a fresh access token and pass it to updateCredentials(), or give a token provider; check the plan in the developer console.',
  },
  KITE_CONNECTION_RATE_LIMITED: {
    cause:
      'The server answered 429: more than three connections use this API key, across all processes. After a loss it may still count your dead connection for a while.',
    cure: 'Stop the other process. The connection retries by itself: every rateLimitDelayMs, sooner after a loss.',
  },
  KITE_CONNECTION_BAD_REQUEST: {
    cause:
      'The server answered 400, and its body, which the error has in `response`, names neither the token nor the key: the URL is wrong.',
    cure: 'Check url; then connect() again. If the URL has worked before, the connection retries by itself.',
  },
  KITE_CONNECTION_REFUSED: {
    cause: 'The server answered the handshake with an HTTP status other than 101.',
    cure: 'Nothing: the connection retries by itself. The error has the status.',
  },
  KITE_CONNECTION_HANDSHAKE_TIMEOUT: {
    cause: 'The handshake did not finish within connectionTimeoutMs.',
    cure: 'Nothing: the connection retries by itself. If this continues, check the network and connectionTimeoutMs.',
  },
  KITE_CONNECTION_TOKEN_FAILED: {
    cause:
      'The token provider threw, rejected, or did not return a token. A token is a non-empty string without white space, quotes or a byte order mark, which files often contain.',
    cure: 'See the cause. The provider is called again by itself.',
  },
  KITE_CONNECTION_TOKEN_TIMEOUT: {
    cause: 'The token provider gave no answer within connectionTimeoutMs.',
    cure: 'Let the provider fail rather than hang. It is called again after ten timeouts, and never before while a call is pending.',
  },
  KITE_CONNECTION_TOKEN_UNCHANGED: {
    cause: 'The server refused the access token, and the token provider still returns the same one.',
    cure: 'Log in. The same token is tried every unauthorizedRetryDelayMs, another one at the normal pace.',
  },
  KITE_CONNECTION_PROXY_FAILED: {
    cause:
      'The proxy could not be reached, or opened no tunnel to the server. The error has only the HTTP status of its answer.',
    cure: 'Check the option proxy: host, port, and for 407 user and password. The connection retries by itself.',
  },
  KITE_CONNECTION_SILENT: {
    cause:
      'No frame of any kind arrived for heartbeatLivenessThresholdMs; the server sends one about every second.',
    cure: 'Nothing: the connection is replaced by itself.',
  },
  KITE_CONNECTION_LOST: {
    cause:
      'The connection ended: closed by the server, cut by the network, or ended because of an invalid frame.',
    cure: 'Nothing: the connection reconnects by itself.',
  },
  KITE_CONNECTION_ATTEMPTS_EXHAUSTED: {
    cause: 'More than maxReconnectAttempts attempts in a row have failed.',
    cure: 'See the cause; then connect() again. By default it never gives up.',
  },
  KITE_CONNECTION_ABORTED: {
    cause:
      'The AbortSignal given to connect() or recv() was aborted before the connection opened or an item came.',
    cure: 'Call again when you want to. No item was taken.',
  },
  KITE_CONNECTION_CLOSED: {
    cause: 'The connection was closed with close() while something waited for it.',
    cure: 'Call connect() again when you want to.',
  },
  KITE_CONNECTION_NOT_OPEN: {
    cause: 'A ping needs an open connection.',
    cure: 'Await connect(), or look at isConnected() first.',
  },
  KITE_CONNECTION_CAPACITY: {
    cause: 'More than 3000 instruments for one connection, which is all that Kite streams on one.',
    cure: 'Unsubscribe from some, or use KiteTickerManager, which spreads them over three connections.',
  },
  KITE_CONNECTION_NOT_SUBSCRIBED: {
    cause: 'changeMode() was called for instruments that are not subscribed; the error lists them.',
    cure: 'Subscribe first: subscribe(tokens, mode) does both.',
  },
  KITE_CONNECTION_RAW_ONLY: {
    cause: 'Ticks were requested from a connection with rawOnly, which decodes none.',
    cure: 'Use raw frames, or omit rawOnly: without readers of ticks nothing is decoded anyway.',
  },
  KITE_CONNECTION_CHANNEL_OVERFLOW: {
    cause: "A channel with the overflow policy 'error' was full.",
    cure: 'Read faster, allow more capacity (the error names the bounds), or choose another policy.',
  },
  KITE_CONNECTION_TIMEOUT: {
    cause: 'No item came within the timeoutMs given to recv().',
    cure: 'Call recv() again. No item was taken.',
  },
  KITE_CONNECTION_LISTENER_FAILED: {
    cause: 'A listener threw or rejected. The error was contained, and the other listeners ran.',
    cure: 'See the cause.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof CONNECTION_ERRORS, unknown> {}
}
