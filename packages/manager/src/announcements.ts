import { Listeners } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { HealthSummary } from './health.js';
import { HealthWatch } from './health-watch.js';

/** A manager's own events. */
export interface Announced<Health> {
  /** The health, when its status changes. */
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
export class Announcements<Health extends Pick<HealthSummary, 'status'>> {
  readonly #options: AnnouncementsOptions<Health>;
  readonly #listeners: Listeners<Announced<Health>>;
  readonly #health: HealthWatch<Health>;
  #unplaced: readonly number[] = [];

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
        this.#listeners.emit('health', health);
      },
    });
  }

  on<Type extends keyof Announced<Health>>(
    type: Type,
    listener: (event: Announced<Health>[Type]) => unknown,
  ): () => void {
    return this.#listeners.on(type, listener);
  }

  /** Starts to check the health. */
  start(): void {
    this.#health.start();
  }

  stop(): void {
    this.#health.stop();
  }

  /** A connection's state or the placement has changed. */
  changed(): void {
    const unplaced = this.#options.unplaced();
    if (!isSameList(unplaced, this.#unplaced)) {
      this.#unplaced = unplaced;
      this.#listeners.emit('unplaced', unplaced);
    }
    this.#health.look();
  }
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
