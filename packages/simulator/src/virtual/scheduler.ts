import { KiteError } from '@kite/protocol';

import type { SeededRandom } from '../random.js';
import { Lane } from './lane.js';
import { eachTurn } from './turn.js';
import { quantized } from './virtual-time.js';

/** No day has this many events at one time; an endless loop does. */
const MOST_EVENTS_AT_ONCE = 1_000_000;

/**
 * The one queue of everything, in virtual time. The earliest event runs next; the seed decides between lanes with
 * events at the same time. After each event all promise chains settle before the next.
 */
export class Scheduler {
  readonly #random: SeededRandom;
  readonly #observe: (lane: Lane, time: number) => void;
  readonly #mostAtOnce: number;
  #lanes: Lane[] = [];
  #lastId = -1;
  #time = 0;
  #eventsNow = 0;
  #isRunning = false;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param random breaks ties between lanes
   * @param observe called with each event before it runs
   * @param mostAtOnce this many events at one time count as an endless loop
   */
  constructor(
    random: SeededRandom,
    observe: (lane: Lane, time: number) => void,
    mostAtOnce = MOST_EVENTS_AT_ONCE,
  ) {
    this.#random = random;
    this.#observe = observe;
    this.#mostAtOnce = mostAtOnce;
  }

  /** Milliseconds since the world began. */
  get time(): number {
    return this.#time;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** @param crashed called with what an event has thrown; without it, the error ends {@link run} */
  addLane(name: string, crashed?: (error: unknown) => void): Lane {
    const lane = new Lane(name, ++this.#lastId, crashed ?? ((error) => (this.#failure = { error })));
    this.#lanes.push(lane);
    return lane;
  }

  /** Drops a lane and its events. */
  removeLane(lane: Lane): void {
    lane.kill();
    this.#lanes = this.#lanes.filter((other) => other !== lane);
  }

  /**
   * Runs events until `isDone` holds or the time is reached; unless done earlier, the time is then `until`.
   *
   * @returns whether it was done
   * @throws what an event threw in a lane without `crashed`
   * @throws KiteError `KITE_SIMULATOR_DAY_STUCK`
   */
  run(until: number, isDone: () => boolean): Promise<boolean> {
    this.#isRunning = true;
    const end = quantized(until);
    return new Promise<boolean>((resolve, reject) => {
      eachTurn(() => {
        try {
          if (!this.#settledAt(end, isDone, resolve)) return true;
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it was thrown
          reject(error);
        }
        this.#isRunning = false;
        return false;
      });
    });
  }

  /** Runs the next event; or, if the run is over, resolves the promise and returns true. */
  #settledAt(until: number, isDone: () => boolean, resolve: (done: boolean) => void): boolean {
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (isDone()) {
      resolve(true);
      return true;
    }
    const lane = this.#next(until);
    if (lane === undefined) {
      this.#time = Math.max(this.#time, until);
      resolve(false);
      return true;
    }
    this.#moveTo(Math.max(this.#time, lane.dueAt));
    this.#observe(lane, this.#time);
    lane.runNext();
    return false;
  }

  #moveTo(time: number): void {
    if (time > this.#time) this.#eventsNow = 0;
    else if (++this.#eventsNow > this.#mostAtOnce)
      throw new KiteError(
        'KITE_SIMULATOR_DAY_STUCK',
        `more than ${this.#mostAtOnce} events at ${time} ms: they set each other, and time cannot go on`,
      );
    this.#time = time;
  }

  /** The lane with the next event, if one is due by then. */
  #next(until: number): Lane | undefined {
    let earliest: Lane | undefined;
    let dueAt = until;
    let equals = 1;
    for (const lane of this.#lanes) {
      const due = lane.dueAt;
      // Late events count as due now, among the others that are due now.
      const at = due < this.#time ? this.#time : due;
      if (at > dueAt || at === Infinity) continue;
      if (earliest === undefined || at < dueAt) equals = 1;
      else if (this.#random.integer(++equals) !== 0) continue;
      earliest = lane;
      dueAt = at;
    }
    return earliest;
  }
}
