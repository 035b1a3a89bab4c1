/** A market that every process knows: each instrument shows step n as its price, at a time that all can tell. */
export interface MarketPlan {
  /** When step 0 was, Unix milliseconds. */
  readonly startAt: number;
  readonly stepMs: number;
  readonly tokens: readonly number[];
  /** An order comes with every so many steps. */
  readonly orderEvery: number;
}

/** Which step a time falls into. */
export function stepAt({ startAt, stepMs }: MarketPlan, at: number): number {
  return Math.floor((at - startAt) / stepMs);
}

/** When a step was, Unix milliseconds. */
export function timeOf({ startAt, stepMs }: MarketPlan, step: number): number {
  return startAt + step * stepMs;
}
