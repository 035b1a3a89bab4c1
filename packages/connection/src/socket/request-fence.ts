import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** After this time, in ms, nothing sent before a request is under way any more, whatever the server answers. */
const UNDER_WAY_MS = 15_000;

/**
 * Knows when an open socket begins to deliver what the server sent after a request. Kite acknowledges no request, but
 * answers pings in order: the answer to a ping sent just before a request comes behind everything that the server had
 * sent before.
 */
export class RequestFence {
  readonly #timer: Timer;
  readonly #passed: (revision: number) => void;
  /** Unanswered pings, in order: the revision of the request behind each, or undefined if there is none. */
  #pings: (number | undefined)[] = [];

  /** @param passed what comes from now on was sent after the request with this revision */
  constructor(clock: Clock, passed: (revision: number) => void) {
    this.#timer = new Timer(clock);
    this.#passed = passed;
  }

  /** The newest revision waited for; undefined: none. */
  get newest(): number | undefined {
    return this.#pings.filter((revision) => revision !== undefined).at(-1);
  }

  /** A ping was sent without a request behind it. */
  pinged(): void {
    this.#pings.push(undefined);
  }

  /** A ping was sent, and the request with this revision follows. */
  raise(revision: number): void {
    this.#pings.push(revision);
    this.#timer.set(UNDER_WAY_MS, () => {
      this.#pings = [];
      this.#passed(revision);
    });
  }

  /** A ping was answered. Returns whether a request followed it. */
  answered(): boolean {
    const revision = this.#pings.shift();
    if (revision === undefined) return false;
    if (this.newest === undefined) this.#timer.clear();
    this.#passed(revision);
    return true;
  }

  /** The socket is gone, with everything under way. */
  clear(): void {
    this.#timer.clear();
    this.#pings = [];
  }
}
