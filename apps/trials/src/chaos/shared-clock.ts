/** Milliseconds of a clock that all threads and processes of this machine share, and that never jumps. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** One moment by both clocks. */
export interface Moment {
  readonly sharedMs: number;
  /** Unix milliseconds. */
  readonly wall: number;
}

/** If two readings of a clock are this close, the thread was not interrupted between them. */
const UNDISTURBED_MS = 0.05;

/** The machine's two clocks drift apart by less than this between two looks. */
const APART_MS = 2;

/** The start of a wall-clock millisecond, so that the server's whole-millisecond times are never too late. */
export function nextMoment(): Moment {
  let before = { sharedMs: sharedMs(), wall: Date.now() };
  for (;;) {
    const look = { wall: Date.now(), sharedMs: sharedMs() };
    if (look.wall !== before.wall && look.sharedMs - before.sharedMs < UNDISTURBED_MS)
      return { wall: look.wall, sharedMs: before.sharedMs - APART_MS };
    before = look;
  }
}
