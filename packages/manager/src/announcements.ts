import { Listeners } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { HealthSummary } from './health.js';
import { HealthWatch } from './health-watch.js';

/** What a manager says of itself. */
export interface Announced<Health> {
  /** The health, when its status changes. */
  health: Health;
  /** The instruments that are unplaced now, when they change: no connection that streams has room for them. */
  unplaced: readonly number[];
}

/** What announcements are made of. */
export interface AnnouncementsOptions<Health> {
  clock: Clock;
  /** How often the health is looked at, in ms. */
  intervalMs: number;
  health(): Health;
  unplaced(): readonly number[];
  /** A listener has failed. */
  listenerFailed(cause: unknown, type: string): void;
}

/** The events that a manager has of its own: `health` and `unplaced`, each when it changes. */
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

  /** Looks at the health from now on. */
  start(): void {
    this.#health.start();
  }

  stop(): void {
    this.#health.stop();
  }

  /** A connection's state has changed, or where instruments are. */
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
