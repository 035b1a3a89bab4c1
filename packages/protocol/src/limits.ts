/** Kite streams at most this many instruments on one connection, and takes at most this many in one request. */
export const MAX_INSTRUMENTS_PER_CONNECTION = 3000;

/** Kite keeps at most this many connections of one API key open, and refuses the next with HTTP 429. */
export const MAX_CONNECTIONS_PER_KEY = 3;
