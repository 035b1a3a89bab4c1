import { MAX_CONNECTIONS_PER_KEY, MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/protocol';

/** What an account may watch: three connections of 3000 instruments. */
export const MOST_INSTRUMENTS = MAX_CONNECTIONS_PER_KEY * MAX_INSTRUMENTS_PER_CONNECTION;
