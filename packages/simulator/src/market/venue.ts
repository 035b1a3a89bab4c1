/** Instruments that keep the same hours. */
export interface Venue {
  /** How lively its market is now, as a factor of the rate; 0: nothing moves. */
  readonly liveliness: number;
}

/** A market without hours. */
export const ALWAYS_OPEN: Venue = Object.freeze({ liveliness: 1 });
