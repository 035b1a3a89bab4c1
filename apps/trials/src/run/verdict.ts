import type { Failure } from '../oracle/failure.js';

/** What came of a trial. */
export interface Verdict {
  readonly failures: readonly Failure[];
  /** The hash of everything that happened: the same for the same plan. */
  readonly hash: string;
  /** Faults that were injected. */
  readonly faults: number;
  /** Ticks that the consumer who reads everything was handed. */
  readonly ticks: number;
  readonly virtualMs: number;
  /** Processor time of this thread. */
  readonly cpuMs: number;
}
