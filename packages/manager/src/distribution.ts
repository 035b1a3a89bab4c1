/** How instruments are spread over the connections of an account. */
export type Distribution = 'round-robin' | 'least-loaded';
