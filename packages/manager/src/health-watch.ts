import { letExit } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { HealthSummary } from './health.js';

/**
 * Checks the health at each change and at intervals, and reports when the status changes.
 */
export class HealthWatch<Health extends Pick<HealthSummary, 'status'>> {
  readonly #options: {
    clock: Clock;
    intervalMs: number;
    assess: () => Health;
    tell: (health: Health) => void;
  };
  #timer: unknown;
  #isOn = false;
  #status: Health['status'] = 'critical';

  constructor(options: {
    clock: Clock;
    intervalMs: number;
    assess: () => Health;
    tell: (health: Health) => void;
  }) {
    this.#options = options;
  }

  /** Checks now, and at intervals from now on. */
  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#tick();
  }

  /** A stop is no incident: it is not reported. */
  stop(): void {
    this.#isOn = false;
    this.#status = 'critical';
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** Checks now; no effect while stopped. */
  look(): void {
    if (!this.#isOn) return;
    const health = this.#options.assess();
    if (health.status === this.#status) return;
    this.#status = health.status;
    this.#options.tell(health);
  }

  #tick(): void {
    this.look();
    // A listener may have stopped it, or stopped and started it again.
    if (!this.#isOn) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#tick();
    }, this.#options.intervalMs);
    // Connections that may stream again keep the process alive; this check does not.
    letExit(this.#timer);
  }
}
