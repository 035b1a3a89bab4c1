/** How instruments are spread over accounts. */
export type DistributionStrategy = 'round-robin' | 'least-loaded' | 'weighted' | 'manual';

/** The strategies under the names of the field. */
export const DistributionStrategy = {
  RoundRobin: 'round-robin',
  LeastLoaded: 'least-loaded',
  /** In proportion to `weights`. */
  Weighted: 'weighted',
  /** Not at all: each instrument is subscribed on an account of the caller's choice. */
  Manual: 'manual',
} as const satisfies Record<string, DistributionStrategy>;
