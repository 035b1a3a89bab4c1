import type { Plan } from '../plan/plan.js';

/** A disturbance has settled when this long has passed without another one, in milliseconds. */
const SETTLES_MS = 3000;

/** Tells when nothing is under way, from the plan and from what the sockets do. */
export class Quiet {
  /** Each fault and action from its start to its end, ordered by start. */
  readonly #disturbances: readonly { readonly from: number; readonly to: number }[];
  #next = 0;
  #disturbedUntil = 0;

  constructor({ faults, actions }: Plan) {
    this.#disturbances = [
      ...faults.faults.map((fault) => ({ from: fault.at, to: fault.at + lengthOf(fault) })),
      ...actions.map(({ at }) => ({ from: at, to: at })),
    ].sort((a, b) => a.from - b.from);
  }

  /**
   * How long nothing has happened, in milliseconds; 0 until things have settled. Call it with increasing times.
   *
   * @param lastChangeAt when the client last got or left a socket
   */
  since(now: number, lastChangeAt: number): number {
    for (let next = this.#disturbances[this.#next]; next && next.from <= now;) {
      this.#disturbedUntil = Math.max(this.#disturbedUntil, next.to);
      next = this.#disturbances[++this.#next];
    }
    const quiet = now - Math.max(this.#disturbedUntil, lastChangeAt);
    return quiet >= SETTLES_MS ? quiet : 0;
  }
}

/** How long a fault lasts by its plan. What it leads to shows at the sockets. */
function lengthOf(fault: object): number {
  const { forMs = 0, loginAfterMs = 0 } = fault as { forMs?: number; loginAfterMs?: number };
  return forMs + loginAfterMs;
}
