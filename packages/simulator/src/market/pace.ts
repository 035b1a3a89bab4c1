/** How fast the market moves. */
export interface Pace {
  /** Changes a second over all watched instruments together; `undefined`: each at its own natural rate, at most 4 a second. */
  readonly ticksPerSecond: number | undefined;
  /** Milliseconds between two steps of the market; the changes of one step travel in one frame per connection. */
  readonly stepMs: number;
  /** Each step visits one of this many slots of instruments: at natural rates a fifth of the market every 50 ms. */
  readonly slots: number;
}

/** A step of the natural pace. With {@link NATURAL_SLOTS} it makes no instrument tick more often than 4 times a second. */
const NATURAL_STEP_MS = 50;
const NATURAL_SLOTS = 5;
/** A step at a set rate: short, so that a flood comes as many small frames rather than a few huge ones. */
const PACED_STEP_MS = 10;

/** The pace for the options `ticksPerSecond` and `stepIntervalMs`. */
export function paceOf(ticksPerSecond: number | undefined, stepIntervalMs: number | undefined): Pace {
  if (ticksPerSecond === undefined) {
    const stepMs = stepIntervalMs ?? NATURAL_STEP_MS;
    return {
      ticksPerSecond,
      stepMs,
      slots: Math.max(1, Math.round((NATURAL_STEP_MS * NATURAL_SLOTS) / stepMs)),
    };
  }
  return { ticksPerSecond, stepMs: stepIntervalMs ?? PACED_STEP_MS, slots: 1 };
}

/** Whether anything changes at this pace. */
export function isMoving({ ticksPerSecond }: Pace): boolean {
  return ticksPerSecond !== 0;
}
