import type { Certificate } from './certificate.js';
import type { FaultKind } from './fault-kind.js';
import type { Network } from './network.js';

/** The start data of the process that runs the rounds. */
export interface RunJob {
  readonly seed: number;
  readonly minutes: number;
  /** Only this round. */
  readonly onlyRound: number | undefined;
  readonly tls: Certificate;
  /** Undefined: everything goes over the loopback device. */
  readonly network: Network | undefined;
  readonly skipped: readonly (readonly [FaultKind, string])[];
}
