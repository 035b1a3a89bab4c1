import type { Failure } from '../oracle/failure.js';

/** The result of a trial. */
export interface Verdict {
  readonly failures: readonly Failure[];
  /** The hash of everything that happened: the same for the same plan. */
  readonly hash: string;
  /** Faults that were injected. */
  readonly faults: number;
  /** Ticks that were delivered to the consumer that reads everything. */
  readonly ticks: number;
  readonly virtualMs: number;
  /** CPU time of this process, in milliseconds. */
  readonly cpuMs: number;
}
