import { PACKETS } from '@kite/protocol';

/** The lengths that packets of Kite's wire have, in bytes. */
export const bodyLengths: ReadonlySet<number> = new Set(Object.values(PACKETS).map(({ length }) => length));
