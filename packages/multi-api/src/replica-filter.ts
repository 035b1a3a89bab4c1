import type { Clock, Tick } from '@kite/manager';

import { ReplicaLog } from './replica-log.js';

/** Lets each tick of a replicated instrument through once. Instruments that one account alone streams cost nothing. */
export class ReplicaFilter {
  readonly #clock: Clock;
  readonly #logs = new Map<number, ReplicaLog>();
  /** When an account last lost a connection, on the monotonic clock. */
  readonly #lostAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on these accounts stream the instrument; fewer than two: nothing is filtered. */
  sync(token: number, ids: readonly string[]): void {
    if (ids.length < 2) {
      this.#logs.delete(token);
      return;
    }
    let log = this.#logs.get(token);
    if (!log) this.#logs.set(token, (log = new ReplicaLog()));
    log.sync(ids);
  }

  /** A connection of this account is lost. */
  lost(id: string): void {
    this.#lostAt.set(id, this.#clock.monotonic());
  }

  /** The ticks of one account's frame that nobody has brought before: the same array where that is all of them. */
  filter(id: string, ticks: Tick[]): Tick[] {
    if (this.#logs.size === 0) return ticks;
    const now = this.#clock.monotonic();
    const lostAt = (other: string): number => this.#lostAt.get(other) ?? -Infinity;
    const fresh = ticks.filter(
      (tick) => this.#logs.get(tick.instrumentToken)?.accept(id, tick, now, lostAt) ?? true,
    );
    return fresh.length === ticks.length ? ticks : fresh;
  }
}
