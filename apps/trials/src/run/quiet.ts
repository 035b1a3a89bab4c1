import type { Plan } from '../plan/plan.js';

/** What has happened is over when nothing else has for so long. */
const SETTLES_MS = 3000;

/** When nothing is under way, by the plan and by what the sockets do. */
export class Quiet {
  /** Each fault and each action, with its end, by its beginning. */
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
   * For how long nothing has happened; 0 until it has settled. Times only go on.
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

/** How long a fault lasts, as its plan says. What it leads to is seen by the sockets. */
function lengthOf(fault: object): number {
  const { forMs = 0, loginAfterMs = 0 } = fault as { forMs?: number; loginAfterMs?: number };
  return forMs + loginAfterMs;
}
