import type { Cut } from './socket-watch.js';

/** A fault that an I/O worker is told to act out. */
export type Suffering =
  | ({ readonly type: 'cut' } & Cut)
  | { readonly type: 'hang'; readonly forMs: number }
  | { readonly type: 'crash' };
