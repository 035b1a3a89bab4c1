import { LatencyHistogram } from '../parts.js';

/** What one account has delivered of instruments that several accounts hold. Plain and JSON-safe. */
export interface ReplicaStats {
  /** The account's id. */
  apiKeyId: string;
  /** States that it delivered before any other account did. */
  first: number;
  /** By how much, in milliseconds. */
  leadMs: { p50: number; p99: number };
  /** States that only it delivered, while other accounts were streaming. */
  only: number;
}

/** Counts who is first. */
export class ReplicaCounts {
  first = 0;
  only = 0;
  readonly #leads = new LatencyHistogram();

  /** Another account has delivered a state this much later. */
  led(leadMs: number): void {
    this.first++;
    this.#leads.record(leadMs);
  }

  /** The counts so far. */
  stats(apiKeyId: string): ReplicaStats {
    const { first, only } = this;
    const { p50, p99 } = this.#leads.summary();
    return { apiKeyId, first, leadMs: { p50, p99 }, only };
  }
}
