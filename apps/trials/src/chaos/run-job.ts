import type { Certificate } from './certificate.js';
import type { FaultKind } from './fault-kind.js';
import type { Network } from './network.js';

/** What the process that runs the rounds is started with. */
export interface RunJob {
  readonly seed: number;
  readonly minutes: number;
  /** This round alone. */
  readonly onlyRound: number | undefined;
  readonly tls: Certificate;
  /** Undefined: everything goes over the loopback device. */
  readonly network: Network | undefined;
  readonly skipped: readonly (readonly [FaultKind, string])[];
}
