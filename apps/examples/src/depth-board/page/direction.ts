/** Which way a value went, or on which side of zero it is. */
export type Direction = 'up' | 'down' | 'none';

/** Readable without colour. */
export const GLYPHS: Readonly<Record<Direction, string>> = { up: '▲', down: '▼', none: '' };

/** By the sign of a change. */
export function directionOf(change: number | null): Direction {
  return !change ? 'none' : change > 0 ? 'up' : 'down';
}
