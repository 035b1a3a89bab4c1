import type { Clock, Tick } from '@kite/protocol';

import { type Released, ReplicaLog } from './replica-log.js';

/** Lets each tick of a replicated instrument through once. Instruments that one account alone streams cost nothing. */
export class ReplicaFilter {
  readonly #clock: Clock;
  readonly #replicas: number;
  readonly #logs = new Map<number, ReplicaLog>();
  /** Logs of instruments that have only one stream left, until it has caught up. */
  readonly #ending = new Set<number>();

  /** @param replicas how many streams an instrument is to have; with several, one that has one for now is watched as well */
  constructor(clock: Clock, replicas: number) {
    this.#clock = clock;
    this.#replicas = replicas;
  }

  /** Instruments that are watched over. */
  get size(): number {
    return this.#logs.size;
  }

  /**
   * From now on the streams of these accounts are copies of each other.
   *
   * @param isStreaming whether an account has streamed it before
   * @returns what has waited for accounts that are gone
   */
  sync(
    token: number,
    ids: readonly string[],
    isStreaming: (id: string, token: number) => boolean,
  ): readonly Released[] {
    this.#ending.delete(token);
    if (ids.length === 0) {
      this.#logs.delete(token);
      return [];
    }
    if (ids.length === 1 && this.#replicas === 1) {
      if (this.#logs.has(token)) this.#ending.add(token);
    } else if (!this.#logs.has(token)) {
      const leading = ids.filter((id) => isStreaming(id, token));
      this.#logs.set(token, new ReplicaLog(leading, this.#clock.monotonic()));
    }
    return this.#logs.get(token)?.sync(ids, this.#clock.monotonic()) ?? [];
  }

  /**
   * The connection on which an account streams these instruments is lost.
   *
   * @returns what has waited for it
   */
  lost(id: string, tokens: Iterable<number>): Released[] {
    const now = this.#clock.monotonic();
    const released: Released[] = [];
    for (const token of tokens) released.push(...(this.#logs.get(token)?.lost(id, now) ?? []));
    return released;
  }

  /** It is back. */
  joined(id: string, tokens: Iterable<number>): void {
    for (const token of tokens) this.#logs.get(token)?.joined(id);
  }

  /** What is new now that an account has brought these ticks: the same array where that is all of them. */
  filter(id: string, ticks: Tick[]): Tick[] {
    if (this.#logs.size === 0) return ticks;
    const now = this.#clock.monotonic();
    const fresh: Tick[] = [];
    let isSame = true;
    for (const tick of ticks) {
      const log = this.#logs.get(tick.instrumentToken);
      if (!log) {
        fresh.push(tick);
        continue;
      }
      const accepted = log.accept(id, tick, now);
      isSame &&= accepted.length === 1 && accepted[0] === tick;
      fresh.push(...accepted);
      this.#endIfComplete(tick.instrumentToken, id, log);
    }
    return isSame ? ticks : fresh;
  }

  #endIfComplete(token: number, id: string, log: ReplicaLog): void {
    if (this.#ending.has(token) && log.hasAll(id) && this.#ending.delete(token)) this.#logs.delete(token);
  }
}
