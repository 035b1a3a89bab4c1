import { letExit, Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { HealthSummary } from './health.js';

/**
 * How long a change of the dark instruments must last before it is reported, in milliseconds. Several connections often
 * change together, and an instrument that only moves is dark for a moment.
 */
const SETTLE_MS = 50;

/** What the watch compares. */
type Watched = Pick<HealthSummary, 'status' | 'darkSymbols'>;

/** How a health watch works. */
export interface HealthWatchOptions<Health extends Watched> {
  readonly clock: Clock;
  /** How often to check, in ms. */
  readonly intervalMs: number;
  readonly assess: () => Health;
  readonly tell: (health: Health) => void;
}

/**
 * Checks the health at each change and at intervals. Reports it at once when the status changes, and a moment later
 * when more instruments are dark than at the last report, or none are any more.
 */
export class HealthWatch<Health extends Watched> {
  readonly #options: HealthWatchOptions<Health>;
  readonly #settling: Timer;
  #timer: unknown;
  #isOn = false;
  #status: Health['status'] = 'critical';
  /** The fewest dark instruments since the last report. */
  #dark = 0;
  #isSettling = false;

  constructor(options: HealthWatchOptions<Health>) {
    this.#options = options;
    this.#settling = new Timer(options.clock);
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
    this.#dark = 0;
    this.#settled();
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** Checks now; no effect while stopped. */
  look(): void {
    if (!this.#isOn) return;
    const health = this.#options.assess();
    if (health.status !== this.#status) this.#tell(health);
    else if (this.#isNews(health)) this.#settle();
    else this.#dark = health.darkSymbols;
  }

  #isNews({ darkSymbols }: Health): boolean {
    return darkSymbols > this.#dark || (darkSymbols === 0 && this.#dark > 0);
  }

  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#settling.set(SETTLE_MS, () => {
      this.#isSettling = false;
      const health = this.#options.assess();
      if (health.status !== this.#status || this.#isNews(health)) this.#tell(health);
    });
  }

  #settled(): void {
    this.#isSettling = false;
    this.#settling.clear();
  }

  #tell(health: Health): void {
    this.#settled();
    this.#status = health.status;
    this.#dark = health.darkSymbols;
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
