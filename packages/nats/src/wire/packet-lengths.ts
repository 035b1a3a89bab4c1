import { PACKETS } from '@kite/protocol';

/** The lengths of Kite's packets, in bytes. */
export const bodyLengths: ReadonlySet<number> = new Set(Object.values(PACKETS).map(({ length }) => length));
