import { Listeners } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { HealthSummary } from './health.js';
import { HealthWatch } from './health-watch.js';

/** A manager's own events. */
export interface Announced<Health> {
  /** The health, when its status changes, when more instruments are not streamed, or when none are any more. */
  health: Health;
  /** The unplaced instruments, on each change: no streaming connection has room for them. */
  unplaced: readonly number[];
}

/** What announcements need. */
export interface AnnouncementsOptions<Health> {
  clock: Clock;
  /** How often to check the health, in ms. */
  intervalMs: number;
  health(): Health;
  unplaced(): readonly number[];
  /** A listener has failed. */
  listenerFailed(cause: unknown, type: string): void;
}

/** Raises a manager's own events, `health` and `unplaced`, when they change. */
export class Announcements<Health extends Pick<HealthSummary, 'status' | 'darkSymbols'>> {
  readonly #options: AnnouncementsOptions<Health>;
  readonly #listeners: Listeners<Announced<Health>>;
  readonly #health: HealthWatch<Health>;
  /** The newest of each event: a listener that calls back while it is raised makes a newer one. */
  readonly #newest: Partial<Announced<Health>> = {};
  #unplaced: readonly number[] = [];
  /** How many acts of {@link after} are under way. */
  #acts = 0;
  #isDue = false;

  constructor(options: AnnouncementsOptions<Health>) {
    this.#options = options;
    this.#listeners = new Listeners((cause, type) => {
      options.listenerFailed(cause, type);
    });
    this.#health = new HealthWatch({
      clock: options.clock,
      intervalMs: options.intervalMs,
      assess: () => options.health(),
      tell: (health) => {
        this.#emit('health', health);
      },
    });
  }

  on<Type extends keyof Announced<Health>>(
    type: Type,
    listener: (event: Announced<Health>[Type]) => unknown,
  ): () => void {
    // Those that come after a listener that called back have been given the newer one already.
    return this.#listeners.on(type, (event) => (event === this.#newest[type] ? listener(event) : undefined));
  }

  /** Starts to check the health. */
  start(): void {
    this.#health.start();
  }

  stop(): void {
    this.#health.stop();
  }

  /** Runs the act, and raises after it what it has changed: a listener that calls back finds everything in place. */
  after(act: () => void): void {
    this.#acts++;
    try {
      act();
    } finally {
      this.#acts--;
      if (this.#isDue) this.changed();
    }
  }

  /** A connection's state or the placement has changed. */
  changed(): void {
    this.#isDue = this.#acts > 0;
    if (this.#isDue) return;
    const unplaced = this.#options.unplaced();
    if (!isSameList(unplaced, this.#unplaced)) {
      this.#unplaced = unplaced;
      this.#emit('unplaced', unplaced);
    }
    this.#health.look();
  }

  #emit<Type extends keyof Announced<Health>>(type: Type, event: Announced<Health>[Type]): void {
    this.#newest[type] = event;
    this.#listeners.emit(type, event);
  }
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
